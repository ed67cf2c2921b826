#include "kube/crd/cel_schema.h"

#include <algorithm>
#include <array>

namespace gatepost::kube::crd {
namespace {

using Reading = cel::SchemaType::Reading;

// apiserver/pkg/cel/limits.go
constexpr std::int64_t max_request_size = 3 * 1024 * 1024;
constexpr std::int64_t max_duration_size = 32, max_date_time_size = 32, date_size = 12;
constexpr std::int64_t min_duration_size = 3, min_date_time_size = 21, min_string_size = 2;

std::int64_t not_negative(std::int64_t number) {
  return std::max<std::int64_t>(number, 0);
}

// A character may take four bytes.
std::int64_t bytes_of(std::int64_t max_length) {
  return not_negative(max_length) * 4;
}

bool is_type(const Schema& schema, std::string_view name, std::string_view type) {
  auto found = schema.properties.find(name);
  return found != schema.properties.end() && found->second.type == type;
}

bool has_type_and_metadata(const Schema& schema) {
  if (!is_type(schema, "kind", "string") || !is_type(schema, "apiVersion", "string") ||
      !is_type(schema, "metadata", "object"))
    return false;
  const Schema& metadata = schema.properties.find("metadata")->second;
  return is_type(metadata, "name", "string") && is_type(metadata, "generateName", "string");
}

}  // namespace

std::string escaped_name(std::string_view name) {
  static constexpr std::array<std::string_view, 20> reserved{
      "true",     "false", "null",   "in",  "as",   "break",   "const",     "continue", "else", "for",
      "function", "if",    "import", "let", "loop", "package", "namespace", "return",   "var",  "void"};
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return {};
  if (std::find(reserved.begin(), reserved.begin() + 18, name) != reserved.begin() + 18)
    return "__" + std::string(name) + "__";
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if (c == '_' && i + 1 < name.size() && name[i + 1] == '_') {
      out += "__underscores__";
      ++i;
    } else if (c == '.') {
      out += "__dot__";
    } else if (c == '-') {
      out += "__dash__";
    } else if (c == '/') {
      out += "__slash__";
    } else if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
      out.push_back(c);
    } else {
      return {};
    }
  }
  return out;
}

CelTypes::Made CelTypes::scalar(const cel::Type* type, Reading reading, std::int64_t min_size,
                                std::int64_t most_elements) {
  cel::SchemaType& made = add();
  made.type = type;
  made.reading = reading;
  made.most_elements = most_elements;
  return {&made, min_size};
}

CelTypes::Made CelTypes::text(const Schema& schema) {
  if (schema.format == "byte")
    return scalar(cel::bytes_type(), Reading::Bytes, min_string_size,
                  schema.max_length ? not_negative(*schema.max_length) : max_request_size - 2);
  if (schema.format == "duration")
    return scalar(cel::duration_type(), Reading::Duration, min_duration_size, max_duration_size);
  if (schema.format == "date") return scalar(cel::timestamp_type(), Reading::Timestamp, date_size, date_size);
  if (schema.format == "date-time")
    return scalar(cel::timestamp_type(), Reading::Timestamp, min_date_time_size, max_date_time_size);
  std::int64_t most = max_request_size - 2;
  if (schema.max_length) {
    most = bytes_of(*schema.max_length);
  } else if (!schema.enumeration.empty()) {
    most = 0;
    for (const json::Value& choice : schema.enumeration)
      if (choice.is_string()) most = std::max(most, static_cast<std::int64_t>(choice.get_string().size()));
  }
  return scalar(cel::string_type(), Reading::AsIs, min_string_size, most);
}

CelTypes::Made CelTypes::list(const Schema& schema, const std::string& name) {
  if (!schema.items) return {};
  Made items = make(*schema.items, schema.items->embedded, name + ".@idx");
  if (!items.type) return {};
  cel::SchemaType& made = add();
  made.reading = Reading::List;
  made.type = types_.list(items.type->type);
  made.element = items.type;
  made.most_elements =
      schema.max_items ? not_negative(*schema.max_items) : (max_request_size - 2) / (items.min_size + 1);
  if (schema.list_type == "set") made.list_kind = cel::SchemaType::ListKind::Set;
  if (schema.list_type == "map") {
    made.list_kind = cel::SchemaType::ListKind::Map;
    made.list_keys = schema.list_map_keys;
  }
  return {&made, 2};
}

