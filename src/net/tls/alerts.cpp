#include "net/tls/alerts.h"

#include <array>
#include <string_view>

namespace gatepost::net::tls {
namespace {

struct Row {
  std::uint8_t alert;
  std::string_view text;
};

constexpr std::array<Row, 34> alerts = {{
    {0, "close notify"},
    {10, "unexpected message"},
    {20, "bad record MAC"},
    {21, "decryption failed"},
    {22, "record overflow"},
    {30, "decompression failure"},
    {40, "handshake failure"},
    {42, "bad certificate"},
    {43, "unsupported certificate"},
    {44, "revoked certificate"},
    {45, "expired certificate"},
    {46, "unknown certificate"},
    {47, "illegal parameter"},
    {48, "unknown certificate authority"},
    {49, "access denied"},
    {50, "error decoding message"},
    {51, "error decrypting message"},
    {60, "export restriction"},
    {70, "protocol version not supported"},
    {71, "insufficient security level"},
    {80, "internal error"},
    {86, "inappropriate fallback"},
    {90, "user canceled"},
    {100, "no renegotiation"},
    {109, "missing extension"},
    {110, "unsupported extension"},
    {111, "certificate unobtainable"},
    {112, "unrecognized name"},
    {113, "bad certificate status response"},
    {114, "bad certificate hash value"},
    {115, "unknown PSK identity"},
    {116, "certificate required"},
    {120, "no application protocol"},
    {121, "encrypted client hello required"},
}};

}  // namespace

std::string alert_text(std::uint8_t alert) {
  for (const Row& row : alerts) {
    if (row.alert == alert) return "tls: " + std::string(row.text);
  }
  return "tls: alert(" + std::to_string(alert) + ")";
}

Error remote_alert(std::uint8_t alert) {
  return {ErrorKind::tls_alert, "remote error: " + alert_text(alert)};
}

Error local_alert(std::uint8_t alert) {
  return {ErrorKind::tls_protocol, "local error: " + alert_text(alert)};
}

}  // namespace gatepost::net::tls
