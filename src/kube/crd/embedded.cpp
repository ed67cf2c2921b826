#include "kube/crd/embedded.h"

#include <algorithm>

#include "formats/names.h"
#include "kube/crd/value_error.h"
#include "kube/schema/object.h"
#include "kube/validation/metadata.h"

namespace gatepost::kube::crd {
namespace {

std::string child(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// Walks to every value of a schema that is an embedded resource.
template <class Value, class Visit>
Result<void> walk(Value& value, const Schema& schema, const std::string& path, bool root, Visit& visit) {
  if (value.is_array()) {
    if (!schema.items) return {};
    std::size_t i = 0;
    for (auto& item : value.get_array())
      if (auto walked = walk(item, *schema.items, path + "[" + std::to_string(i++) + "]", false, visit); !walked)
        return walked;
    return {};
  }
  if (!value.is_object()) return {};
  if (schema.embedded && !root)
    if (auto visited = visit(value, path); !visited) return visited;
  for (auto& member : value.get_object()) {
    std::string_view key = member.key();
    auto found = schema.properties.find(key);
    if (found != schema.properties.end()) {
      if (auto walked = walk(member.value(), found->second, child(path, key), false, visit); !walked) return walked;
    } else if (schema.additional) {
      std::string below = path + "[" + std::string(key) + "]";
      if (auto walked = walk(member.value(), *schema.additional, below, false, visit); !walked) return walked;
    }
  }
  return {};
}

bool has_embedded(const Schema& schema) {
  if (schema.embedded) return true;
  if (schema.items && has_embedded(*schema.items)) return true;
  if (schema.additional && has_embedded(*schema.additional)) return true;
  return std::any_of(schema.properties.begin(), schema.properties.end(),
                     [](const auto& property) { return has_embedded(property.second); });
}

void invalid(std::vector<FieldError>& errors, const std::string& path, const std::string& shown,
             const std::string& detail) {
  errors.push_back({"FieldValueInvalid", path, "Invalid value: " + shown + ": " + detail});
}

void validate_api_version(std::vector<FieldError>& errors, const json::Value& value, const std::string& path) {
  if (!value.is_string()) return invalid(errors, path, shown_value(value), "must be a string");
  std::string_view text = json::view(value.get_string());
  if (text.empty()) return invalid(errors, path, "\"\"", "must not be empty");
  if (std::count(text.begin(), text.end(), '/') > 1)
    invalid(errors, path, shown_value(value), "unexpected GroupVersion string: " + std::string(text));
}

void validate_kind(std::vector<FieldError>& errors, const json::Value& value, const std::string& path) {
  if (!value.is_string()) return invalid(errors, path, shown_value(value), "must be a string");
  std::string_view text = json::view(value.get_string());
  if (text.empty()) return invalid(errors, path, "\"\"", "must not be empty");
  if (auto complaints = formats::dns1035_label(lower(text)); !complaints.empty())
    invalid(errors, path, shown_value(value),
            "may have mixed case, but should otherwise match: " + formats::joined(complaints, ","));
}

void validate_metadata_at(std::vector<FieldError>& errors, const json::Value& object, const std::string& path) {
  json::Value holder = json::Object{{"metadata", *json::find(object, "metadata")}};
  json::Value& metadata = holder.get_object()["metadata"];
  // A name is not asked for here.
  if (metadata.is_object() && json::string_at(metadata, {"name"}).empty()) metadata.get_object()["name"] = "fakename";
  Errors found;
  Field root(&holder);
  validate_metadata(found, root["metadata"], !json::string_at(metadata, {"namespace"}).empty(), formats::path_segment);
  for (FieldError& error : found.take()) {
    error.field = child(path, error.field);
    errors.push_back(std::move(error));
  }
}

}  // namespace

Result<void> decode_metadata(json::Value& object, const std::string& prefix, std::vector<std::string>* unknown) {
  json::Value* metadata = object.get_object().if_contains("metadata");
  if (!metadata) return {};
  // ConfigMap is a kind whose metadata is decoded as every object's.
  json::Storage memory = metadata->storage();
  json::Object holder(memory);
  holder["metadata"] = std::move(*metadata);
  json::Value as_object(std::move(holder), memory);
  auto decoded =
      kube::decode(as_object, {"", "v1", "ConfigMap"}, unknown ? FieldValidation::warn : FieldValidation::ignore);
  if (!decoded) {
    // Metadata alone has no path above it.
    std::string text = decoded.error().text;
    if (std::size_t at = text.find(".metadata"); at != std::string::npos) text.erase(at, 9);
    return fail(text);
  }
  object.get_object()["metadata"] = std::move(as_object.get_object()["metadata"]);
  if (!unknown) return {};
  constexpr std::string_view mark = "unknown field \"";
  for (const std::string& warning : decoded->warnings)
    if (warning.starts_with(mark))
      unknown->push_back(
          child(prefix, std::string_view(warning).substr(mark.size(), warning.size() - mark.size() - 1)));
  return {};
}

Result<void> decode_embedded(json::Value& value, const Schema& schema, std::vector<std::string>* unknown) {
  if (!has_embedded(schema)) return {};
  auto visit = [unknown](json::Value& object, const std::string& path) -> Result<void> {
    for (const char* field : {"apiVersion", "kind"})
      if (const json::Value* text = json::find(object, field); text && !text->is_string())
        return fail(child(path, field) + ": Invalid value: " + shown_value(*text) + ": must be a string");
    std::string shown;
    if (const json::Value* metadata = json::find(object, "metadata")) shown = shown_value(*metadata);
    auto decoded = decode_metadata(object, path, unknown);
    if (decoded) return {};
    return fail(child(path, "metadata") + ": Invalid value: " + shown + ": " + decoded.error().text);
  };
  return walk(value, schema, "", true, visit);
}

std::vector<FieldError> validate_embedded(const json::Value& value, const Schema& schema, const std::string& start) {
  std::vector<FieldError> errors;
  if (!has_embedded(schema)) return errors;
  auto visit = [&errors](const json::Value& object, const std::string& path) -> Result<void> {
    for (const char* field : {"apiVersion", "kind"})
      if (!json::find(object, field)) errors.push_back({"FieldValueRequired", child(path, field), "Required value"});
    if (const json::Value* text = json::find(object, "apiVersion"))
      validate_api_version(errors, *text, child(path, "apiVersion"));
    if (const json::Value* text = json::find(object, "kind")) validate_kind(errors, *text, child(path, "kind"));
    if (json::find(object, "metadata")) validate_metadata_at(errors, object, path);
    return {};
  };
  (void)walk(value, schema, start, start.empty(), visit);
  return errors;
}

}  // namespace gatepost::kube::crd
