#include "apiserver/openapi/openapi.h"

#include <algorithm>
#include <map>
#include <set>

#include "apiserver/openapi/custom_schemas.h"
#include "apiserver/openapi/descriptions.h"
#include "apiserver/openapi/v2_protobuf.h"
#include "embedded/openapi_v2_facts.h"
#include "embedded/openapi_v3_schemas.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/crd/definition.h"

namespace gatepost::apiserver {
namespace {

constexpr std::string_view v3_reference = "#/components/schemas/";

json::Value parse_data(std::string_view text, const json::Storage& arena) {
  auto parsed = json::parse(text, arena);
  return parsed ? std::move(*parsed) : json::Value(json::Object());
}

// "api/v1", "apis/apps/v1"
std::string document_path(const kube::ResourceInfo& resource) {
  return resource.group.empty() ? "api/" + resource.version : "apis/" + resource.group + "/" + resource.version;
}

std::string index_document(const kube::Registry& registry) {
  std::map<std::string, std::string> paths;  // with the hash of each
  for (const auto& resource : registry.all()) {
    std::string& hash = paths[document_path(*resource)];
    if (hash.empty()) hash = GATEPOST_VERSION;
    if (resource->definition) hash += "-" + std::to_string(resource->definition->schema_revision);
  }
  std::string out = "{\"paths\":{";
  for (const auto& [path, hash] : paths) {
    if (out.back() != '{') out.push_back(',');
    // The hash lets clients keep what they have read; it changes with the program and with definitions.
    out += "\"" + path + "\":{\"serverRelativeURL\":\"/openapi/v3/" + path + "?hash=" + hash + "\"}";
  }
  return out + "}}";
}

void collect_references(const json::Value& value, const json::Object& schemas, std::set<std::string>& names) {
  if (value.is_array())
    for (const json::Value& item : value.get_array()) collect_references(item, schemas, names);
  if (!value.is_object()) return;
  for (const auto& member : value.get_object()) {
    if (member.key() == "$ref" && member.value().is_string()) {
      std::string_view reference = json::view(member.value().get_string());
      if (!reference.starts_with(v3_reference)) continue;
      std::string name(reference.substr(v3_reference.size()));
      const json::Value* schema = schemas.if_contains(name);
      if (schema && names.insert(name).second) collect_references(*schema, schemas, names);
    } else {
      collect_references(member.value(), schemas, names);
    }
  }
}

bool is_of(const json::Value& schema, std::string_view group, std::string_view version) {
  const json::Array* kinds = json::array_at(schema, {"x-kubernetes-group-version-kind"});
  return kinds && std::any_of(kinds->begin(), kinds->end(), [&](const json::Value& kind) {
           return json::string_at(kind, {"group"}) == group && json::string_at(kind, {"version"}) == version;
         });
}

std::string kind_object(const kube::GroupVersionKind& kind) {
  return "{\"group\":\"" + kind.group + "\",\"version\":\"" + kind.version + "\",\"kind\":\"" + kind.kind + "\"}";
}

// An operation with what clients look for in it: its kind, and which options it takes.
std::string operation(std::string_view method, std::string_view action, const kube::GroupVersionKind& kind,
                      bool writes) {
  std::string out = "\"" + std::string(method) + "\":{\"x-kubernetes-action\":\"" + std::string(action) +
                    "\",\"x-kubernetes-group-version-kind\":" + kind_object(kind) + ",\"parameters\":[";
  if (writes)
    out += R"({"name":"dryRun","in":"query","schema":{"type":"string"}},)"
           R"({"name":"fieldManager","in":"query","schema":{"type":"string"}},)"
           R"({"name":"fieldValidation","in":"query","schema":{"type":"string"}})";
  return out + "],\"responses\":{\"200\":{\"description\":\"OK\"}}}";
}

struct VerbOperation {
  std::string_view verb, method, action;
  bool on_object, writes;
};
constexpr VerbOperation operations[] = {
    {"get", "get", "get", true, false},
    {"update", "put", "put", true, true},
    {"patch", "patch", "patch", true, true},
    {"delete", "delete", "delete", true, true},
    {"list", "get", "list", false, false},
    {"create", "post", "post", false, true},
    {"deletecollection", "delete", "deletecollection", false, true},
};

std::string path_item(const kube::ResourceInfo& resource, bool on_object) {
  std::string out = "{";
  for (const VerbOperation& entry : operations) {
    if (entry.on_object != on_object || !resource.has_verb(entry.verb)) continue;
    if (out.back() != '{') out.push_back(',');
    out += operation(entry.method, entry.action, resource.response_kind, entry.writes);
  }
  return out + "}";
}

std::string paths_object(const kube::Registry& registry, std::string_view group, std::string_view version) {
  std::string out = "{";
  for (const auto& resource : registry.all()) {
    if (resource->group != group || resource->version != version) continue;
    std::string path =
        "/" + document_path(*resource) + (resource->namespaced ? "/namespaces/{namespace}/" : "/") + resource->resource;
    if (out.back() != '{') out.push_back(',');
    out += "\"" + path + "\":" + path_item(*resource, false) + ",\"" + path + "/{name}\":" + path_item(*resource, true);
  }
  return out + "}";
}

std::string v3_document(const kube::Registry& registry, std::string_view group, std::string_view version) {
  json::Storage arena = json::make_arena(1 << 20);
  json::Value all = parse_data(embedded::openapi_v3_schemas().front().bytes, arena);
  json::Object& schemas = all.get_object();
  describe(schemas);
  std::set<std::string> names;
  for (const auto& schema : schemas)
    if (is_of(schema.value(), group, version) && names.insert(schema.key()).second)
      collect_references(schema.value(), schemas, names);
  std::map<std::string, std::string> custom;
  for (const auto& resource : registry.all()) {
    if (!resource->definition || resource->group != group || resource->version != version) continue;
    for (auto& [name, schema] : custom_schemas(*resource, OpenApi::v3)) custom.emplace(name, std::move(schema));
    for (const char* meta : {"ObjectMeta", "ListMeta"}) {
      std::string name = "io.k8s.apimachinery.pkg.apis.meta.v1." + std::string(meta);
      const json::Value* schema = schemas.if_contains(name);
      if (schema && names.insert(name).second) collect_references(*schema, schemas, names);
    }
  }
  std::string out = R"({"openapi":"3.0.0","info":{"title":"Kubernetes","version":"v1.36.0"},"paths":)" +
                    paths_object(registry, group, version) + ",\"components\":{\"schemas\":{";
  for (const std::string& name : names) {
    if (out.back() != '{') out.push_back(',');
    out += "\"" + name + "\":";
    json::write(schemas.at(name), out);
  }
  for (const auto& [name, schema] : custom) {
    if (out.back() != '{') out.push_back(',');
    out += "\"" + name + "\":" + schema;
  }
  return out + "}}}";
}

Answer v2_answer(const Call& call) {
  json::Value document = parse_data(embedded::openapi_v2_facts().front().bytes, json::make_arena(1 << 20));
  json::Object& definitions = document.get_object()["definitions"].get_object();
  describe(definitions);
  for (const auto& resource : call.deps.registry->all())
    if (resource->definition)
      for (const auto& [name, schema] : custom_schemas(*resource, OpenApi::v2))
        if (auto parsed = json::parse(schema, definitions.storage())) definitions[name] = std::move(*parsed);
  if (call.http.headers.get("Accept").find("proto-openapi.spec.v2") == std::string_view::npos)
    return json_answer(200, json::write(document));
  Answer answer = json_answer(200, openapi_v2_protobuf(document));
  answer.raw = true;
  // With a dot where Accept has "@": Go's mime package would not read it (kube-openapi).
  answer.content_type = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
  return answer;
}

}  // namespace

std::optional<Answer> openapi_answer(const Call& call) {
  std::string_view path = call.info.path;
  if (path == "/openapi/v2") return v2_answer(call);
  constexpr std::string_view v3 = "/openapi/v3";
  if (!path.starts_with(v3)) return std::nullopt;
  const kube::Registry& registry = *call.deps.registry;
  path.remove_prefix(v3.size());
  if (path.empty() || path == "/") return json_answer(200, index_document(registry));
  for (const auto& resource : registry.all())
    if (path.substr(1) == document_path(*resource))
      return json_answer(200, v3_document(registry, resource->group, resource->version));
  return std::nullopt;
}

}  // namespace gatepost::apiserver
