// The API server's service proxy: it dials a Service from where webhooks are called from, but judges no certificate.
#pragma once

#include <string>
#include <string_view>

#include "client/rest.h"
#include "diagnose/subject.h"

namespace gatepost::diagnose {

struct ProxyAnswer {
  enum class Way { reached, refused, silent, unknown } way = Way::unknown;
  std::string text;
  int status = 0;  // of the backend, where it was reached
};

// "/api/v1/namespaces/sys/services/https:hook:443/proxy/validate"
std::string proxy_path(const Subject& subject);

// A GET of the webhook's path: no webhook has side effects on GET.
net::Task<ProxyAnswer> call_through_proxy(client::Rest* rest, std::string path);

// Of what the proxy answered: an error of its own, or anything that came from the backend.
ProxyAnswer read_proxy_answer(int status, std::string_view text);

}  // namespace gatepost::diagnose
