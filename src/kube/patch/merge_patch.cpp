#include "kube/patch/patch.h"

namespace gatepost::kube {

void apply_merge_patch(json::Value& document, const json::Value& patch) {
  if (!patch.is_object()) {
    document = patch;
    return;
  }
  if (!document.is_object()) document.emplace_object();
  json::Object& object = document.get_object();
  for (const auto& member : patch.get_object()) {
    if (member.value().is_null())
      object.stable_erase(member.key());
    else
      apply_merge_patch(object[member.key()], member.value());
  }
}

}  // namespace gatepost::kube
