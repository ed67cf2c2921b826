// What an applier leaves out goes away, unless someone else owns it.
#pragma once

#include "kube/apply/field_manager.h"
#include "kube/apply/managers.h"

namespace gatepost::kube::apply {

// `merged` (of `kind`) without the fields and items that the applier owned (`last`, from before) and that no manager
// owns now. `managers` hold the applier's new entry already.
json::Value prune(FieldArena& arena, json::Value merged, const TypedKind& kind, const Managers& managers,
                  const Manager& last);

}  // namespace gatepost::kube::apply
