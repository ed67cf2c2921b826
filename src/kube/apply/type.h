// How values of a type merge: structured-merge-diff's view of a Schema. A value is taken as a scalar, a list or a map;
// what is atomic is owned and replaced as a whole.
#pragma once

#include "json/value.h"
#include "kube/apply/field_set.h"
#include "kube/schema/types.h"

namespace gatepost::kube::apply {

enum class Form { scalar, list, map };

struct Type {
  enum class Kind {
    none,     // not declared: nothing may be here
    typed,    // as the schema says
    deduced,  // by the value; maps merge, lists are atomic (JSON without a schema)
    opaque,   // by the value; all of it atomic (RawExtension)
  };
  Kind kind = Kind::none;
  const Schema* schema = nullptr;  // of typed
};

Type type_of(const Schema* schema);

// What `value` is under `type`. Null takes the form of its type; where the type has none, it is a map.
Form form_of(const Type& type, const json::Value& value);

bool is_atomic(const Type& type, Form form);

// The field of a structure, or null; keys of other maps have none.
const Field* field_of(const Type& type, std::string_view name);
// Of a field or of a key; Kind::none if it is not declared.
Type member_type(const Type& type, const Field* field);
Type item_type(const Type& type);

// What Go's struct shows for a field that was not given: {} for a structure, null for a list, a map or a pointer, the
// zero value of a scalar. Null when Go leaves the field out.
const json::Value* implied(const Field& field);

// The default that the schema states for a key of a keyed list's items (protocol: TCP, or the zero value of a field
// that is always there), or null.
const json::Value* key_default(const Schema& item, std::string_view key);

}  // namespace gatepost::kube::apply
