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
  refused,             // the port is taken, but nothing listens
  tcp_reset,           // after the client's first bytes
  tcp_eof,             // closes without an answer
  tcp_silent,          // accepts and says nothing
  tcp_text,            // answers the first bytes with text that is neither TLS nor HTTP
  not_tls,             // speaks plain HTTP
  certificate,         // TLS with a wrong certificate
  client_certificate,  // demands a certificate of the client
  old_tls,             // TLS 1.0 and 1.1 only
  raw,                 // `body` instead of an HTTP answer, then the end
  closed,              // the connection ends after the request
  truncated,           // the body is shorter than announced
  slow_body,           // the head comes at once, the body after the delay
  answer,              // a wrong answer
};

enum class Certificate {
  good,
  expired,
  not_yet_valid,
  unknown_authority,
  same_name_authority,
  missing_chain,
  wrong_name,
  no_san,
  self_signed,
  client_usage
};

// What the answer's review is made of.
enum class Review { correct, denied, other_uid, other_version, no_response, bad_patch };

struct Fault {
  std::string_view name;
  std::string_view summary;
  Level level = Level::none;
  Certificate certificate = Certificate::good;
  int status = 200;                 // of an answer
  std::string_view body = {};       // of an answer that is no review
  Review review = Review::correct;  // of an answer with status 200 and no body of its own
  bool empty = false;               // of an answer: no body at all
};

std::span<const Fault> faults();

// A fault with what stands behind its name: "slow=5s", "deny=no privileged pods", "http-418".
struct ChosenFault {
  const Fault* fault = nullptr;
  int status = 200;
  std::chrono::nanoseconds delay{0};
  std::string message;
};

// "http-500", "slow=5s", "deny=TEXT". The error lists the names.
Result<ChosenFault> choose_fault(std::string_view text);

}  // namespace gatepost::backend
