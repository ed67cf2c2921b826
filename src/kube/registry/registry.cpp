#include "kube/registry/registry.h"

#include <algorithm>
#include <unordered_map>

#include "embedded/discovery_documents.h"
#include "json/parse.h"
#include "kube/registry/discovery_text.h"

namespace gatepost::kube {
namespace {

// Kinds that several groups or versions serve from the same stored objects: where they are stored, and in which form
// (kube-apiserver's storage versions). All other resources are stored as they are served.
struct SharedStorage {
  std::string_view group, resource;
  std::string_view collection, storage_group, storage_version;
};

constexpr SharedStorage shared_storage[] = {
    {"events.k8s.io", "events", "/events", "", "v1"},
    {"autoscaling", "horizontalpodautoscalers", "autoscaling/horizontalpodautoscalers", "autoscaling", "v2"},
};

std::vector<std::string> strings(const json::Value& value, std::string_view key) {
  std::vector<std::string> out;
  if (const json::Array* list = json::array_at(value, {key}))
    for (const json::Value& item : *list)
      if (item.is_string()) out.emplace_back(json::view(item.get_string()));
  return out;
}

GroupVersionKind kind_in(const json::Value& value) {
  return {std::string(json::string_at(value, {"responseKind", "group"})),
          std::string(json::string_at(value, {"responseKind", "version"})),
          std::string(json::string_at(value, {"responseKind", "kind"}))};
}

// Discovery leaves the group and version of a kind out where they are those of the resource.
GroupVersionKind completed(GroupVersionKind kind, const ResourceInfo& resource) {
  if (kind.version.empty()) {
    kind.group = resource.group;
    kind.version = resource.version;
  }
  return kind;
}

std::unique_ptr<ResourceInfo> read_resource(const json::Value& value, std::string_view group,
                                            std::string_view version) {
  auto info = std::make_unique<ResourceInfo>();
  info->group = group;
  info->version = version;
  info->resource = json::string_at(value, {"resource"});
  info->singular = json::string_at(value, {"singularResource"});
  info->response_kind = completed(kind_in(value), *info);
  info->kind = info->response_kind.kind;
  info->namespaced = json::string_at(value, {"scope"}) == "Namespaced";
  info->verbs = strings(value, "verbs");
  info->short_names = strings(value, "shortNames");
  info->categories = strings(value, "categories");
  if (const json::Array* subresources = json::array_at(value, {"subresources"}))
    for (const json::Value& sub : *subresources)
      info->subresources.push_back(
          {std::string(json::string_at(sub, {"subresource"})), completed(kind_in(sub), *info), strings(sub, "verbs")});
  info->list_kind = info->kind + "List";
  info->collection = info->group + "/" + info->resource;
  info->storage_group = info->group;
  info->storage_version = info->version;
  for (const SharedStorage& shared : shared_storage)
    if (shared.group == info->group && shared.resource == info->resource) {
      info->collection = shared.collection;
      info->storage_group = shared.storage_group;
      info->storage_version = shared.storage_version;
    }
  return info;
}

std::string joined(std::string_view group, std::string_view version, std::string_view name) {
  std::string key;
  key.reserve(group.size() + version.size() + name.size() + 2);
  return key.append(group).append("/").append(version).append("/").append(name);
}

// Indexes over a list of resources: what both kinds of registry are made of.
class Index : public Registry {
 public:
  const ResourceInfo* find(std::string_view group, std::string_view version, std::string_view resource) const override {
    auto found = by_resource_.find(joined(group, version, resource));
    return found == by_resource_.end() ? nullptr : found->second;
  }

  const ResourceInfo* find_kind(std::string_view group, std::string_view version,
                                std::string_view kind) const override {
    auto found = by_kind_.find(joined(group, version, kind));
    return found == by_kind_.end() ? nullptr : found->second;
  }

  const std::vector<std::shared_ptr<const ResourceInfo>>& all() const override { return all_; }

