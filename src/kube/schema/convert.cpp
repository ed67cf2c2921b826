#include "kube/schema/object.h"

namespace gatepost::kube {

ApiResult<void> convert(json::Value& object, const GroupVersionKind&, const GroupVersionKind& to) {
  object.get_object()["apiVersion"] = api_version(to.group, to.version);
  return {};
}

}  // namespace gatepost::kube
