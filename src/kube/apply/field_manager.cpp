#include "kube/apply/field_manager.h"

#include <algorithm>

#include "kube/apply/merge.h"
#include "kube/apply/ownership.h"
#include "kube/apply/versions.h"

namespace gatepost::kube::apply {
namespace {

const json::Value& empty_object() {
  static const json::Value value = json::Object();
  return value;
}

const json::Value* managed_fields_of(const json::Value* object) {
  return object ? json::find_path(*object, {"metadata", "managedFields"}) : nullptr;
}

// Moved out of the object, which has none afterwards.
json::Value take_managed_fields(json::Value& object) {
  json::Object* fields = object.if_object();
  json::Value* metadata = fields ? fields->if_contains("metadata") : nullptr;
  json::Object* inside = metadata ? metadata->if_object() : nullptr;
  json::Value* managed = inside ? inside->if_contains("managedFields") : nullptr;
  if (!managed) return json::Value(object.storage());
  json::Value taken = std::move(*managed);
  inside->erase("managedFields");
  return taken;
}

void set_managed_fields(json::Value& object, json::Value managed) {
  json::Value& metadata = object.get_object()["metadata"];
  if (!metadata.is_object()) metadata.emplace_object();
  if (managed.is_null())
    metadata.get_object().erase("managedFields");
  else
    metadata.get_object()["managedFields"] = std::move(managed);
}

Managers read_or_none(FieldArena& arena, const json::Value* managed_fields) {
  auto managers = read_managers(arena, managed_fields);
  return managers ? std::move(*managers) : Managers();
}

// Entries of an older schema, or made by hand, as they would be written now.
void reconcile(FieldArena& arena, Managers& managers, const TypedKind& kind) {
  for (Manager& manager : managers) {
    auto type = type_in(manager.api_version, kind);
    if (!type) continue;
    manager.own(reconciled(arena, *type, manager.fields));
  }
}

// What the request says of managedFields, or else what the live object has.
Managers managers_of(FieldArena& arena, const json::Value* live, const json::Value& given, const Writer& writer) {
  const json::Value* present = managed_fields_of(live);
  bool is_subresource = !writer.subresource.empty();
  if (is_subresource || (present && *present == given)) return read_or_none(arena, present);
  if (is_reset(given)) return {};
  Managers managers = read_or_none(arena, &given);
  if (managers.empty()) return read_or_none(arena, present);
  reconcile(arena, managers, writer.kind);
  return managers;
}

// The writer's entry takes in the fields that it has changed.
void give(FieldArena& arena, Managers& managers, Manager self, FieldSet fields) {
  if (!fields) return;
  if (Manager* earlier = find_manager(managers, self)) {
    earlier->own(unite(arena, fields, earlier->fields));
    earlier->time = self.time;
    return;
  }
  self.own(fields);
  managers.push_back(self);
}

void update(FieldArena& arena, Managers& managers, const Manager& self, Changes& changes, const ResetFields* resets) {
  take_away(arena, managers, nullptr, changes);
  const Comparison& own = changes.own();
  FieldSet fields = without_reset(arena, resets, unite(arena, own.modified, own.added));
  give(arena, managers, self, stripped(arena, fields));
  cap_updaters(arena, managers);
}

}  // namespace

void track_update(const json::Value* live, json::Value& object, const Writer& writer) {
  FieldArena arena;
  json::Value given = take_managed_fields(object);
  const ResetFields* resets = reset_fields_of(writer.kind, writer.subresource);
  Changes changes(arena, writer.kind, resets, live ? *live : empty_object(), object);
  const json::Value* present = managed_fields_of(live);
  bool says_nothing = given.is_null() || (present && *present == given);
  if (says_nothing && present && changes.own().empty()) {
    set_managed_fields(object, given.is_null() ? json::Value(*present, object.storage()) : std::move(given));
    return;
  }
  Managers managers = managers_of(arena, live, given, writer);
  if (!managers.empty() || !live) {
    std::string time = rfc3339(writer.now), version = api_version(writer.kind.group, writer.kind.version);
    Manager self{writer.manager.empty() ? "unknown" : std::string_view(writer.manager),
                 Operation::update,
                 version,
                 writer.subresource,
                 time,
                 nullptr,
                 nullptr};
    update(arena, managers, self, changes, resets);
    set_managed_fields(object, write_managers(std::move(managers), object.storage()));
  } else {
    set_managed_fields(object, json::Value());
  }
}

std::string unreadable_managed_fields(const json::Value& object) {
  FieldArena arena;
  auto managers = read_managers(arena, managed_fields_of(&object));
  return managers ? std::string() : managers.error().text;
}

bool equal_but_times(const json::Value& left, const json::Value& right) {
  const json::Array *a = left.if_array(), *b = right.if_array();
  if (!a || !b || a->size() != b->size()) return false;
  return std::equal(a->begin(), a->end(), b->begin(), [](const json::Value& x, const json::Value& y) {
    const json::Object *one = x.if_object(), *other = y.if_object();
    if (!one || !other) return false;
    for (const char* name : {"manager", "operation", "apiVersion", "fieldsType", "fieldsV1", "subresource"}) {
      const json::Value *mine = one->if_contains(name), *theirs = other->if_contains(name);
      if (!mine != !theirs || (mine && *mine != *theirs)) return false;
    }
    return true;
  });
}

}  // namespace gatepost::kube::apply