  std::vector<const ResourceInfo*> equivalents(const ResourceInfo& resource) const override {
    std::vector<const ResourceInfo*> out;
    for (const auto& info : all_)
      if (info->collection == resource.collection) out.push_back(info.get());
    return out;
  }

  bool has_group(std::string_view group) const override {
    return std::any_of(all_.begin(), all_.end(), [&](const auto& info) { return info->group == group; });
  }

  bool has_version(std::string_view group, std::string_view version) const override {
    return std::any_of(all_.begin(), all_.end(),
                       [&](const auto& info) { return info->group == group && info->version == version; });
  }

 protected:
  void add(std::shared_ptr<const ResourceInfo> info) {
    by_resource_.emplace(joined(info->group, info->version, info->resource), info.get());
    by_kind_.emplace(joined(info->group, info->version, info->kind), info.get());
    all_.push_back(std::move(info));
  }

 private:
  std::vector<std::shared_ptr<const ResourceInfo>> all_;
  std::unordered_map<std::string, const ResourceInfo*> by_resource_, by_kind_;
};

class Builtin final : public Index, public std::enable_shared_from_this<Builtin> {
 public:
  Builtin() {
    auto documents = embedded::discovery_documents();
    for (const embedded::File& file : documents) {
      auto document = json::parse(file.bytes, json::make_arena(1 << 18));
      if (!document) std::abort();  // the program's own data
      compact_.push_back(compacted(file.bytes));
      for (const json::Value& group : *json::array_at(*document, {"items"}))
        for (const json::Value& version : *json::array_at(group, {"versions"}))
          for (const json::Value& resource : *json::array_at(version, {"resources"}))
            add(read_resource(resource, json::string_at(group, {"metadata", "name"}),
                              json::string_at(version, {"version"})));
    }
  }

  std::string_view discovery_api() const override { return compact_[0]; }
  std::string_view discovery_apis() const override { return compact_[1]; }
  std::shared_ptr<const Registry> snapshot() const override { return shared_from_this(); }

 private:
  // The documents are kept readable in data/; clients get them without the white space.
  static std::string compacted(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 2);
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      char c = text[i];
      if (in_string && c == '\\') {
        out.append(text.substr(i++, 2));
        continue;
      }
      if (c == '"') in_string = !in_string;
      if (in_string || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) out.push_back(c);
    }
    return out;
  }

  std::vector<std::string> compact_;
};

// The built-in kinds with custom ones behind them; the group documents of discovery are joined once.
class Extended final : public Index, public std::enable_shared_from_this<Extended> {
 public:
  Extended(std::shared_ptr<const Registry> builtin, std::vector<std::shared_ptr<const ResourceInfo>> custom)
      : builtin_(std::move(builtin)), apis_(joined_discovery(builtin_->discovery_apis(), custom)) {
    for (const auto& info : builtin_->all()) add(info);
    for (auto& info : custom) add(std::move(info));
  }

  std::string_view discovery_api() const override { return builtin_->discovery_api(); }
  std::string_view discovery_apis() const override { return apis_; }
  std::shared_ptr<const Registry> snapshot() const override { return shared_from_this(); }

 private:
  std::shared_ptr<const Registry> builtin_;
  std::string apis_;
};

}  // namespace

std::string api_version(std::string_view group, std::string_view version) {
  if (group.empty()) return std::string(version);
  return std::string(group) + "/" + std::string(version);
}

bool ResourceInfo::has_verb(std::string_view verb) const {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

const SubresourceInfo* ResourceInfo::subresource(std::string_view name) const {
  for (const SubresourceInfo& sub : subresources)
    if (sub.name == name) return &sub;
  return nullptr;
}

std::shared_ptr<const Registry> with_custom(std::shared_ptr<const Registry> builtin,
                                            std::vector<std::shared_ptr<const ResourceInfo>> custom) {
  return std::make_shared<Extended>(std::move(builtin), std::move(custom));
}

std::shared_ptr<const Registry> Registry::builtin() {
  static const std::shared_ptr<const Registry> registry = std::make_shared<Builtin>();
  return registry;
}

}  // namespace gatepost::kube
