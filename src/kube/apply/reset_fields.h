// The fields that a write through an endpoint cannot change, so that its manager does not own them: the rows of
// data/reset.fields.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "kube/apply/field_manager.h"
#include "kube/apply/field_set.h"

namespace gatepost::kube::apply {

struct ResetFields {
  enum class Paths { reset, kept };  // what the paths name; everything below them is meant too
  Paths meaning = Paths::reset;
  std::vector<std::vector<std::string>> paths;  // names of fields, "*" for any element
};

// By "GROUP/KIND" or "GROUP/KIND/SUBRESOURCE". Fails with the line that cannot be read.
Result<std::unordered_map<std::string, ResetFields>> parse_reset_fields(std::string_view text);

// Of the program's own table, or null. Custom resources have one of two, when they have a status.
const ResetFields* reset_fields_of(const TypedKind& kind, std::string_view subresource);

// `set` without the fields that are reset; all of it if `resets` is null.
FieldSet without_reset(FieldArena& arena, const ResetFields* resets, FieldSet set);

}  // namespace gatepost::kube::apply
