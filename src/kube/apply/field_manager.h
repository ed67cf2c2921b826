// Field management of one endpoint: who owns what after a write (metadata.managedFields), and server-side apply. As
// apimachinery's managedfields and structured-merge-diff do it. Pure: objects and the time come in, objects go out.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "json/value.h"
#include "kube/registry/registry.h"
#include "kube/status.h"

namespace gatepost::kube::crd {
struct Definition;
}

namespace gatepost::kube::apply {

// A kind, and where its types come from: built-in ones are known, those of custom resources stand in their definition.
struct TypedKind : GroupVersionKind {
  TypedKind(GroupVersionKind of, const crd::Definition* by = nullptr)  // NOLINT: a built-in kind is one
      : GroupVersionKind(std::move(of)), definition(by) {}
  const crd::Definition* definition;
};

// Who writes, and through which endpoint.
struct Writer {
  TypedKind kind;           // in the version of the request
  std::string subresource;  // empty for the main resource
  std::string manager;
  WallTime now;
};

// Sets metadata.managedFields of `object`, the new state that a create, update or patch made of `live` (null for a
// create). Whoever had a field that changed has it no more; what the request itself says of managedFields is taken
// unless it is nothing or cannot be read. An object whose fields nobody owns stays so until the first apply.
void track_update(const json::Value* live, json::Value& object, const Writer& writer);

enum class Force { no, yes };

// What applying `applied` makes of `live` (null when there is none), with its managedFields; still to be decoded and
// defaulted. Refuses with 409 and the conflicts when others own fields that change, unless forced.
ApiResult<json::Value> apply(const json::Value* live, const json::Value& applied, const Writer& writer, Force force);

// Why metadata.managedFields cannot be read, or empty if it can.
std::string unreadable_managed_fields(const json::Value& object);

// Whether both lists are the same but for the times.
bool equal_but_times(const json::Value& left, const json::Value& right);

}  // namespace gatepost::kube::apply