CelTypes::Made CelTypes::object(const Schema& schema, bool root, const std::string& name) {
  if (schema.additional) {
    Made values = make(*schema.additional, schema.additional->embedded, name + ".@elem");
    if (!values.type) return {};
    cel::SchemaType& made = add();
    made.reading = Reading::Map;
    made.type = types_.map(cel::string_type(), values.type->type);
    made.element = values.type;
    made.most_elements =
        schema.max_properties ? not_negative(*schema.max_properties) : (max_request_size - 2) / (values.min_size + 6);
    return {&made, 2};
  }
  cel::SchemaType& made = add();
  made.reading = Reading::Object;
  made.type = types_.object(name);
  made.most_elements = 0;
  std::int64_t min_size = 2;
  auto put = [&](const std::string& field, Made type, bool counted) {
    if (!type.type) return;
    std::string escaped = escaped_name(field);
    if (!escaped.empty()) made.fields[escaped] = {type.type, escaped == field ? std::string() : field};
    if (counted) min_size += static_cast<std::int64_t>(field.size()) + type.min_size + 4;
  };
  bool add_metadata = root && !has_type_and_metadata(schema);
  auto text_field = [&] { return scalar(cel::string_type(), Reading::AsIs, min_string_size, max_request_size - 2); };
  for (const auto& [field, property] : schema.properties) {
    bool required = std::find(schema.required.begin(), schema.required.end(), field) != schema.required.end();
    bool replaced = add_metadata && (field == "kind" || field == "apiVersion" || field == "metadata");
    if (!replaced)
      put(field, make(property, property.embedded, name + "." + field), required && !property.default_value);
  }
  if (add_metadata) {
    for (const char* field : {"kind", "apiVersion"}) put(field, text_field(), false);
    cel::SchemaType& metadata = add();
    metadata.reading = Reading::Object;
    metadata.type = types_.object(name + ".metadata");
    metadata.most_elements = 0;
    for (const char* field : {"name", "generateName"}) metadata.fields[field] = {text_field().type, ""};
    put("metadata", {&metadata, 2}, false);
  }
  return {&made, min_size};
}

CelTypes::Made CelTypes::make(const Schema& schema, bool root, const std::string& name) {
  if (schema.int_or_string)
    return scalar(cel::dyn_type(), Reading::IntOrString, 1,
                  schema.max_length ? bytes_of(*schema.max_length) : max_request_size - 2);
  if (schema.type == "array") return list(schema, name);
  if (schema.type == "object") return object(schema, root, name);
  if (schema.type == "string") return text(schema);
  if (schema.type == "boolean") return scalar(cel::bool_type(), Reading::AsIs, 4);
  if (schema.type == "number") return scalar(cel::double_type(), Reading::Double, 1);
  if (schema.type == "integer") return scalar(cel::int_type(), Reading::AsIs, 1);
  return {};
}

std::optional<cel::SizeEstimate> SchemaSizes::size(const std::vector<std::string>& path, const cel::Type&) const {
  if (path.empty()) return std::nullopt;
  const cel::SchemaType* at = &self_;
  for (std::size_t i = 1; i < path.size(); ++i) {
    const std::string& name = path[i];
    if (name == "@keys") {
      // Keys have no bound of their own.
      if (at->reading != Reading::Map || i + 1 != path.size()) return std::nullopt;
      return cel::SizeEstimate{0, 0};
    }
    if (name == "@items" || name == "@values") {
      at = at->element;
    } else {
      auto found = at->fields.find(name);
      at = found == at->fields.end() ? nullptr : found->second.schema;
    }
    if (!at) return std::nullopt;
  }
  return cel::SizeEstimate{0, at->most_elements < 0 ? UINT64_MAX : static_cast<std::uint64_t>(at->most_elements)};
}

}  // namespace gatepost::kube::crd
