#include "apiserver/discovery.h"

#include <algorithm>

#include "json/write.h"

namespace gatepost::apiserver {
namespace {

void add_field(std::string& out, std::string_view key, std::string_view value) {
  out.append(",\"").append(key).append("\":");
  json::write_string(value, out);
}

void add_list(std::string& out, std::string_view key, const std::vector<std::string>& values) {
  out.append(",\"").append(key).append("\":[");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i) out.push_back(',');
    json::write_string(values[i], out);
  }
  out.push_back(']');
}

void add_resource(std::string& out, std::string_view name, std::string_view singular, bool namespaced) {
  out.append(out.ends_with('[') ? "" : ",").append("{\"name\":");
  json::write_string(name, out);
  add_field(out, "singularName", singular);
  out.append(",\"namespaced\":").append(namespaced ? "true" : "false");
}

// APIResourceList of one group and version.
std::string resource_list(const kube::Registry& registry, std::string_view group, std::string_view version) {
  std::string out = "{\"kind\":\"APIResourceList\",\"apiVersion\":\"v1\",\"groupVersion\":\"" +
                    kube::api_version(group, version) + "\",\"resources\":[";
  for (const auto& resource : registry.all()) {
    if (resource->group != group || resource->version != version) continue;
    add_resource(out, resource->resource, resource->singular, resource->namespaced);
    add_field(out, "kind", resource->kind);
    add_list(out, "verbs", resource->verbs);
    if (!resource->short_names.empty()) add_list(out, "shortNames", resource->short_names);
    if (!resource->categories.empty()) add_list(out, "categories", resource->categories);
    out.push_back('}');
    for (const auto& sub : resource->subresources) {
      add_resource(out, resource->resource + "/" + sub.name, "", resource->namespaced);
      bool elsewhere = !sub.kind.version.empty() && (sub.kind.group != group || sub.kind.version != version);
      if (elsewhere) {
        add_field(out, "group", sub.kind.group);
        add_field(out, "version", sub.kind.version);
      }
      add_field(out, "kind", sub.kind.kind);
      add_list(out, "verbs", sub.verbs);
      out.push_back('}');
    }
  }
  return out + "]}";
}

// The versions of a group in discovery's order, the preferred one first.
std::vector<std::string> versions_of(const kube::Registry& registry, std::string_view group) {
  std::vector<std::string> versions;
  for (const auto& resource : registry.all())
    if (resource->group == group && std::find(versions.begin(), versions.end(), resource->version) == versions.end())
      versions.push_back(resource->version);
  return versions;
}

std::string group_fields(const kube::Registry& registry, std::string_view group) {
  std::vector<std::string> versions = versions_of(registry, group);
  auto version_object = [&](const std::string& version) {
    return "{\"groupVersion\":\"" + kube::api_version(group, version) + "\",\"version\":\"" + version + "\"}";
  };
  std::string out = "\"name\":\"" + std::string(group) + "\",\"versions\":[";
  for (std::size_t i = 0; i < versions.size(); ++i) out += (i ? "," : "") + version_object(versions[i]);
  return out + "],\"preferredVersion\":" + version_object(versions[0]);
}

std::string group_list(const kube::Registry& registry) {
  std::vector<std::string> groups;
  for (const auto& resource : registry.all())
    if (!resource->group.empty() && std::find(groups.begin(), groups.end(), resource->group) == groups.end())
      groups.push_back(resource->group);
  std::string out = "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[";
  for (std::size_t i = 0; i < groups.size(); ++i) out += (i ? ",{" : "{") + group_fields(registry, groups[i]) + "}";
  return out + "]}";
}

bool wants_aggregated(const Call& call) {
  std::string_view accept = call.http.headers.get("Accept");
  std::size_t at = accept.find("as=APIGroupDiscoveryList");
  return at != std::string_view::npos && accept.find("v=v2;") != std::string_view::npos;
}

Answer aggregated(std::string_view document) {
  Answer answer = json_answer(200, std::string(document));
  answer.raw = true;
  answer.content_type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  return answer;
}

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> out;
  std::size_t start = 0;
  while (start < path.size()) {
    std::size_t slash = std::min(path.find('/', start), path.size());
    if (slash > start) out.emplace_back(path.substr(start, slash - start));
    start = slash + 1;
  }
  return out;
}

}  // namespace

std::optional<Answer> discovery_answer(const Call& call) {
  const kube::Registry& registry = *call.deps.registry;
  std::vector<std::string> parts = segments(call.info.path);
  if (parts.empty()) {
    return json_answer(200, R"({"paths":["/api","/api/v1","/apis","/healthz","/livez","/metrics","/openapi/v2",)"
                            R"("/openapi/v3","/readyz","/version"]})");
  }
  if (parts[0] == "api") {
    if (parts.size() == 1) {
      if (wants_aggregated(call)) return aggregated(registry.discovery_api());
      return json_answer(200, R"({"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":)"
                              R"([{"clientCIDR":"0.0.0.0/0","serverAddress":")" +
                                  call.deps.server_address + "\"}]}");
    }
    if (parts.size() == 2 && parts[1] == "v1") return json_answer(200, resource_list(registry, "", "v1"));
    return std::nullopt;
  }
  if (parts[0] != "apis") return std::nullopt;
  if (parts.size() == 1) {
    if (wants_aggregated(call)) return aggregated(registry.discovery_apis());
    return json_answer(200, group_list(registry));
  }
  if (parts.size() == 2 && registry.has_group(parts[1]))
    return json_answer(200, "{\"kind\":\"APIGroup\",\"apiVersion\":\"v1\"," + group_fields(registry, parts[1]) + "}");
  if (parts.size() == 3 && registry.has_version(parts[1], parts[2]))
    return json_answer(200, resource_list(registry, parts[1], parts[2]));
  return std::nullopt;
}

}  // namespace gatepost::apiserver
