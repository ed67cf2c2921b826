// A reader of DER that never looks beyond its bytes: single-byte tags, minimal lengths, nothing longer than 2^32. It
// accepts what Go's cryptobyte accepts. Views point into the bytes it was made of.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatepost::x509 {

namespace tag {
constexpr std::uint8_t boolean = 0x01, integer = 0x02, bit_string = 0x03, octet_string = 0x04, null = 0x05,
                       object_identifier = 0x06, utf8_string = 0x0c, numeric_string = 0x12, printable_string = 0x13,
                       t61_string = 0x14, ia5_string = 0x16, utc_time = 0x17, generalized_time = 0x18,
                       bmp_string = 0x1e, sequence = 0x30, set = 0x31;
constexpr std::uint8_t context(std::uint8_t number) {
  return 0x80 | number;
}
constexpr std::uint8_t context_constructed(std::uint8_t number) {
  return 0xa0 | number;
}
}  // namespace tag

struct DerElement {
  std::uint8_t tag = 0;
  std::string_view whole, content;
};

class Der {
 public:
  explicit Der(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  bool next_is(std::uint8_t tag) const { return !rest_.empty() && static_cast<std::uint8_t>(rest_[0]) == tag; }

  // The next element of any tag; nullopt when it is not well formed. A failed read leaves the reader where it was.
  std::optional<DerElement> any();
  std::optional<DerElement> element(std::uint8_t tag);
  std::optional<std::string_view> content(std::uint8_t tag);
  std::optional<Der> enter(std::uint8_t tag);

  std::optional<bool> boolean();
  // The minimal two's complement bytes of an INTEGER.
  std::optional<std::string_view> integer(std::uint8_t as = tag::integer);
  std::optional<std::int64_t> small_integer(std::uint8_t as = tag::integer);
  // The content bytes of an OBJECT IDENTIFIER, checked to be well formed, each arc below 2^31.
  std::optional<std::string_view> oid();

  struct BitString {
    std::string_view bytes;
    unsigned unused = 0;  // bits of the last byte that do not count
    bool bit(unsigned index) const;
    std::string right_aligned() const;  // the bits as a number: shifted by `unused`
  };
  std::optional<BitString> bit_string();

  // UTCTime or GeneralizedTime; false in `known` when the next element is neither.
  std::optional<std::chrono::sys_seconds> time(bool& known);

 private:
  std::string_view rest_;
};

// Content bytes of an OBJECT IDENTIFIER whose arcs may be of any size.
bool is_oid(std::string_view content);

// "2.5.29.17" of the content bytes of an OBJECT IDENTIFIER.
std::string oid_text(std::string_view oid);

}  // namespace gatepost::x509
