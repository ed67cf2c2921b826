// Parts of a definition as the real server's texts show them: its internal Go structures printed as JSON, with Go's
// field names and zero values.
#pragma once

#include <string>

#include "json/value.h"
#include "kube/crd/schema.h"

namespace gatepost::kube::crd {

// {"Rule":"self > 1","Message":"",...}
std::string internal_rule(const Rule& rule);

// {"ID":"","Schema":"","Ref":null,...} of JSONSchemaProps.
std::string internal_schema(const json::Value& props);

// The first field of a root schema, in the structure's order, that may not be there beside the status subresource;
// "type" stands for one of another type than object. Empty: there is none.
std::string first_field_not_for_status(const json::Value& props);

// [{"Name":"v1","Served":true,...}] of spec.versions. What all versions share is said above them, not in each.
std::string internal_versions(const json::Value& versions);

}  // namespace gatepost::kube::crd
