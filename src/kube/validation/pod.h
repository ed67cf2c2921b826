// Pods and what embeds them: the rules of a PodSpec and of a PodTemplateSpec (pkg/apis/core/validation).
#pragma once

#include <map>
#include <string_view>

#include "kube/validation/field.h"
#include "kube/validation/pod_resources.h"

namespace gatepost::kube {

// `pod_metadata`: of a Pod itself, null for a template.
void validate_pod_spec(Errors& errors, const Field& spec, const Field* pod_metadata);
// Labels, annotations and spec of a template.
void validate_pod_template(Errors& errors, const Field& pod_template);

// A change of pods/ephemeralcontainers, metadata included.
void update_ephemeral_containers(Errors& errors, const Field& pod, const Field& old_pod);

// Volumes by name, those without complaints.
using Volumes = std::map<std::string_view, const json::Value*>;
Volumes validate_volumes(Errors& errors, const Field& volumes, const Field* pod_metadata);

void validate_containers(Errors& errors, const Field& spec, const Volumes& volumes, const ClaimNames& claims);
void validate_init_containers(Errors& errors, const Field& spec, const Volumes& volumes, const ClaimNames& claims);
void validate_ephemeral_containers(Errors& errors, const Field& spec, const Volumes& volumes, const ClaimNames& claims);
void no_blanks_around_image(Errors& errors, const Field& image);

void validate_pod_affinity(Errors& errors, const Field& affinity);
void validate_node_selector(Errors& errors, const Field& selector);
void validate_tolerations(Errors& errors, const Field& tolerations);
void validate_topology_spread(Errors& errors, const Field& constraints);

// `fieldRef` of an environment variable or of a file of the downward API.
void validate_object_field(Errors& errors, const Field& reference, Choices supported);
enum class ResourceFieldOf { container, volume };
void validate_resource_field(Errors& errors, const Field& reference, ResourceFieldOf where);

// A port: a number or a name.
void validate_port_or_name(Errors& errors, const Field& port);
// "a/../b" climbs up.
bool climbs_up(std::string_view path);
void validate_relative_path(Errors& errors, const Field& path, std::string_view text);

// Quantities: not negative; whole where the resource counts things.
void validate_quantity(Errors& errors, const Field& quantity, std::string_view resource);
// The spec of a PersistentVolumeClaim, alone or in a template.
void validate_claim_spec(Errors& errors, const Field& spec);

}  // namespace gatepost::kube
