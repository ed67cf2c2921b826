#include "kube/schema/default_hooks.h"
#include "kube/schema/prepare_kinds.h"

// Fields behind feature gates that are off in 1.36: the API server takes them off what it stores.
namespace gatepost::kube {
namespace {

template <class Each>
void for_each_object(json::Object& holder, std::string_view list, Each each) {
  json::Array* items = array_of(holder, list);
  if (!items) return;
  for (json::Value& item : *items)
    if (item.is_object()) each(item.get_object());
}

// ClusterTrustBundleProjection and PodCertificateRequest
void drop_from_volume(json::Object& volume) {
  json::Object* projected = object_of(volume, "projected");
  if (!projected) return;
  for_each_object(*projected, "sources", [](json::Object& source) {
    source.erase("clusterTrustBundle");
    source.erase("podCertificate");
  });
}

// ContainerStopSignals
void drop_from_container(json::Object& container) {
  if (json::Object* lifecycle = object_of(container, "lifecycle")) lifecycle->erase("stopSignal");
}

json::Object* inside(json::Object* object, std::initializer_list<std::string_view> path) {
  for (std::string_view name : path) object = object ? object_of(*object, name) : nullptr;
  return object;
}

}  // namespace

void drop_disabled_fields(json::Object& object) {
  json::Object* const specs[] = {
      inside(&object, {"spec"}),
      inside(&object, {"template", "spec"}),
      inside(&object, {"spec", "template", "spec"}),
      inside(&object, {"spec", "jobTemplate", "spec", "template", "spec"}),
  };
  for (json::Object* spec : specs) {
    if (!spec) continue;
    for_each_object(*spec, "volumes", drop_from_volume);
    for (std::string_view list : {"containers", "initContainers", "ephemeralContainers"})
      for_each_object(*spec, list, drop_from_container);
  }
}

}  // namespace gatepost::kube
