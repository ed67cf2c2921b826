#include "apiserver/custom/definitions.h"

#include <algorithm>

#include "apiserver/metadata.h"
#include "base/klog.h"
#include "json/parse.h"
#include "kube/crd/names.h"

namespace gatepost::apiserver {
namespace {

using kube::crd::cleanup_finalizer;

bool is_marked_deleted(const json::Value& object) {
  return !json::string_at(object, {"metadata", "deletionTimestamp"}).empty();
}

bool has_finalizer(const json::Value& object, std::string_view name) {
  const json::Array* finalizers = json::array_at(object, {"metadata", "finalizers"});
  return finalizers && std::any_of(finalizers->begin(), finalizers->end(), [&](const json::Value& value) {
           return value.is_string() && json::view(value.get_string()) == name;
         });
}

void remove_finalizer(json::Value& object, std::string_view name) {
  json::Value* finalizers = metadata_of(object).if_contains("finalizers");
  if (!finalizers || !finalizers->is_array()) return;
  json::Array& list = finalizers->get_array();
  for (auto at = list.begin(); at != list.end();)
    at = at->is_string() && json::view(at->get_string()) == name ? list.erase(at) : at + 1;
  if (list.empty()) metadata_of(object).erase("finalizers");
}

storage::Encode printer(json::Value& object) {
  return [&object](storage::Revision revision) { return encode(object, revision); };
}

}  // namespace

void mark_definition_deleted(json::Value& object, WallTime now) {
  if (is_marked_deleted(object)) return;
  if (!has_finalizer(object, cleanup_finalizer)) {
    json::Value& finalizers = metadata_of(object)["finalizers"];
    if (!finalizers.is_array()) finalizers.emplace_array();
    finalizers.get_array().emplace_back(cleanup_finalizer);
  }
  kube::crd::set_condition(object, "Terminating", "True", "InstanceDeletionPending",
                           "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
                           now);
}

Definitions::Definitions(storage::Storage& store, std::shared_ptr<kube::LiveRegistry> registry,
                         std::function<WallTime()> now)
    : store_(store), registry_(std::move(registry)), builtin_(registry_->snapshot()), now_(std::move(now)) {
  std::string collection(kube::crd::collection);
  for (const storage::Object& object : store_.list(collection, {}).objects) put(object);
  publish();
  changes_ = store_.on_change(collection, [this](const storage::Event& event) {
    if (event.type == storage::EventType::removed)
      established_.erase(event.object.key.name);
    else
      put(event.object);
    publish();
  });
}

void Definitions::put(const storage::Object& object) {
  auto& place = established_[object.key.name];
  std::shared_ptr<const kube::crd::Definition> before = std::move(place);
  auto parsed = json::parse(*object.bytes, json::make_arena(object.bytes->size() * 4));
  bool served = parsed && kube::crd::has_condition(*parsed, "Established");
  auto compiled = served ? kube::crd::compile(*parsed, object.revision, before)
                         : Result<std::shared_ptr<const kube::crd::Definition>>(nullptr);
  if (!compiled)
    klog::write(klog::Severity::error, "definitions.cpp:1",
                "custom resource definition " + object.key.name + " is not served: " + compiled.error().text);
  if (compiled && *compiled)
    place = std::move(*compiled);
  else
    established_.erase(object.key.name);
}

void Definitions::publish() {
  std::vector<std::shared_ptr<const kube::ResourceInfo>> custom;
  for (const auto& [name, definition] : established_)
    for (auto& info : kube::crd::resources_of(definition)) custom.push_back(std::move(info));
  std::sort(custom.begin(), custom.end(), [](const auto& a, const auto& b) {
    if (a->group != b->group) return a->group < b->group;
    return a->version != b->version ? kube::crd::version_before(a->version, b->version) : a->resource < b->resource;
  });
  registry_->replace(kube::with_custom(builtin_, std::move(custom)));
}

net::Task<void> Definitions::settle() {
  // A name that one definition lets go may be what another one waits for: as often as something changes.
  for (bool changed = true; changed;) {
    changed = false;
    std::vector<std::string> names;
    for (const storage::Object& object : store_.list(std::string(kube::crd::collection), {}).objects)
      names.push_back(object.key.name);
    for (const std::string& name : names) changed |= co_await settle_one(name);
  }
}

net::Task<bool> Definitions::settle_one(const std::string& name) {
  std::string collection(kube::crd::collection);
  auto present = store_.get({collection, "", name});
  if (!present) co_return false;
  json::Storage arena = json::make_arena(present->bytes->size() * 4);
  auto object = json::parse(*present->bytes, arena);
  if (!object) co_return false;
  if (is_marked_deleted(*object)) co_return co_await finish_deletion(*present, std::move(*object));
  std::vector<json::Value> all;
  for (const storage::Object& other : store_.list(collection, {}).objects)
    if (other.key.name != name)
      if (auto parsed = json::parse(*other.bytes, arena)) all.push_back(std::move(*parsed));
  std::vector<const json::Value*> others;
  for (const json::Value& other : all) others.push_back(&other);
  if (!kube::crd::settle_status(*object, others, now_())) co_return false;
  auto stored = co_await store_.update(present->key, present->revision, printer(*object));
  // A conflict is another write, which settles again.
  co_return stored.has_value();
}

net::Task<bool> Definitions::finish_deletion(storage::Object present, json::Value object) {
  if (!has_finalizer(object, cleanup_finalizer)) co_return false;
  if (kube::crd::has_condition(object, "Established")) {
    std::string collection = std::string(json::string_at(object, {"spec", "group"})) + "/" +
                             std::string(json::string_at(object, {"status", "acceptedNames", "plural"}));
    if (!co_await remove_objects(std::move(collection))) {
      kube::crd::set_condition(object, "Terminating", "True", "InstanceDeletionInProgress",
                               "CustomResource deletion is in progress", now_());
      auto before = json::parse(*present.bytes, json::make_arena());
      if (before && json::find(*before, "status") && *json::find(*before, "status") == *json::find(object, "status"))
        co_return false;
      co_return (co_await store_.update(present.key, present.revision, printer(object))).has_value();
    }
    kube::crd::set_condition(object, "Terminating", "False", "InstanceDeletionCompleted", "removed all instances",
                             now_());
  } else {
    kube::crd::set_condition(object, "Terminating", "False", "NeverEstablished", "resource was never established",
                             now_());
  }
  remove_finalizer(object, cleanup_finalizer);
  const json::Array* left = json::array_at(object, {"metadata", "finalizers"});
  bool held = left && !left->empty();
  auto stored = held ? co_await store_.update(present.key, present.revision, printer(object))
                     : co_await store_.remove(present.key, present.revision, printer(object));
  co_return stored.has_value();
}

// Objects with finalizers are only marked; true when nothing is left.
net::Task<bool> Definitions::remove_objects(std::string collection) {
  bool all_gone = true;
  for (const storage::Object& present : store_.list(collection, {}).objects) {
    auto object = json::parse(*present.bytes, json::make_arena(present.bytes->size() * 4));
    if (!object || !object->is_object()) continue;
    const json::Array* finalizers = json::array_at(*object, {"metadata", "finalizers"});
    bool held = finalizers && !finalizers->empty();
    if (held && is_marked_deleted(*object)) {
      all_gone = false;
      continue;
    }
    if (held) {
      metadata_of(*object)["deletionTimestamp"] = rfc3339(now_());
      metadata_of(*object)["deletionGracePeriodSeconds"] = 0;
      metadata_of(*object)["generation"] = json::int_at(*object, {"metadata", "generation"}) + 1;
    }
    auto done = held ? co_await store_.update(present.key, present.revision, printer(*object))
                     : co_await store_.remove(present.key, present.revision, printer(*object));
    all_gone &= done.has_value() && !held;
  }
  co_return all_gone;
}

}  // namespace gatepost::apiserver
