// What a definition may say in openAPIV3Schema: the rules of ValidateCustomResourceDefinitionOpenAPISchema, the bounds
// of the cost of x-kubernetes-validations, and what status and structural schemas add to them.
#pragma once

#include <string>
#include <vector>

#include "json/value.h"
#include "kube/crd/schema.h"
#include "kube/status.h"

namespace gatepost::kube::crd {

struct SchemaChecks {
  bool status_enabled = false;      // the schema's version has the status subresource
  bool unchanged = false;           // it was stored before: the cost of single rules is not judged again
  bool allow_unstructural = false;  // the stored definition has unstructural schemas
};

// `path`: of the schema, "spec.validation.openAPIV3Schema".
std::vector<FieldError> validate_schema(const json::Value& props, const std::string& path, const SchemaChecks& checks);

// Formats that nothing checks, for warnings.
void collect_unknown_formats(const json::Value& props, std::vector<std::string>& formats);

}  // namespace gatepost::kube::crd
