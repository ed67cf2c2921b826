#include "kube/patch/json_pointer.h"

#include <charconv>

namespace gatepost::kube {
namespace {

std::string decoded_key(std::string_view key) {
  std::string out;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] == '~' && i + 1 < key.size() && (key[i + 1] == '0' || key[i + 1] == '1')) {
      out.push_back(key[i + 1] == '0' ? '~' : '/');
      ++i;
    } else {
      out.push_back(key[i]);
    }
  }
  return out;
}

const json::Value* child(const json::Value& container, const std::string& key) {
  if (container.is_object()) return container.get_object().if_contains(key);
  auto place = array_place(key, container.get_array().size());
  return place ? &container.get_array()[*place] : nullptr;
}

}  // namespace

Result<std::int64_t> parse_index(std::string_view text) {
  std::int64_t value = 0;
  std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size())
    return fail("strconv.Atoi: parsing \"" + std::string(text) + "\": invalid syntax");
  return value;
}

Result<std::size_t> array_place(std::string_view key, std::size_t size) {
  auto index = parse_index(key);
  if (!index) return fail_with(std::move(index.error()));
  std::int64_t at = *index, count = static_cast<std::int64_t>(size);
  if (at >= count || at < -count)
    return fail("Unable to access invalid index: " + std::to_string(at) + ": invalid index referenced");
  return static_cast<std::size_t>(at < 0 ? at + count : at);
}

Place find_place(json::Value& document, std::string_view path) {
  Place place;
  std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return place;
  json::Value* at = &document;
  path.remove_prefix(slash + 1);
  for (;;) {
    slash = path.find('/');
    if (slash == std::string_view::npos) break;
    const json::Value* next = child(*at, decoded_key(path.substr(0, slash)));
    if (!next || !(next->is_object() || next->is_array())) return place;
    at = const_cast<json::Value*>(next);
    path.remove_prefix(slash + 1);
  }
  place.container = at;
  place.key = decoded_key(path);
  return place;
}

}  // namespace gatepost::kube
