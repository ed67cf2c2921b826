#include "backend/faults.h"

#include <charconv>
#include <optional>

#include "formats/go_duration.h"

namespace gatepost::backend {

std::span<const Fault> faults() {
  using C = Certificate;
  static constexpr Fault table[] = {
      {.name = "none", .summary = "answers every review with allowed: true"},
      {.name = "deny",
       .summary = "denies every request; deny=TEXT gives the reason",
       .level = Level::answer,
       .review = Review::denied},
      // connecting
      {.name = "refused", .summary = "nothing listens on the port", .level = Level::refused},
      {.name = "silent", .summary = "accepts the connection and says nothing", .level = Level::tcp_silent},
      {.name = "reset", .summary = "resets the connection", .level = Level::tcp_reset},
      {.name = "eof", .summary = "closes the connection without an answer", .level = Level::tcp_eof},
      // TLS
      {.name = "not-tls", .summary = "speaks plain HTTP", .level = Level::not_tls},
      {.name = "not-http",
       .summary = "speaks neither TLS nor HTTP",
       .level = Level::tcp_text,
       .body = "this is no TLS record at all\n"},
      {.name = "old-tls", .summary = "speaks TLS 1.0 and 1.1 only", .level = Level::old_tls},
      {.name = "client-certificate",
       .summary = "demands a certificate that the API server does not have",
       .level = Level::client_certificate},
      {.name = "expired",
       .summary = "serves a certificate that expired in 2020",
       .level = Level::certificate,
       .certificate = C::expired},
      {.name = "not-yet-valid",
       .summary = "serves a certificate of the far future",
       .level = Level::certificate,
       .certificate = C::not_yet_valid},
      {.name = "unknown-authority",
       .summary = "serves a certificate of another CA",
       .level = Level::certificate,
       .certificate = C::unknown_authority},
      {.name = "same-name-authority",
       .summary = "serves a certificate of a CA of the same name with another key",
       .level = Level::certificate,
       .certificate = C::same_name_authority},
      {.name = "missing-chain",
       .summary = "serves a certificate without the intermediate CA that signed it",
       .level = Level::certificate,
       .certificate = C::missing_chain},
      {.name = "self-signed",
       .summary = "serves a certificate that is its own issuer",
       .level = Level::certificate,
       .certificate = C::self_signed},
      {.name = "wrong-name",
       .summary = "serves a certificate for another host",
       .level = Level::certificate,
       .certificate = C::wrong_name},
      {.name = "no-san",
       .summary = "serves a certificate with a common name only",
       .level = Level::certificate,
       .certificate = C::no_san},
      {.name = "key-usage",
       .summary = "serves a certificate for clients only",
       .level = Level::certificate,
       .certificate = C::client_usage},
      // HTTP
      {.name = "slow", .summary = "answers after a while; slow=5s says when", .level = Level::answer},
      {.name = "slow-body",
       .summary = "sends the head at once and the body after a while; slow-body=5s says when",
       .level = Level::slow_body},
      {.name = "closed", .summary = "closes the connection when the request is there", .level = Level::closed},
      {.name = "garbage",
       .summary = "answers with bytes that are no HTTP",
       .level = Level::raw,
       .body = std::string_view("\0\1 this is no HTTP\r\n\r\n", 22)},
      {.name = "truncated", .summary = "announces more bytes than it sends", .level = Level::truncated},
      {.name = "http-404",
       .summary = "answers 404 to every path; http-NNN answers any status",
       .level = Level::answer,
       .status = 404,
       .body = "404 page not found\n"},
      {.name = "http-500", .summary = "answers 500", .level = Level::answer, .status = 500, .body = "internal error\n"},
      {.name = "http-503", .summary = "answers 503", .level = Level::answer, .status = 503, .body = "unavailable\n"},
      // the review
      {.name = "empty", .summary = "answers 200 without a body", .level = Level::answer, .empty = true},
      {.name = "not-json", .summary = "answers with text that is no JSON", .level = Level::answer, .body = "hello"},
      {.name = "wrong-uid", .summary = "answers with another uid", .level = Level::answer, .review = Review::other_uid},
      {.name = "wrong-version",
       .summary = "answers in a version that was not asked",
       .level = Level::answer,
       .review = Review::other_version},
      {.name = "no-response",
       .summary = "answers with a review that has no response",
       .level = Level::answer,
       .review = Review::no_response},
      {.name = "bad-patch",
       .summary = "answers with a patch that cannot be decoded",
       .level = Level::answer,
       .review = Review::bad_patch},
  };
  return table;
}

namespace {

const Fault* find(std::string_view name) {
  for (const Fault& fault : faults())
    if (fault.name == name) return &fault;
  return nullptr;
}

// The status of "http-418", if it is one.
std::optional<int> any_status(std::string_view name) {
  if (!name.starts_with("http-")) return std::nullopt;
  int status = 0;
  const char* end = name.data() + name.size();
  auto [at, error] = std::from_chars(name.data() + 5, end, status);
  if (error != std::errc() || at != end || status < 200 || status > 599) return std::nullopt;
  return status;
}

Result<void> take_delay(std::string_view name, std::string_view value, ChosenFault& chosen) {
  auto delay = formats::parse_go_duration(value.empty() ? "5s" : value);
  if (!delay) return fail("--fault " + std::string(name) + ": " + delay.error().text);
  chosen.delay = *delay;
  return {};
}

}  // namespace

Result<ChosenFault> choose_fault(std::string_view text) {
  std::size_t equals = text.find('=');
  std::string_view name = text.substr(0, equals),
                   value = equals == std::string_view::npos ? "" : text.substr(equals + 1);
  ChosenFault chosen;
  chosen.fault = find(name);
  if (!chosen.fault) {
    auto status = any_status(name);
    if (!status) {
      std::string names;
      for (const Fault& fault : faults()) names += (names.empty() ? "" : ", ") + std::string(fault.name);
      return fail("there is no fault " + std::string(name) + "; there are: " + names);
    }
    chosen.fault = find("http-500");
    chosen.status = *status;
  } else {
    chosen.status = chosen.fault->status;
  }
  if (name == "slow" || name == "slow-body") {
    if (auto taken = take_delay(name, value, chosen); !taken) return fail_with(std::move(taken.error()));
  } else if (name == "deny") {
    chosen.message = value.empty() ? "denied by the backend" : std::string(value);
  } else if (equals != std::string_view::npos) {
    return fail("--fault " + std::string(name) + " takes no value");
  }
  return chosen;
}

}  // namespace gatepost::backend
