// Protobuf bodies: the envelope, then the message as the kind that it names, or as a Pod.
#include <cstdint>

#include "kube/protobuf/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatepost;
  std::string_view body(reinterpret_cast<const char*>(data), size);
  auto envelope = kube::protobuf::open_envelope(body);
  if (!envelope) return 0;
  kube::GroupVersionKind kind{"", "v1", "Pod"};
  if (!envelope->kind.empty()) kind.kind = envelope->kind;
  if (std::size_t slash = envelope->api_version.find('/'); slash != std::string::npos) {
    kind.group = envelope->api_version.substr(0, slash);
    kind.version = envelope->api_version.substr(slash + 1);
  }
  (void)kube::protobuf::decode(envelope->raw, kind, json::make_arena());
  return 0;
}
