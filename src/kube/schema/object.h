// What a built-in object goes through between the wire and the store. All functions work on the JSON tree in place and
// are pure but for that. Kinds are named by ResourceInfo::schema.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "json/value.h"
#include "kube/registry/registry.h"
#include "kube/status.h"

namespace gatepost::kube {

enum class FieldValidation { ignore, warn, strict };

struct DecodeResult {
  std::vector<std::string> warnings;  // `unknown field "spec.foo"`, `duplicate field ...` under FieldValidation::warn
};

// What the reader of the object's text knows beyond the tree.
struct DecodeSource {
  std::string_view text;                // the JSON that was read; empty if it was no JSON
  bool duplicates = false;              // whether keys came twice in `text` (json/parse.h, strict reading)
  std::vector<std::string> complaints;  // that come before all others under warn and strict (yaml/convert.h)
};

// Makes of `object` what Go prints of it decoded into its type: unknown fields dropped (or refused, by `validation`),
// wrong types refused with the texts of the Kubernetes JSON decoder, empty values left out where the type says
// omitempty and written where it does not, quantities, times and base64 in canonical form. The error is the decoder's
// text.
Result<DecodeResult> decode(json::Value& object, const GroupVersionKind& kind, FieldValidation validation,
                            const DecodeSource& source = {});

// The answer to a body that does not decode: `Pod in version "v1" cannot be handled as a Pod: <why>`.
Status cannot_be_handled(const GroupVersionKind& kind, std::string_view why);

// Sets what kube-apiserver's defaulting sets for this kind and version (zz_generated.defaults and the schemas'
// defaults).
void set_defaults(json::Value& object, const GroupVersionKind& kind);

// Sets what kube-apiserver's own admission plugins set, before any webhook: priority and tolerations of a Pod
// (Priority, DefaultTolerationSeconds).
void set_admission_defaults(json::Value& object, const GroupVersionKind& kind);

// Turns an object of one served version into another of the same collection (autoscaling/v1 <-> v2, events).
// Objects whose group and version differ only in name just get the other apiVersion.
ApiResult<void> convert(json::Value& object, const GroupVersionKind& from, const GroupVersionKind& to);

// The registry's strategies: what a create or update may not set is cleared or taken over (status on the main resource,
// spec on status, generation counted up when the spec changed, clusterIP kept, phase of a new Pod, uid and times are
// the caller's). They come after mutating admission and before validation. `now` stamps conditions that come without a
// time.
void prepare_for_create(json::Value& object, const ResourceInfo& resource);
void prepare_for_update(json::Value& object, const json::Value& old_object, const ResourceInfo& resource,
                        std::string_view subresource,
                        std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

// Whether a PUT of what is not there makes it, and whether an update must name the resourceVersion it is for.
bool update_creates(const ResourceInfo& resource);
bool update_is_conditional(const ResourceInfo& resource);

}  // namespace gatepost::kube
