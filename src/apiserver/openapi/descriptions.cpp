#include "apiserver/openapi/descriptions.h"

#include <map>
#include <string>

#include "embedded/descriptions.h"

namespace gatepost::apiserver {
namespace {

using Descriptions = std::map<std::string, std::string_view, std::less<>>;

// "Pod: text" and "Pod.spec: text", a line each; # begins a comment.
Descriptions read_descriptions(std::string_view text) {
  constexpr std::string_view separator = ": ";
  Descriptions out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    std::size_t colon = line.find(separator);
    if (line.starts_with('#') || colon == std::string_view::npos) continue;
    out.emplace(line.substr(0, colon), line.substr(colon + separator.size()));
  }
  return out;
}

std::string_view last_part(std::string_view definition) {
  return definition.substr(definition.rfind('.') + 1);
}

std::string text_of(const Descriptions& known, const std::string& type, std::string_view field) {
  for (const std::string& owner : {type, std::string("*")})
    if (auto found = known.find(owner + "." + std::string(field)); found != known.end())
      return std::string(found->second);
  return "The field " + std::string(field) + " of " + type + ".";
}

}  // namespace

void describe(json::Object& definitions) {
  const Descriptions known = read_descriptions(embedded::descriptions().front().bytes);
  for (auto& entry : definitions) {
    if (!entry.value().is_object()) continue;
    json::Object& definition = entry.value().get_object();
    std::string type(last_part(entry.key()));
    auto found = known.find(type);
    definition["description"] = found != known.end() ? std::string(found->second) : "The type " + type + ".";
    json::Value* properties = definition.if_contains("properties");
    if (!properties || !properties->is_object()) continue;
    for (auto& property : properties->get_object())
      if (property.value().is_object())
        property.value().get_object()["description"] = text_of(known, type, property.key());
  }
}

}  // namespace gatepost::apiserver
