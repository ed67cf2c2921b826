// A webhook called without the API server in between, with the trust and the name that the API server would verify:
// from a pod, from a machine that stands where the API server stands, or through a port-forward.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/http/client.h"
#include "report/finding.h"

namespace gatepost::diagnose {

// What calls share: the TLS context, and the pool of each caBundle, made once.
class Trust {
 public:
  // For a caBundle in base64; empty: the system's authorities. The error is the API server's text.
  Result<net::tls::ClientConfig> of(const std::string& ca_bundle);

 private:
  std::map<std::string, Result<std::shared_ptr<const x509::Pool>>> pools_;
  std::shared_ptr<void> context_;
};

struct DirectCall {
  std::shared_ptr<Trust> trust = std::make_shared<Trust>();  // never null; calls that are made together share one
  net::http::Dialer dial;
  std::string address;      // as it is told: "10.0.0.7:9443"
  std::string url;          // "https://hook.sys.svc:443/validate"
  std::string server_name;  // empty: the URL's host
  std::string ca_bundle;    // base64, as configured
  // Where the dialer tells how long it looked the name up, in milliseconds; null: it dials an address.
  std::shared_ptr<double> looked_up;
  std::string review;  // an AdmissionReview to POST; empty: a GET, which has no side effects on any webhook
  std::string uid;     // of the review
  bool beta = false;   // the review is of v1beta1
  bool mutating = false;
  int timeout_seconds = 10;
  std::chrono::milliseconds patience{10000};  // may be longer than the timeout, to see who is only late
  std::chrono::milliseconds handshake_patience{10000};
};

struct DirectAnswer {
  std::string address;
  std::string failure;  // behind `failed calling webhook "x": `, as the API server would print it; empty: it answered
  net::http::Phase phase = net::http::Phase::dial;  // the one that was under way at the end
  std::vector<std::string> served;                  // DER, leaf first
  std::chrono::milliseconds took{0};
  int status = 0;
  bool late = false;      // it answered, but behind the timeout
  bool by_proxy = false;  // the answer shows a proxy's mark
  std::string mark;       // which
  bool judged = false;    // a review was answered, so that the answer itself is proven
  std::vector<report::Latency> steps;
  bool ok() const { return failure.empty() && !late; }
  bool reached() const { return !served.empty() || status > 0; }
};

net::Task<DirectAnswer> call_directly(DirectCall call);

// The phase in words: "TLS handshake".
std::string_view phase_text(net::http::Phase phase);

// Whose mark an answer carries that no webhook prints: "envoy", or "" for none.
std::string_view proxy_mark(std::string_view server, std::string_view via, std::string_view body);

}  // namespace gatepost::diagnose
