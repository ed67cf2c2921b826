#include "backend/faults.h"

#include "formats/go_duration.h"

namespace gatepost::backend {

std::span<const Fault> faults() {
  static constexpr Fault table[] = {
      {"none", "answers every review with allowed: true"},
      {"deny", "denies every request; deny=TEXT gives the reason", Level::answer},
      {"slow", "answers after a while; slow=5s says when", Level::answer},
      {"reset", "resets the connection", Level::tcp_reset},
      {"eof", "closes the connection without an answer", Level::tcp_eof},
      {"silent", "accepts the connection and says nothing", Level::tcp_silent},
      {"not-tls", "speaks plain HTTP", Level::not_tls},
      {"expired", "serves a certificate that expired in 2020", Level::certificate, Certificate::expired},
      {"not-yet-valid", "serves a certificate of the far future", Level::certificate, Certificate::not_yet_valid},
      {"unknown-authority", "serves a certificate of another CA", Level::certificate, Certificate::unknown_authority},
      {"wrong-name", "serves a certificate for another host", Level::certificate, Certificate::wrong_name},
      {"no-san", "serves a certificate with a common name only", Level::certificate, Certificate::no_san},
      {"self-signed", "serves a certificate that is its own issuer", Level::certificate, Certificate::self_signed},
      {"key-usage", "serves a certificate for clients only", Level::certificate, Certificate::client_usage},
      {"old-tls", "speaks TLS 1.0 and 1.1 only", Level::old_tls},
      {"http-404", "answers 404 to every path", Level::answer, Certificate::good, 404, "404 page not found\n"},
      {"http-500", "answers 500", Level::answer, Certificate::good, 500, "internal error\n"},
      {"http-503", "answers 503", Level::answer, Certificate::good, 503, "unavailable\n"},
      {"not-json", "answers with text that is no JSON", Level::answer, Certificate::good, 200, "hello"},
      {"wrong-uid", "answers with another uid", Level::answer, Certificate::good, 200,
       R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"another","allowed":true}})"},
      {"no-response", "answers with a review that has no response", Level::answer, Certificate::good, 200,
       R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"})"},
  };
  return table;
}

Result<ChosenFault> choose_fault(std::string_view text) {
  std::size_t equals = text.find('=');
  std::string_view name = text.substr(0, equals),
                   value = equals == std::string_view::npos ? "" : text.substr(equals + 1);
  std::string names;
  for (const Fault& fault : faults()) {
    names += (names.empty() ? "" : ", ") + std::string(fault.name);
    if (fault.name != name) continue;
    ChosenFault chosen{&fault};
    if (name == "slow") {
      auto delay = formats::parse_go_duration(value.empty() ? "5s" : value);
      if (!delay) return fail("--fault slow: " + delay.error().text);
      chosen.delay = *delay;
    } else if (name == "deny") {
      chosen.message = value.empty() ? "denied by the backend" : std::string(value);
    } else if (!value.empty()) {
      return fail("--fault " + std::string(name) + " takes no value");
    }
    return chosen;
  }
  return fail("there is no fault " + std::string(name) + "; there are: " + names);
}

}  // namespace gatepost::backend
