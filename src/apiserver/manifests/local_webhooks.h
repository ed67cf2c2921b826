// Webhooks whose author runs them beside this server: their references to a Service are made addresses of this machine,
// with a certificate of an authority made for them, as envtest's install options do.
#pragma once

#include "apiserver/manifests/read.h"

namespace gatepost::apiserver::manifests {

struct LocalWebhooks {
  std::string address;  // "127.0.0.1:9443": where the webhooks listen
  std::string ca_pem;
};

// Whether envtest would take it from a folder of webhooks: a configuration, or a definition of custom resources.
bool is_about_webhooks(const Manifest& manifest);

// Rewrites clientConfig.service of configurations, and of the conversion of definitions, to `url` and `caBundle`. What
// has a url already stays as it is.
void point_to(const LocalWebhooks& local, Manifest& manifest);

// ca.crt, tls.crt and tls.key in `directory` for webhooks at `host`; those that are there and still good are kept. The
// answer is the authority.
Result<std::string> webhook_certificates(const std::string& directory, const std::string& host);

}  // namespace gatepost::apiserver::manifests
