// What can go wrong between two hosts: a typed kind for code, and the text that Go's net, crypto/tls, crypto/x509 and
// net/http give for it. The text carries no prefix of the request (`Post "https://...": ` is the caller's).
#pragma once

#include <string>

#include "base/result.h"

namespace gatepost::net {

enum class ErrorKind {
  deadline_exceeded,  // the operation's own deadline passed
  canceled,           // the caller gave up
  eof,                // the peer closed before the first byte of what was awaited
  unexpected_eof,     // the peer closed in the middle
  connection_refused,
  connection_reset,
  broken_pipe,
  no_route,      // host or network unreachable
  dial_timeout,  // the dial's own limit passed (i/o timeout)
  dns,
  tls_alert,      // the peer sent an alert
  tls_protocol,   // what came is not TLS, or TLS that we do not speak
  http_to_https,  // an HTTP answer to a TLS hello
  certificate,    // the peer's certificate was judged invalid
  malformed_http,
  too_large,  // a bound of ours was passed
  tls_handshake_timeout,
  proxy,
  other,
};

struct Error {
  ErrorKind kind = ErrorKind::other;
  std::string text;
};

template <class T>
using NetResult = Result<T, Error>;

inline Failure<Error> net_fail(ErrorKind kind, std::string text) {
  return Failure<Error>(Error{kind, std::move(text)});
}

}  // namespace gatepost::net
