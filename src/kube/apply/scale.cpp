#include "kube/apply/scale.h"

#include <algorithm>

#include "kube/apply/managers.h"

namespace gatepost::kube::apply {
namespace {

constexpr std::string_view scale_version = "autoscaling/v1";
// The path is the same in the Scale and in all kinds that have one.
constexpr PathElement replicas_path[] = {{ElementKind::name, "spec"}, {ElementKind::name, "replicas"}};

// Versions whose objects have replicas there; entries of others are dropped.
bool has_replicas(std::string_view api_version) {
  return api_version == "apps/v1" || api_version == "v1" || api_version == "apps/v1beta1" ||
         api_version == "apps/v1beta2";
}

}  // namespace

json::Value scale_entries(const json::Value* managed_fields, const json::Storage& storage) {
  FieldArena arena;
  Managers entries;
  auto managers = read_managers(arena, managed_fields);
  if (!managers) return json::Value(storage);
  for (Manager manager : *managers) {
    if (!has_replicas(manager.api_version) || !contains(manager.fields, replicas_path)) continue;
    manager.own(one_path(arena, replicas_path));
    manager.api_version = scale_version;
    entries.push_back(manager);
  }
  return write_managers(std::move(entries), storage);
}

json::Value entries_after_scale(const json::Value* managed_fields, const json::Value* scale_fields,
                                std::string_view api_version, const json::Storage& storage) {
  FieldArena arena;
  auto before = read_managers(arena, managed_fields), scaled = read_managers(arena, scale_fields);
  if (!before || !scaled) return managed_fields ? json::Value(*managed_fields, storage) : json::Value(storage);
  FieldSet replicas = one_path(arena, replicas_path);
  Managers entries;
  for (Manager manager : *before) {
    if (!has_replicas(manager.api_version)) continue;
    if (contains(manager.fields, replicas_path)) {
      auto same = std::find_if(scaled->begin(), scaled->end(), [&](const Manager& m) { return is_same(m, manager); });
      if (same == scaled->end()) {
        manager.own(subtract(arena, manager.fields, replicas));
        if (!manager.fields) continue;
      } else {
        scaled->erase(same);
      }
    }
    entries.push_back(manager);
  }
  for (Manager manager : *scaled) {
    if (!contains(manager.fields, replicas_path)) continue;
    // The time is that of the object's own entry: one that comes from the Scale has none (scalehandler.go).
    const Manager* known = find_manager(*before, manager);
    manager.time = known ? known->time : std::string_view();
    manager.own(replicas);
    manager.api_version = api_version;
    entries.push_back(manager);
  }
  return write_managers(std::move(entries), storage);
}

}  // namespace gatepost::kube::apply
