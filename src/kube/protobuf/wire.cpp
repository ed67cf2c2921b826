#include "kube/protobuf/wire.h"

namespace gatepost::kube::protobuf {

Result<std::uint64_t> WireReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return fail("unexpected EOF");
    auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return fail("proto: integer overflow");
}

Result<std::uint64_t> WireReader::fixed(std::size_t size) {
  if (rest_.size() < size) return fail("unexpected EOF");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
  rest_.remove_prefix(size);
  return value;
}

Result<std::optional<WireField>> WireReader::next() {
  if (rest_.empty()) return std::optional<WireField>();
  auto tag = varint();
  if (!tag) return fail_with(std::move(tag.error()));
  WireField field;
  field.number = static_cast<std::uint32_t>(*tag >> 3);
  auto type = static_cast<unsigned>(*tag & 7);
  if (field.number == 0)
    return fail("proto: illegal tag " + std::to_string(field.number) + " (wire type " + std::to_string(type) + ")");
  field.type = static_cast<WireType>(type);
  auto value = [&]() -> Result<std::uint64_t> {
    switch (field.type) {
      case WireType::varint:
      case WireType::bytes:
        return varint();
      case WireType::fixed64:
        return fixed(8);
      case WireType::fixed32:
        return fixed(4);
    }
    return fail("proto: illegal wireType " + std::to_string(type));
  }();
  if (!value) return fail_with(std::move(value.error()));
  field.number_value = *value;
  if (field.type == WireType::bytes) {
    if (*value > rest_.size()) return fail("unexpected EOF");
    field.bytes = rest_.substr(0, *value);
    rest_.remove_prefix(*value);
  }
  return std::optional<WireField>(field);
}

}  // namespace gatepost::kube::protobuf
