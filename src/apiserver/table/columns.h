// The column definitions of a resource's Table, as JSON, from data/kubernetes-1.36/table-columns.json.
#pragma once

#include <string>

#include "kube/registry/registry.h"

namespace gatepost::apiserver {

// Name and Created At for resources without columns of their own.
const std::string& column_definitions(const kube::ResourceInfo& resource);

// The definition of the first column of most tables.
std::string name_column();

}  // namespace gatepost::apiserver
