#include "apiserver/table/columns.h"

#include <map>

#include "embedded/table_columns.h"
#include "json/parse.h"
#include "json/write.h"

namespace gatepost::apiserver {
namespace {

// What the API's own documentation says of two fields that many tables show.
constexpr std::string_view name_description =
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a "
    "client to request the generation of an appropriate name automatically. Name is primarily intended for creation "
    "idempotence and configuration definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
constexpr std::string_view created_description =
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed "
    "to be set in happens-before order across separate operations. Clients may not set this value. It is represented "
    "in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

std::string definition(std::string_view name, std::string_view type, std::string_view format, std::int64_t priority) {
  std::string out = "{\"name\":";
  json::write_string(name, out);
  out += ",\"type\":";
  json::write_string(type, out);
  out += ",\"format\":";
  json::write_string(format, out);
  std::string_view description = name == "Name"                          ? name_description
                                 : name == "Age" || name == "Created At" ? created_description
                                 : name == "Webhooks"
                                     ? "Webhooks indicates the number of webhooks registered in this configuration"
                                     : "";
  out += ",\"description\":";
  json::write_string(description, out);
  return out + ",\"priority\":" + std::to_string(priority) + "}";
}

std::map<std::string, std::string> read_all() {
  std::map<std::string, std::string> out;
  auto parsed = json::parse(embedded::table_columns().front().bytes, json::make_arena(1 << 16));
  if (!parsed || !parsed->is_object()) return out;
  for (const auto& resource : parsed->get_object()) {
    std::string columns = "[";
    for (const json::Value& column : resource.value().as_array())
      columns += (columns.size() > 1 ? "," : "") +
                 definition(json::string_at(column, {"name"}), json::string_at(column, {"type"}),
                            json::string_at(column, {"format"}), json::int_at(column, {"priority"}));
    out.emplace(resource.key(), columns + "]");
  }
  return out;
}

}  // namespace

std::string name_column() {
  return definition("Name", "string", "name", 0);
}

const std::string& column_definitions(const kube::ResourceInfo& resource) {
  static const std::map<std::string, std::string> all = read_all();
  static const std::string plain =
      "[" + definition("Name", "string", "name", 0) + "," + definition("Created At", "date", "", 0) + "]";
  std::string path = resource.group.empty() ? "/api/" : "/apis/" + resource.group + "/";
  auto found = all.find(path + resource.version + "/" + resource.resource);
  return found == all.end() ? plain : found->second;
}

}  // namespace gatepost::apiserver
