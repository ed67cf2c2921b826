// Which fields a field selector may name, a kind at a time, with the refusals of kube-apiserver's conversions
// (AddFieldLabelConversionFunc).
#pragma once

#include <string>

#include "kube/registry/registry.h"
#include "kube/status.h"

namespace gatepost::apiserver {

// The field as it stands in the stored object: names of older and newer versions are brought to one.
kube::ApiResult<std::string> stored_field(const kube::ResourceInfo& resource, const std::string& field);

}  // namespace gatepost::apiserver
