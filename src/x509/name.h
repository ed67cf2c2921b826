// Distinguished names (subject, issuer) as Go's crypto/x509/pkix reads and prints them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gatepost::x509 {

struct NameAttribute {
  std::string type;   // dotted: "2.5.4.3"
  std::string value;  // UTF-8
};

struct Name {
  std::vector<NameAttribute> attributes;  // in the order of the certificate

  // The last one, as Go has it; empty when there is none.
  std::string_view common_name() const;
  std::vector<std::string_view> organizations() const;

  // Go's Name.String(): "CN=web,OU=b,O=a", unknown attributes last as "1.2.3=#0c0161".
  std::string text() const;
};

// `der` is the whole SEQUENCE. The error is Go's: "x509: invalid RDNSequence".
Result<Name> parse_name(std::string_view der);

}  // namespace gatepost::x509
