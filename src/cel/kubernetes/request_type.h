// The object types of admission: request, namespaceObject, what mutations make, a policy's variables, a CRD's schema.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cel/declarations.h"

namespace gatepost::cel {

// `request` of type kubernetes.AdmissionRequest.
void declare_request(Declarations& to);
// `namespaceObject` of type kubernetes.Namespace.
void declare_namespace(Declarations& to);
// Object{...}, Object.spec{...} and JSONPatch{op: ..., path: ..., from: ..., value: ...}.
void declare_patch_types(Declarations& to);
// `variables`, an object with these fields.
void declare_variables(Declarations& to, const std::vector<std::pair<std::string, const Type*>>& variables);
// All object types inside the schema, by their types' names.
void declare_schema(Declarations& to, const SchemaType& schema);

}  // namespace gatepost::cel
