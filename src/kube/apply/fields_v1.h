// FieldsV1, the JSON form of a set of fields: {"f:data":{".":{},"f:a":{}},"f:list":{"k:{\"name\":\"x\"}":{}}}.
// Bounded: sets nest at most max_fields_depth deep, far more than the objects that they are about.
#pragma once

#include "base/result.h"
#include "json/value.h"
#include "kube/apply/field_set.h"

namespace gatepost::kube::apply {

constexpr std::size_t max_fields_depth = 256;

// The texts of the set stay in `fields` where they can. Elements of a kind that is not known are left out, as newer
// versions may know them. The error says which key cannot be read.
Result<FieldSet> read_fields(FieldArena& arena, const json::Value& fields);

json::Value write_fields(FieldSet set, const json::Storage& storage);

// The name of an element in FieldsV1 ("f:data"), appended.
void append_element(const PathElement& element, std::string& out);

}  // namespace gatepost::kube::apply
