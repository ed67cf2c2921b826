#include "remedy/diff.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "json/write.h"
#include "x509/pool.h"
#include "x509/text.h"

namespace gatepost::remedy {
namespace {

constexpr std::size_t longest_value = 300;
constexpr std::size_t most_certificates = 6;
constexpr std::size_t fingerprint_digits = 16;

bool in_secret(const Path& path, std::string_view kind) {
  return kind == "Secret" && !path.empty() &&
         (path.front().key == "data" || path.front().key == "stringData" ||
          (path.size() > 2 && path[1].key == "annotations" && path[2].key.find("last-applied") != std::string::npos));
}

std::string describe_base64(const json::Value& value, std::string_view otherwise) {
  if (!value.is_string()) return std::string(otherwise);
  const std::string_view text = json::view(value.get_string());
  if (text.empty()) return "empty";
  auto bytes = base64::decode(text);
  if (!bytes) return fmt::format("{} characters, no base64", text.size());
  x509::Pool pool;
  if (pool.add_pem(*bytes)) return describe_pem(*bytes);
  return fmt::format("{}, {} bytes", otherwise, bytes->size());
}

// A copy of a whole webhook entry or object in which no caBundle shows.
void veil(json::Value& value) {
  if (value.is_array())
    for (json::Value& item : value.get_array()) veil(item);
  if (!value.is_object()) return;
  for (auto& [key, member] : value.get_object()) {
    if (key == "caBundle")
      member = describe_base64(member, "a caBundle");
    else
      veil(member);
  }
}

}  // namespace

std::string describe_pem(std::string_view pem) {
  x509::Pool pool;
  pool.add_pem(pem);
  const auto& all = pool.certificates();
  std::string out = fmt::format("{} certificate{}", all.size(), all.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < all.size() && i < most_certificates; ++i)
    out += fmt::format("{} {}, sha256 {}, until {}", i == 0 ? ":" : ";", all[i]->subject.text(),
                       all[i]->sha256_fingerprint().substr(0, fingerprint_digits), x509::date_text(all[i]->not_after));
  return out;
}

std::string shown(const Path& path, const json::Value& value, std::string_view kind) {
  if (!path.empty() && path.back().key == "caBundle") return describe_base64(value, "a caBundle that is no PEM");
  if (in_secret(path, kind)) {
    const bool key = !path.empty() && path.back().key.find("key") != std::string::npos;
    if (path.size() < 2 || key || !value.is_string()) return "(secret)";
    return describe_base64(value, "(secret)");
  }
  json::Value copy(value, json::Storage());
  veil(copy);
  std::string out = json::write(copy);
  if (out.size() > longest_value) out = out.substr(0, longest_value) + "...";
  return out;
}

std::vector<std::string> diff_of(const Step& step) {
  std::vector<std::string> out;
  if (step.action == Action::remove) out.push_back("- the whole object");
  if (step.action == Action::create && step.after) {
    out.push_back("+ a new object");
    if (const json::Value* spec = json::find(*step.after, "spec"))
      out.push_back("+ spec: " + shown({{"spec"}}, *spec, step.object.kind));
  }
  if (step.action != Action::update || !step.before || !step.after) return out;
  std::vector<Change> changes = changes_between(*step.before, *step.after);
  if (step.subresource == "status") {
    const json::Value none(json::Object{});
    const json::Value* before = json::find(*step.before, "status");
    const json::Value* after = json::find(*step.after, "status");
    for (Change& change : changes_between(before ? *before : none, after ? *after : none)) {
      change.path.insert(change.path.begin(), {"status"});
      changes.push_back(std::move(change));
    }
  }
  for (const Change& change : changes) {
    const std::string path = path_text(change.path);
    if (change.before) out.push_back("- " + path + ": " + shown(change.path, *change.before, step.object.kind));
    if (change.after) out.push_back("+ " + path + ": " + shown(change.path, *change.after, step.object.kind));
  }
  return out;
}

}  // namespace gatepost::remedy
