#include "kube/schema/convert_kinds.h"
#include "kube/schema/object.h"

namespace gatepost::kube {

ApiResult<void> convert(json::Value& object, const GroupVersionKind& from, const GroupVersionKind& to) {
  if (!object.is_object()) return fail_with(internal_error("an object that is no JSON object"));
  if (from.group == to.group && from.version == to.version) return {};
  json::Object& fields = object.get_object();
  if (from.kind == "Event" && from.group != to.group)
    to.group.empty() ? event_to_core_group(fields) : event_to_events_group(fields);
  if (from.kind == "HorizontalPodAutoscaler" && from.group == "autoscaling")
    to.version == "v1" ? autoscaler_to_v1(fields) : autoscaler_to_v2(fields);
  fields["apiVersion"] = api_version(to.group, to.version);
  return {};
}

}  // namespace gatepost::kube
