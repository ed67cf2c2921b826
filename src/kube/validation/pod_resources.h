// What pods and containers ask for: amounts of resources, and claims to devices.
#pragma once

#include <set>
#include <string_view>

#include "kube/validation/field.h"

namespace gatepost::kube {

using ClaimNames = std::set<std::string_view>;

// spec.resourceClaims; the names that containers may use. `pod_metadata`: null for a template.
ClaimNames validate_resource_claims(Errors& errors, const Field& claims, const Field* pod_metadata);

void validate_container_resources(Errors& errors, const Field& resources, const ClaimNames& claims);
// spec.resources, for the pod as a whole.
void validate_pod_level_resources(Errors& errors, const Field& spec, const ClaimNames& claims);
// spec.overhead: amounts, judged as a container's limits are.
void validate_overhead(Errors& errors, const Field& overhead);

// The name of a resource: of any kind, or one that containers may ask for. `place` holds its amount.
// Of those without a domain that quotas may name: "cpu", "requests.memory", "services.nodeports", huge pages of any
// size.
bool is_standard_resource(std::string_view name);

void validate_resource_name(Errors& errors, const Field& place, std::string_view name);
void validate_container_resource_name(Errors& errors, const Field& place, std::string_view name);
// "example.com/gpu": of a domain that is not Kubernetes' own.
bool is_extended_resource(std::string_view name);
// Whether more of it may be promised than there is.
bool overcommit_allowed(std::string_view name);

}  // namespace gatepost::kube
