// Making one object of a live one and an applied configuration, and taking fields out of an object again.
#pragma once

#include "kube/apply/type.h"

namespace gatepost::kube::apply {

// `applied` laid over `live`: no field goes away, leaves are those of `applied`, items of keyed lists come in its
// order. Both must fit the type (check.h).
json::Value merge(FieldArena& arena, const Type& type, const json::Value& live, const json::Value& applied);

// Every leaf and every item that `value` mentions.
FieldSet fields_of(FieldArena& arena, const Type& type, const json::Value& value);

// `value` without the members of `items` in it. Maps and lists of which nothing is left become null.
json::Value without(FieldArena& arena, const Type& type, const json::Value& value, FieldSet items);

// `set`, and every field of a structure on the way to its members.
FieldSet with_named_fields(FieldArena& arena, const Type& type, FieldSet set);

// A set that was written when the type merged field by field: what is atomic now is owned as a whole.
FieldSet reconciled(FieldArena& arena, const Type& type, FieldSet set);

}  // namespace gatepost::kube::apply
