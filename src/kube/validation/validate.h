// The API server's validation of built-in objects, beyond their types: metadata rules and one file of hand rules a kind
// or kind family, with the texts of kube-apiserver's validation packages. Errors come in the order the real one gives.
#pragma once

#include <string_view>
#include <vector>

#include "json/value.h"
#include "kube/registry/registry.h"
#include "kube/status.h"

namespace gatepost::kube {

// Complaints about a new object (after defaults), metadata included; empty when it may be stored.
std::vector<FieldError> validate_create(const json::Value& object, const ResourceInfo& resource);

// Complaints about a change; `old_object` is in the same version. Immutable fields are judged here. What a custom
// object may keep although it is wrong goes to `warnings`.
std::vector<FieldError> validate_update(const json::Value& object, const json::Value& old_object,
                                        const ResourceInfo& resource, std::string_view subresource,
                                        std::vector<std::string>* warnings = nullptr);

// What kube-apiserver warns about for this object ("spec.template.spec.nodeSelector[...]: deprecated since ...").
std::vector<std::string> warnings_for(const json::Value& object, const ResourceInfo& resource);

}  // namespace gatepost::kube
