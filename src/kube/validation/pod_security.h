// Security contexts of pods and containers, and what an operating system, Windows' host processes and annotations of
// old ask of them together.
#pragma once

#include "kube/validation/field.h"

namespace gatepost::kube {

enum class HostUsers { shared, own };  // whether the users of the pod are those of the node

void validate_pod_security(Errors& errors, const Field& spec);
void validate_container_security(Errors& errors, const Field& context, HostUsers users);
// Every container runs as a process of the node, or none does.
void validate_host_processes(Errors& errors, const Field& spec);
// What spec.os.name rules out.
void validate_operating_system(Errors& errors, const Field& spec);

// Annotations with a meaning of their own, of a Pod or a template.
void validate_pod_annotations(Errors& errors, const Field& annotations, const Field& spec);
// Profiles in annotations and in fields of a new Pod must agree.
void validate_profile_annotations(Errors& errors, const Field& annotations, const Field& spec);

// Runs `each(container)` over all containers: init containers first, ephemeral ones last.
template <class Each>
void for_each_container(const Field& spec, Each each) {
  Field initial = spec["initContainers"], regular = spec["containers"], ephemeral = spec["ephemeralContainers"];
  for (const Field* list : {&initial, &regular, &ephemeral}) for_each(*list, each);
}

}  // namespace gatepost::kube
