// OpenAPI of custom resources: the definitions of a kind and its list, from the structural schema of their version
// (apiextensions-apiserver's controller/openapi/builder).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kube/registry/registry.h"

namespace gatepost::apiserver {

enum class OpenApi { v2, v3 };

// Names and schemas as JSON: {"io.acme.v1.Widget", "{...}"} and {"io.acme.v1.WidgetList", "{...}"}. They refer to
// ObjectMeta and ListMeta.
std::vector<std::pair<std::string, std::string>> custom_schemas(const kube::ResourceInfo& resource, OpenApi form);

}  // namespace gatepost::apiserver
