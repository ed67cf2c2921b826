// The parts of a container that its rules are made of.
#pragma once

#include "kube/validation/field.h"
#include "kube/validation/pod.h"
#include "kube/validation/pod_resources.h"

namespace gatepost::kube {

// What is asked of regular, init and ephemeral containers alike.
void validate_any_container(Errors& errors, const Field& container, const Field& spec, const Volumes& volumes,
                            const ClaimNames& claims);
// env and envFrom.
void validate_environment(Errors& errors, const Field& container);
// lifecycle and the three probes; `spec` is the pod's.
void validate_lifecycle_and_probes(Errors& errors, const Field& container, const Field& spec);

}  // namespace gatepost::kube
