// The body of a write -> an object of the request's kind, decoded and defaulted.
#pragma once

#include "apiserver/call.h"
#include "json/value.h"
#include "kube/schema/object.h"

namespace gatepost::apiserver {

struct ParsedBody {
  json::Value value;
  kube::DecodeSource source;  // its text is that of the call's body
};

// The body by its Content-Type (JSON, YAML or protobuf) as a tree; always an object. Where the client did not say kind
// and version, they are missing.
kube::ApiResult<ParsedBody> parse_body(const Call& call, const kube::GroupVersionKind& kind);

// Parses the body, checks kind and apiVersion against `kind`, decodes by
// `validation` (warnings go to the call's trail) and sets defaults.
kube::ApiResult<json::Value> decode_body(Call& call, const kube::GroupVersionKind& kind,
                                         kube::FieldValidation validation);

// The type of the kind alone, or of the call's custom resource by its schema.
Result<kube::DecodeResult> decode_document(const Call& call, json::Value& object, const kube::GroupVersionKind& kind,
                                           kube::FieldValidation validation, const kube::DecodeSource& source = {});

// The last two steps for a document that did not come as a body: a patched object.
kube::ApiResult<void> decode_object(Call& call, json::Value& object, const kube::GroupVersionKind& kind,
                                    kube::FieldValidation validation, const kube::DecodeSource& source = {});

// What a write of this call is about: the subresource's kind, or the resource's.
kube::GroupVersionKind kind_of(const Call& call);

}  // namespace gatepost::apiserver
