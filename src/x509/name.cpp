#include "x509/name.h"

#include <array>

#include "x509/der.h"
#include "x509/text.h"

namespace gatepost::x509 {
namespace {

struct NamedType {
  std::string_view type, name;
};

// In the reverse of the order in which Go's ToRDNSequence writes them; String() prints from the end.
constexpr std::array<NamedType, 9> known_types = {{{"2.5.4.5", "SERIALNUMBER"},
                                                   {"2.5.4.3", "CN"},
                                                   {"2.5.4.11", "OU"},
                                                   {"2.5.4.10", "O"},
                                                   {"2.5.4.17", "POSTALCODE"},
                                                   {"2.5.4.9", "STREET"},
                                                   {"2.5.4.7", "L"},
                                                   {"2.5.4.8", "ST"},
                                                   {"2.5.4.6", "C"}}};
// Of these Go keeps only the last value.
bool single_valued(std::string_view type) {
  return type == "2.5.4.5" || type == "2.5.4.3";
}

bool is_known(std::string_view type) {
  for (const auto& known : known_types) {
    if (known.type == type) return true;
  }
  return false;
}

std::string escaped(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool edge_space = c == ' ' && (i == 0 || i + 1 == value.size());
    if (std::string_view(",+\"\\<>;").find(c) != std::string_view::npos || edge_space || (c == '#' && i == 0)) {
      out += '\\';
    }
    out += c;
  }
  return out;
}

// "#" and the hexadecimal DER of the string, as Go's asn1.Marshal chooses the type.
std::string hex_der(std::string_view value) {
  bool printable = true;
  for (char c : value) printable = printable && is_printable_string_char(c) && c != '*' && c != '&';
  std::string der(1, static_cast<char>(printable ? tag::printable_string : tag::utf8_string));
  if (value.size() < 128) {
    der += static_cast<char>(value.size());
  } else {
    std::string length;
    for (std::size_t n = value.size(); n > 0; n >>= 8) length.insert(length.begin(), static_cast<char>(n & 0xff));
    der += static_cast<char>(0x80 | length.size());
    der += length;
  }
  der += value;
  return "#" + hex(der);
}

Result<std::string> parse_string(const DerElement& element) {
  const std::string_view value = element.content;
  switch (element.tag) {
    case tag::t61_string: {
      std::string out;
      for (char c : value) append_utf8(out, static_cast<std::uint8_t>(c));
      return out;
    }
    case tag::printable_string:
      for (char c : value) {
        if (!is_printable_string_char(c)) return fail("invalid PrintableString");
      }
      return std::string(value);
    case tag::utf8_string:
      if (!is_utf8(value)) return fail("invalid UTF-8 string");
      return std::string(value);
    case tag::bmp_string: {
      if (value.size() % 2 != 0) return fail("invalid BMPString");
      std::size_t size = value.size();
      if (size >= 2 && value[size - 1] == 0 && value[size - 2] == 0) size -= 2;
      std::string out;
      for (std::size_t i = 0; i < size; i += 2) {
        const char32_t point =
            static_cast<char32_t>(static_cast<std::uint8_t>(value[i])) << 8 | static_cast<std::uint8_t>(value[i + 1]);
        if (point >= 0xfffe || (point >= 0xfdd0 && point <= 0xfdef) || (point >= 0xd800 && point <= 0xdfff)) {
          return fail("invalid BMPString");
        }
        append_utf8(out, point);
      }
      return out;
    }
    case tag::ia5_string:
      if (!is_ascii(value)) return fail("invalid IA5String");
      return std::string(value);
    case tag::numeric_string:
      for (char c : value) {
        if ((c < '0' || c > '9') && c != ' ') return fail("invalid NumericString");
      }
      return std::string(value);
  }
  return fail("unsupported string type: " + std::to_string(element.tag));
}

}  // namespace

std::string_view Name::common_name() const {
  std::string_view found;
  for (const auto& attribute : attributes) {
    if (attribute.type == "2.5.4.3") found = attribute.value;
  }
  return found;
}

std::vector<std::string_view> Name::organizations() const {
  std::vector<std::string_view> found;
  for (const auto& attribute : attributes) {
    if (attribute.type == "2.5.4.10") found.push_back(attribute.value);
  }
  return found;
}

std::string Name::text() const {
  std::string out;
  for (const auto& known : known_types) {
    std::string values;
    for (const auto& attribute : attributes) {
      if (attribute.type != known.type) continue;
      if (single_valued(known.type)) {
        values.clear();
        if (attribute.value.empty()) continue;
      }
      if (!values.empty()) values += '+';
      values += std::string(known.name) + "=" + escaped(attribute.value);
    }
    if (values.empty()) continue;
    if (!out.empty()) out += ',';
    out += values;
  }
  for (auto attribute = attributes.rbegin(); attribute != attributes.rend(); ++attribute) {
    if (is_known(attribute->type)) continue;
    if (!out.empty()) out += ',';
    out += attribute->type + "=" + hex_der(attribute->value);
  }
  return out;
}

Result<Name> parse_name(std::string_view der) {
  auto sets = Der(der).enter(tag::sequence);
  if (!sets) return fail("x509: invalid RDNSequence");
  Name name;
  while (!sets->empty()) {
    auto set = sets->enter(tag::set);
    if (!set) return fail("x509: invalid RDNSequence");
    while (!set->empty()) {
      auto pair = set->enter(tag::sequence);
      if (!pair) return fail("x509: invalid RDNSequence: invalid attribute");
      auto type = pair->oid();
      if (!type) return fail("x509: invalid RDNSequence: invalid attribute type");
      auto value = pair->any();
      if (!value) return fail("x509: invalid RDNSequence: invalid attribute value");
      auto text = parse_string(*value);
      if (!text) return fail("x509: invalid RDNSequence: invalid attribute value: " + text.error().text);
      name.attributes.push_back({oid_text(*type), std::move(*text)});
    }
  }
  return name;
}

}  // namespace gatepost::x509
