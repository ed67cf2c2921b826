// What a change touched, field by field.
#pragma once

#include "kube/apply/type.h"

namespace gatepost::kube::apply {

struct Comparison {
  FieldSet removed = nullptr;   // only in the old object
  FieldSet modified = nullptr;  // in both, with other values
  FieldSet added = nullptr;     // only in the new object

  bool empty() const { return !removed && !modified && !added; }
};

// Of two objects of one type. A field that Go's struct always shows counts as there in both. What nobody owns
// (is_stripped_at_top, is_stripped_in_metadata) is not looked at. Lists with items that have no key are taken as
// atomic; below max_fields_depth everything is.
Comparison compare(FieldArena& arena, const Type& type, const json::Value& old_object, const json::Value& new_object);

// Whether a field at the top, or of metadata, never belongs to anyone: the system sets it.
bool is_stripped_at_top(std::string_view name);
bool is_stripped_in_metadata(std::string_view name);

}  // namespace gatepost::kube::apply
