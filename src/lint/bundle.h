// A caBundle as it is written: whether it is there, whether it can be read, whom it trusts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "x509/certificate.h"

namespace gatepost::lint {

struct Bundle {
  enum class State { absent, placeholder, unparsable, certificates };
  State state = State::absent;
  std::string reason;  // of an unparsable one
  std::vector<x509::CertificatePtr> certificates;
  bool holds_private_key = false;
};

// `written` is the field's text, base64.
Bundle read_bundle(std::string_view written);

// The CERTIFICATE blocks of a PEM text that parse.
std::vector<x509::CertificatePtr> certificates_of(std::string_view pem);

}  // namespace gatepost::lint
