#include "kube/internal_types/table.h"

#include <unordered_map>

#include "embedded/internal_types.h"
#include "kube/schema/types.h"

namespace gatepost::kube {
namespace {

using Table = std::unordered_map<std::string_view, InternalStruct>;

std::string_view take(std::string_view& text, char separator) {
  std::size_t end = text.find(separator);
  std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

InternalField read_field(std::string_view line) {
  InternalField field;
  field.name = take(line, ' ');
  field.older = take(line, ' ');
  field.from = take(field.older, '|');
  field.type = take(line, ' ');
  while (!line.empty()) {
    std::string_view word = take(line, ' ');
    if (word == "omitempty") field.omit_empty = true;
    if (word == "omitzero") field.omit_zero = true;
    if (word == "always") field.always = true;
  }
  return field;
}

Table make_table() {
  Table table;
  for (InternalStruct& type : read_internal_types(embedded::internal_types().front().bytes))
    table.emplace(type.definition, std::move(type));
  return table;
}

}  // namespace

std::vector<InternalStruct> read_internal_types(std::string_view text) {
  std::vector<InternalStruct> types;
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    if (line.starts_with("type ")) {
      line.remove_prefix(5);
      types.push_back({take(line, ' '), {}});
    } else if (line.starts_with("  ") && !types.empty()) {
      types.back().fields.push_back(read_field(line.substr(2)));
    }
  }
  return types;
}

const InternalStruct* internal_struct(std::string_view definition) {
  static const Table table = make_table();
  auto found = table.find(definition);
  return found == table.end() ? nullptr : &found->second;
}

std::string_view internal_type_of(const json::Value& object) {
  const Schema* schema = schema_of(object);
  const InternalStruct* structure = schema ? internal_struct(schema->definition) : nullptr;
  return structure ? structure->definition : std::string_view();
}

std::string_view internal_type_of_field(std::string_view type, std::string_view name) {
  if (type.starts_with('*')) type.remove_prefix(1);
  const InternalStruct* structure = internal_struct(type);
  if (!structure) return {};
  for (const InternalField& field : structure->fields) {
    if (field.from == name) return field.type;
    if (field.from == ".")
      if (std::string_view inner = internal_type_of_field(field.type, name); !inner.empty()) return inner;
  }
  return {};
}

std::string_view internal_type_of_items(std::string_view type) {
  if (type.starts_with('*')) type.remove_prefix(1);
  if (type.starts_with("[]")) return type.substr(2);
  if (type.starts_with("map[]")) return type.substr(5);
  return {};
}

}  // namespace gatepost::kube
