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
// `variables`, an object without fields; add_variable() gives it one. Types that a policy cannot name (objects, what
// libraries bring) are dyn there, as is an unknown one (null).
SchemaType& declare_variables(Declarations& to);
void add_variable(Declarations& to, SchemaType& variables, const std::string& name, const Type* type);
// All object types inside the schema, by their types' names.
void declare_schema(Declarations& to, const SchemaType& schema);

}  // namespace gatepost::cel
