// The body of a write -> an object of the request's kind, decoded and defaulted.
#pragma once

#include "apiserver/call.h"
#include "json/value.h"
#include "kube/schema/object.h"

namespace gatepost::apiserver {

// Parses the body by its Content-Type (JSON or YAML), checks kind and apiVersion against `kind`, decodes by
// `validation` (warnings go to the call's trail) and sets defaults.
kube::ApiResult<json::Value> decode_body(Call& call, const kube::GroupVersionKind& kind,
                                         kube::FieldValidation validation);

// The last two steps for a document that did not come as a body: a patched object.
kube::ApiResult<void> decode_object(Call& call, json::Value& object, const kube::GroupVersionKind& kind,
                                    kube::FieldValidation validation, const std::vector<std::string>& duplicates = {});

// What a write of this call is about: the subresource's kind, or the resource's.
kube::GroupVersionKind kind_of(const Call& call);

}  // namespace gatepost::apiserver
