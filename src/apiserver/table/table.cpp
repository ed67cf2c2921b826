#include "apiserver/table/table.h"

#include "apiserver/table/cells.h"
#include "apiserver/table/columns.h"
#include "apiserver/table/custom_cells.h"
#include "json/parse.h"
#include "json/write.h"

namespace gatepost::apiserver {
namespace {

void write_list_meta(std::string& out, const ListMeta& meta) {
  out += "\"metadata\":{";
  bool first = true;
  auto member = [&](std::string_view key, const std::string& value) {
    if (value.empty()) return;
    out.append(first ? "\"" : ",\"").append(key).append("\":\"").append(value).push_back('"');
    first = false;
  };
  member("resourceVersion", meta.resource_version);
  member("continue", meta.continue_token);
  if (meta.remaining)
    out += (first ? "" : ",") + std::string("\"remainingItemCount\":") + std::to_string(meta.remaining);
  out += "}";
}

std::string partial_of(const json::Value& object) {
  std::string out = R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":)";
  if (const json::Value* metadata = json::find(object, "metadata"))
    json::write(*metadata, out);
  else
    out += "{}";
  return out + "}";
}

// Cells of a kind without a printer of its own: its name and the time it was made.
void plain_cells(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.text(created(object));
}

}  // namespace

std::string render_table(const kube::ResourceInfo& resource, const std::vector<std::string_view>& objects,
                         const ListMeta& meta, IncludeObject include, WallTime now, bool with_columns) {
  const kube::crd::Version* custom = resource.version_of_definition;
  CellsOf cells = custom ? nullptr : cells_of(resource.group, resource.resource);
  if (!cells) cells = plain_cells;
  std::string out = R"({"kind":"Table","apiVersion":"meta.k8s.io/v1",)";
  write_list_meta(out, meta);
  out += ",\"columnDefinitions\":";
  if (!with_columns)
    out += "null";
  else
    out += custom ? custom_columns(*custom) : column_definitions(resource);
  out += ",\"rows\":[";
  bool first = true;
  for (std::string_view text : objects) {
    auto object = json::parse(text, json::make_arena(text.size() * 2));
    if (!object) continue;
    Row row(now);
    if (custom)
      custom_cells(*custom, *object, row);
    else
      cells(*object, row);
    out += first ? "{\"cells\":[" : ",{\"cells\":[";
    first = false;
    out += row.cells();
    out += "]";
    // Kubernetes prints the row's object as null when none is asked for.
    out += ",\"object\":";
    if (include == IncludeObject::metadata)
      out += partial_of(*object);
    else if (include == IncludeObject::object)
      out += text;
    else
      out += "null";
    out += "}";
  }
  return out + "]}";
}

std::string render_partial(std::string_view object) {
  auto parsed = json::parse(object, json::make_arena(object.size() * 2));
  return parsed ? partial_of(*parsed) : std::string(object);
}

std::string render_partial_list(const std::vector<std::string_view>& objects, const ListMeta& meta) {
  std::string out = R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1",)";
  write_list_meta(out, meta);
  out += ",\"items\":[";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (i) out.push_back(',');
    out += render_partial(objects[i]);
  }
  return out + "]}";
}

}  // namespace gatepost::apiserver
