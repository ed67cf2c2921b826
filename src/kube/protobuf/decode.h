// Protobuf bodies of built-in kinds (application/vnd.kubernetes.protobuf) -> the JSON tree that the same Go object
// prints. Field numbers are those of kube/schema/types.h. Bounded: depth by 100 messages, memory by the body's size.
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"
#include "kube/registry/registry.h"

namespace gatepost::kube::protobuf {

// The envelope: the bytes "k8s\0", then runtime.Unknown (apimachinery's protobuf serializer).
struct Envelope {
  std::string api_version, kind;  // empty where the client left them out
  std::string_view raw = "";      // the object's message; points into the body
};

// Errors in the words of apimachinery's serializer.
Result<Envelope> open_envelope(std::string_view body);

// The message of an object of `kind`, which must be one that schema_of knows. Unknown fields are skipped, as in Go;
// zero values of fields that Go leaves out of JSON are left out.
Result<json::Value> decode(std::string_view message, const GroupVersionKind& kind, const json::Storage& arena);

}  // namespace gatepost::kube::protobuf
