#include "apiserver/negotiate.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace gatepost::apiserver {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> out;
  for (;;) {
    std::size_t at = text.find(by);
    out.push_back(trim(text.substr(0, at)));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

// One element of Accept -> the format it asks for, if it can be served.
std::optional<Format> read_clause(std::string_view clause) {
  std::vector<std::string_view> parts = split(clause, ';');
  Format format;
  std::string_view type = parts[0];
  if (type == "application/json" || type == "application/*" || type == "*/*")
    format.encoding = Format::Encoding::json;
  else if (type == "application/yaml")
    format.encoding = Format::Encoding::yaml;
  else
    return std::nullopt;
  std::string_view as, group, version;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    std::size_t equals = parts[i].find('=');
    if (equals == std::string_view::npos) continue;
    std::string_view key = trim(parts[i].substr(0, equals)), value = trim(parts[i].substr(equals + 1));
    if (key == "as") as = value;
    if (key == "g") group = value;
    if (key == "v") version = value;
    if (key == "pretty") format.pretty = value != "0";
  }
  if (as.empty()) return format;
  if (group != "meta.k8s.io" || (version != "v1" && version != "v1beta1")) return std::nullopt;
  if (as == "Table")
    format.form = Format::Form::table;
  else if (as == "PartialObjectMetadata" || as == "PartialObjectMetadataList")
    format.form = Format::Form::partial;
  else
    return std::nullopt;
  return format;
}

// kube-apiserver indents for people: browsers, curl and wget, unless the query says otherwise.
bool wants_pretty(std::string_view user_agent, std::string_view parameter) {
  if (!parameter.empty()) return parameter != "0" && parameter != "false";
  return user_agent.starts_with("curl") || user_agent.starts_with("Wget") || user_agent.starts_with("Mozilla/5.0");
}

}  // namespace

bool accepts_gzip(std::string_view encodings) {
  while (!encodings.empty()) {
    std::string_view one = encodings.substr(0, encodings.find(','));
    encodings.remove_prefix(std::min(encodings.size(), one.size() + 1));
    one = one.substr(0, one.find(';'));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one == "gzip") return true;
  }
  return false;
}

kube::ApiResult<Format> negotiate(std::string_view accept, std::string_view user_agent,
                                  std::string_view pretty_parameter) {
  std::optional<Format> chosen;
  if (trim(accept).empty()) chosen = Format{};
  for (std::string_view clause : split(accept, ',')) {
    if (chosen) break;
    chosen = read_clause(clause);
  }
  if (!chosen)
    return fail_with(
        kube::not_acceptable("only the following media types are accepted: application/json, application/yaml, "
                             "application/vnd.kubernetes.protobuf"));
  chosen->pretty = chosen->pretty || wants_pretty(user_agent, pretty_parameter);
  return *chosen;
}

}  // namespace gatepost::apiserver
