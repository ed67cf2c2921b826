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

enum class ParseErrors { in_words, bare };  // bare: the decoder's text alone

// The body by its Content-Type (JSON, YAML or protobuf) as a tree; always an object. Where the client did not say kind
// and version, they are missing.
kube::ApiResult<ParsedBody> parse_body(const Call& call, const kube::GroupVersionKind& kind,
                                       ParseErrors errors = ParseErrors::in_words);

// `no kind "X" is registered for version "v1" in scheme ...`
std::string not_registered(std::string_view kind, std::string_view api_version);

// Whether the document, which says of which kind it is, can be decoded into `wanted` or another version of it; what it
// does not say is as wanted. The error has the scheme's words.
Result<void> check_convertible(const Call& call, const json::Value& document, const kube::GroupVersionKind& wanted);

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
