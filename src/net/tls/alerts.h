// TLS alerts by number (RFC 8446 section 6 and older ones), in the words of Go's crypto/tls.
#pragma once

#include <cstdint>
#include <string>

#include "net/error.h"

namespace gatepost::net::tls {

// "tls: handshake failure"; "tls: alert(77)" for an unknown one.
std::string alert_text(std::uint8_t alert);

// "remote error: tls: handshake failure"
Error remote_alert(std::uint8_t alert);

// We ended the connection with this alert: "local error: tls: bad record MAC".
Error local_alert(std::uint8_t alert);

}  // namespace gatepost::net::tls
