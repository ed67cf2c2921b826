// The faults that `gatepost backend` can have: what a webhook's backend does wrong, as a table.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::backend {

// On which level the backend misbehaves.
enum class Level {
  none,
  tcp_reset,    // after the client's first bytes
  tcp_eof,      // closes without an answer
  tcp_silent,   // accepts and says nothing
  not_tls,      // speaks plain HTTP
  certificate,  // TLS with a wrong certificate
  old_tls,      // TLS 1.0 and 1.1 only
  answer,       // a wrong answer
};

enum class Certificate {
  good,
  expired,
  not_yet_valid,
  unknown_authority,
  wrong_name,
  no_san,
  self_signed,
  client_usage
};

struct Fault {
  std::string_view name;
  std::string_view summary;
  Level level = Level::none;
  Certificate certificate = Certificate::good;
  int status = 200;            // of an answer
  std::string_view body = {};  // of an answer; empty: an AdmissionReview
};

std::span<const Fault> faults();

// A fault with what stands behind its name: "slow=5s", "deny=no privileged pods".
struct ChosenFault {
  const Fault* fault = nullptr;
  std::chrono::nanoseconds delay{0};
  std::string message;
};

// "http-500", "slow=5s", "deny=TEXT". The error lists the names.
Result<ChosenFault> choose_fault(std::string_view text);

}  // namespace gatepost::backend
