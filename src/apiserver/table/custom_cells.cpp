#include "apiserver/table/custom_cells.h"

#include "apiserver/table/columns.h"
#include "apiserver/table/human_duration.h"
#include "json/write.h"

namespace gatepost::apiserver {
namespace {

void write_column(std::string& out, const kube::crd::Column& column) {
  out += ",{\"name\":";
  json::write_string(column.name, out);
  out += ",\"type\":";
  json::write_string(column.type, out);
  out += ",\"format\":";
  json::write_string(column.format, out);
  out += ",\"description\":";
  json::write_string(column.description.empty()
                         ? "Custom resource definition column (in JSONPath format): " + column.text
                         : column.description,
                     out);
  out += ",\"priority\":" + std::to_string(column.priority) + "}";
}

// A value as its column's type wants it; what does not fit is null.
json::Value cell_of(const kube::crd::Column& column, const json::Value& value, WallTime now) {
  if (column.type == "string") return json::Value(kube::crd::printed(value));
  if (column.type == "integer") {
    if (value.is_int64()) return value;
    if (value.is_double()) return static_cast<std::int64_t>(value.get_double());
  } else if (column.type == "number") {
    if (value.is_number()) return value.to_number<double>();
  } else if (column.type == "boolean") {
    if (value.is_bool()) return value;
  } else if (column.type == "date" && value.is_string()) {
    std::string age = age_of(json::view(value.get_string()), now);
    bool no_time = age == "<unknown>" && !value.get_string().empty();
    return json::Value(no_time ? "<invalid>" : age);
  }
  return nullptr;
}

}  // namespace

std::string custom_columns(const kube::crd::Version& version) {
  std::string out = "[" + name_column();
  for (const kube::crd::Column& column : version.columns) write_column(out, column);
  return out + "]";
}

void custom_cells(const kube::crd::Version& version, const json::Value& object, Row& row) {
  row.text(name_of(object));
  for (const kube::crd::Column& column : version.columns) {
    std::vector<const json::Value*> found = column.path.find(object);
    row.json(found.empty() ? json::Value(nullptr) : cell_of(column, *found.front(), row.now()));
  }
}

}  // namespace gatepost::apiserver
