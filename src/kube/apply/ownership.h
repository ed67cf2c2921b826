// The steps that updates and applies share.
#pragma once

#include "kube/apply/compare.h"
#include "kube/apply/field_manager.h"
#include "kube/apply/managers.h"
#include "kube/apply/reset_fields.h"

namespace gatepost::kube::apply {

// What one change touched, in any version that is asked for.
class Changes {
 public:
  // The objects must outlive this. `version` is their apiVersion.
  Changes(FieldArena& arena, const TypedKind& kind, const ResetFields* resets, const json::Value& live,
          const json::Value& object);

  const Comparison& own() const { return versions_.front().comparison; }
  // Null for a version that the server does not know.
  const Comparison* in(std::string_view api_version);

 private:
  struct Version {
    std::string api_version;
    bool known = false;
    Comparison comparison;
    std::optional<json::Value> live, object;  // converted; the comparison's texts are theirs
  };
  Comparison filtered(const Comparison& comparison);

  FieldArena& arena_;
  const TypedKind& kind_;
  const ResetFields* resets_;
  const json::Value& live_;
  const json::Value& object_;
  std::vector<Version> versions_;
};

struct Conflict {
  Manager manager;
  std::vector<PathElement> path;
};

// What of `managers` others than `self` (null: nobody) lose by the changes. Fields of unknown versions go with their
// managers.
std::vector<Conflict> conflicts_of(FieldArena& arena, Managers& managers, const Manager* self, Changes& changes);
void take_away(FieldArena& arena, Managers& managers, const Manager* self, Changes& changes);

// Without what never belongs to anyone (compare.h).
FieldSet stripped(FieldArena& arena, FieldSet set);

}  // namespace gatepost::kube::apply
