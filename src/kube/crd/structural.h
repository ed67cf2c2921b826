// Whether a schema is structural: types said at every place, value validation apart from them
// (apiextensions-apiserver's apiserver/schema/validation.go), and whether its defaults are values of their own schemas
// (schema/defaulting).
#pragma once

#include <string>
#include <vector>

#include "kube/crd/schema.h"
#include "kube/status.h"

namespace gatepost::kube::crd {

// Sorted, as the original does.
std::vector<FieldError> validate_structural(const Schema& root, const std::string& path);

std::vector<FieldError> validate_defaults(const Schema& root, const std::string& path);

}  // namespace gatepost::kube::crd
