// Protobuf's wire format: a message as the sequence of its fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace gatepost::kube::protobuf {

enum class WireType { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::varint;
  std::uint64_t number_value = 0;  // of a varint, fixed64 or fixed32
  std::string_view bytes = "";     // of a length-delimited field
};

// Reads one field after the other. Errors have the texts of Go's generated Unmarshal: "unexpected EOF",
// "proto: integer overflow", "proto: illegal tag 0 (wire type 0)". Groups are refused.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // The next field; nullopt at the message's end.
  Result<std::optional<WireField>> next();

  // One bare varint: an element of a packed list.
  Result<std::uint64_t> varint();
  bool at_end() const { return rest_.empty(); }

 private:
  Result<std::uint64_t> fixed(std::size_t size);

  std::string_view rest_;
};

}  // namespace gatepost::kube::protobuf
