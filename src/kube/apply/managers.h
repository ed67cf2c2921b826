// metadata.managedFields: who owns which fields of an object, since when, and by which operation.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "kube/apply/field_set.h"

namespace gatepost::kube::apply {

enum class Operation { apply, update };

// One entry. Its texts belong to the JSON it was read from or to the request; entries live as long as both.
struct Manager {
  std::string_view name;
  Operation operation = Operation::update;
  std::string_view api_version;  // of the paths in `fields`
  std::string_view subresource;
  std::string_view time;  // RFC 3339 in UTC; empty for none
  FieldSet fields = nullptr;
  const json::Value* source = nullptr;  // the FieldsV1 that `fields` was read from, as long as they are equal

  void own(FieldSet set) {
    fields = set;
    source = nullptr;
  }
};

// Whether both are one entry: an applier is the same in all versions.
bool is_same(const Manager& left, const Manager& right);

using Managers = std::vector<Manager>;

// Reads the list of entries; null is an empty one. The error's text is apimachinery's.
Result<Managers> read_managers(FieldArena& arena, const json::Value* managed_fields);

// Whether the list says that nobody owns anything any more: [] or [{}].
bool is_reset(const json::Value& managed_fields);

// The list in its order: appliers first, then by time and name. Null if there are no entries.
json::Value write_managers(Managers managers, const json::Storage& storage);

Manager* find_manager(Managers& managers, const Manager& wanted);

// Puts the oldest updaters together as "ancient-changes", a version each, until there are at most ten updaters.
void cap_updaters(FieldArena& arena, Managers& managers);

// {"manager":"x","operation":"Update","apiVersion":"v1"}: what apimachinery sorts managers by.
std::string identity(const Manager& manager);

}  // namespace gatepost::kube::apply
