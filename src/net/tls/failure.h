// From OpenSSL's reason to the error that Go's crypto/tls would give in its place.
#pragma once

#include <cstdint>
#include <optional>

#include "net/error.h"
#include "net/tls/engine.h"
#include "net/tls/record_sniff.h"

namespace gatepost::net::tls {

// What is known of a connection when it fails.
struct Circumstances {
  Role role;
  const RecordSniff& sniff;
  const Offer& offer;
  std::optional<std::uint8_t> sent_alert;
};

// `code` is an entry of OpenSSL's error queue.
Error failure_of(unsigned long code, const Circumstances& seen);

}  // namespace gatepost::net::tls
