#include "kube/registry/discovery_text.h"

#include <algorithm>

#include "json/write.h"

namespace gatepost::kube {
namespace {

using Resources = std::vector<std::shared_ptr<const ResourceInfo>>;

void write_texts(std::string& out, std::string_view key, const std::vector<std::string>& texts) {
  out.append(",\"").append(key).append("\":[");
  for (const std::string& text : texts) {
    if (out.back() != '[') out.push_back(',');
    json::write_string(text, out);
  }
  out.push_back(']');
}

void write_text(std::string& out, std::string_view key, std::string_view text) {
  out.append("\"").append(key).append("\":");
  json::write_string(text, out);
}

void write_kind(std::string& out, const GroupVersionKind& kind) {
  out += ",\"responseKind\":{";
  write_text(out, "group", kind.group);
  out.push_back(',');
  write_text(out, "version", kind.version);
  out.push_back(',');
  write_text(out, "kind", kind.kind);
  out.push_back('}');
}

void write_resource(std::string& out, const ResourceInfo& info) {
  out.push_back('{');
  write_text(out, "resource", info.resource);
  write_kind(out, info.response_kind);
  out += info.namespaced ? ",\"scope\":\"Namespaced\"," : ",\"scope\":\"Cluster\",";
  write_text(out, "singularResource", info.singular);
  write_texts(out, "verbs", info.verbs);
  if (!info.short_names.empty()) write_texts(out, "shortNames", info.short_names);
  if (!info.categories.empty()) write_texts(out, "categories", info.categories);
  if (!info.subresources.empty()) {
    out += ",\"subresources\":[";
    for (const SubresourceInfo& sub : info.subresources) {
      if (out.back() != '[') out.push_back(',');
      out.push_back('{');
      write_text(out, "subresource", sub.name);
      write_kind(out, sub.kind);
      write_texts(out, "verbs", sub.verbs);
      out.push_back('}');
    }
    out.push_back(']');
  }
  out.push_back('}');
}

void write_version(std::string& out, const Resources& custom, std::string_view group, std::string_view version) {
  std::vector<const ResourceInfo*> resources;
  for (const auto& info : custom)
    if (info->group == group && info->version == version) resources.push_back(info.get());
  std::sort(resources.begin(), resources.end(),
            [](const ResourceInfo* a, const ResourceInfo* b) { return a->resource < b->resource; });
  out.push_back('{');
  write_text(out, "version", version);
  out += ",\"resources\":[";
  for (const ResourceInfo* info : resources) {
    if (out.back() != '[') out.push_back(',');
    write_resource(out, *info);
  }
  out += "],\"freshness\":\"Current\"}";
}

void write_group(std::string& out, const Resources& custom, std::string_view group) {
  out += "{\"metadata\":{";
  write_text(out, "name", group);
  out += "},\"versions\":[";
  std::vector<std::string_view> versions;
  for (const auto& info : custom)
    if (info->group == group && std::find(versions.begin(), versions.end(), info->version) == versions.end())
      versions.push_back(info->version);
  for (std::string_view version : versions) {
    if (out.back() != '[') out.push_back(',');
    write_version(out, custom, group, version);
  }
  out += "]}";
}

}  // namespace

std::string joined_discovery(std::string_view document, const Resources& custom) {
  std::size_t end = document.rfind(']');
  if (custom.empty() || end == std::string_view::npos) return std::string(document);
  std::string out(document.substr(0, end));
  std::vector<std::string_view> groups;
  for (const auto& info : custom) {
    if (std::find(groups.begin(), groups.end(), info->group) != groups.end()) continue;
    groups.push_back(info->group);
    if (out.back() != '[') out.push_back(',');
    write_group(out, custom, info->group);
  }
  return out.append(document.substr(end));
}

}  // namespace gatepost::kube
