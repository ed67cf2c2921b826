// Tables of custom resources: columns by additionalPrinterColumns of their version.
#pragma once

#include <string>

#include "apiserver/table/cells.h"
#include "kube/crd/definition.h"

namespace gatepost::apiserver {

// The column definitions as JSON: the name, and those of the version.
std::string custom_columns(const kube::crd::Version& version);

void custom_cells(const kube::crd::Version& version, const json::Value& object, Row& row);

}  // namespace gatepost::apiserver
