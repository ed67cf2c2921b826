// Where a call was tried from, and what it said. The best that is allowed is taken: a dry run, in which the API server
// itself makes the call; a direct call of an endpoint where this machine stands beside the backend; the API server's
// service proxy.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "diagnose/backend.h"
#include "net/http/client.h"

namespace gatepost::diagnose {

// A dry run: an object that matches the webhook, created with dryRun=All, so that nothing is stored.
struct DryRun {
  std::string path, body;  // empty: none is possible or allowed
};
// Only where sideEffects allow it, for kinds of which a small valid object is known, and where an object can be made
// that the webhook's selectors take.
DryRun dry_run_for(const Subject& subject, const Cluster& cluster);

struct DryRunAnswer {
  int status = 0;
  std::string text;  // of an error
};

// What a GET of the webhook's URL at one address showed: no webhook has side effects on GET.
struct DirectAnswer {
  std::string address;                              // "10.0.0.7:9443"
  std::string tail;                                 // as the API server would print it; empty: it was answered
  net::http::Phase phase = net::http::Phase::dial;  // the one that was under way at the end
  std::vector<std::string> served;                  // DER, leaf first
  std::chrono::milliseconds took{0};
  int status = 0;
};

// Calls the webhook at host:port with the configuration's trust and the name that the API server would verify.
net::Task<DirectAnswer> call_directly(std::string host, std::string port, std::string url, std::string server_name,
                                      std::string ca_bundle, std::chrono::milliseconds patience);

// What the API server's service proxy said: it dials from where webhooks are called from, but judges no certificate.
struct ProxyAnswer {
  enum class Way { reached, refused, silent, unknown } way = Way::unknown;
  std::string text;
};
net::Task<ProxyAnswer> call_through_proxy(client::Rest* rest, std::string ns, std::string service, int port,
                                          std::string path);
// Of what the proxy answered: an error of its own, or anything that came from the backend.
ProxyAnswer read_proxy_answer(int status, std::string_view text);

// The phase in words: "TLS handshake".
std::string_view phase_text(net::http::Phase phase);

}  // namespace gatepost::diagnose
