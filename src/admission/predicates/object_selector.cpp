#include "admission/predicates/object_selector.h"

namespace gatepost::admission {
namespace {

// Options of a connection (PodExecOptions) are objects without metadata: no labels can be asked of them.
bool labels_match(const kube::LabelSelector& selector, const json::Value& object) {
  return json::find(object, "metadata") && selector.matches(json::object_at(object, {"metadata", "labels"}));
}

}  // namespace

kube::ApiResult<bool> matches_object(const Result<kube::LabelSelector>& selector, const json::Value& object,
                                     const json::Value& old_object) {
  if (!selector) return fail_with(kube::internal_error(selector.error().text));
  return selector->everything() || labels_match(*selector, object) || labels_match(*selector, old_object);
}

}  // namespace gatepost::admission
