#include "simulate/cache.h"

#include "json/parse.h"

namespace gatepost::simulate {
namespace {

constexpr std::string_view followed[] = {
    collection::namespaces,  collection::nodes,       collection::pods,         collection::services,
    collection::endpoints,   collection::deployments, collection::replica_sets, collection::stateful_sets,
    collection::daemon_sets, collection::jobs,        collection::slices,       collection::budgets,
};

ItemPtr read_item(const storage::Object& object) {
  auto item = std::make_shared<Item>();
  item->key = object.key;
  auto parsed = json::parse(*object.bytes, json::make_arena(object.bytes->size() * 3));
  if (!parsed) return nullptr;
  item->value = std::move(*parsed);
  item->uid = json::string_at(item->value, {"metadata", "uid"});
  item->deleting = !json::string_at(item->value, {"metadata", "deletionTimestamp"}).empty();
  if (const json::Array* owners = json::array_at(item->value, {"metadata", "ownerReferences"})) {
    for (const json::Value& owner : *owners) {
      if (!json::bool_at(owner, {"controller"})) continue;
      item->controller_uid = json::string_at(owner, {"uid"});
      item->controller_kind = json::string_at(owner, {"kind"});
      item->controller_name = json::string_at(owner, {"name"});
    }
  }
  if (object.key.collection == collection::pods) item->node = json::string_at(item->value, {"spec", "nodeName"});
  return item;
}

const Items none;

}  // namespace

std::string key_name(std::string_view ns, std::string_view name) {
  std::string key(ns);
  key += '/';
  key += name;
  return key;
}

std::pair<std::string, std::string> split_name(std::string_view key) {
  std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return {"", std::string(key)};
  return {std::string(key.substr(0, slash)), std::string(key.substr(slash + 1))};
}

Cache::Cache(storage::Storage& store) {
  for (std::string_view name : followed) {
    items_.emplace(name, Items());
    for (const storage::Object& object : store.list(name, {}).objects)
      if (ItemPtr item = read_item(object)) put(name, key_name(object.key.ns, object.key.name), std::move(item));
  }
  following_ = store.on_change("", [this](const storage::Event& event) { changed(event); });
}

void Cache::changed(const storage::Event& event) {
  auto of_collection = items_.find(event.object.key.collection);
  if (of_collection == items_.end()) return;
  const std::string name = key_name(event.object.key.ns, event.object.key.name);
  Change change;
  if (auto known = of_collection->second.find(name); known != of_collection->second.end())
    change.before = known->second;
  if (event.type != storage::EventType::removed) change.after = read_item(event.object);
  if (!change.before && !change.after) return;
  put(event.object.key.collection, name, change.after);
  if (listener_) listener_(change);
}

void Cache::put(std::string_view collection, const std::string& name, ItemPtr item) {
  Items& items = items_.find(collection)->second;
  auto known = items.find(name);
  if (known != items.end()) {
    forget(*known->second, name);
    if (!item) {
      items.erase(known);
      return;
    }
    known->second = item;
  } else if (item) {
    items.emplace(name, item);
  }
  if (item) index(item, name);
}

void Cache::index(const ItemPtr& item, const std::string& name) {
  if (!item->controller_uid.empty()) by_controller_[item->controller_uid].insert_or_assign(name, item);
  if (!item->node.empty()) by_node_[item->node].insert_or_assign(name, item);
}

void Cache::forget(const Item& item, const std::string& name) {
  auto erase = [&name](std::unordered_map<std::string, Items>& map, const std::string& key) {
    auto found = map.find(key);
    if (found == map.end()) return;
    found->second.erase(name);
    if (found->second.empty()) map.erase(found);
  };
  if (!item.controller_uid.empty()) erase(by_controller_, item.controller_uid);
  if (!item.node.empty()) erase(by_node_, item.node);
}

ItemPtr Cache::find(std::string_view collection, std::string_view ns, std::string_view name) const {
  const Items& items = all(collection);
  auto found = items.find(key_name(ns, name));
  return found == items.end() ? nullptr : found->second;
}

const Items& Cache::all(std::string_view collection) const {
  auto found = items_.find(collection);
  return found == items_.end() ? none : found->second;
}

std::vector<ItemPtr> Cache::in(std::string_view collection, std::string_view ns) const {
  std::vector<ItemPtr> found;
  const Items& items = all(collection);
  const std::string from = key_name(ns, "");
  for (auto at = items.lower_bound(from); at != items.end() && at->first.starts_with(from); ++at)
    found.push_back(at->second);
  return found;
}

const Items& Cache::controlled_by(const std::string& uid) const {
  auto found = by_controller_.find(uid);
  return found == by_controller_.end() ? none : found->second;
}

const Items& Cache::pods_on(const std::string& node) const {
  auto found = by_node_.find(node);
  return found == by_node_.end() ? none : found->second;
}

}  // namespace gatepost::simulate
