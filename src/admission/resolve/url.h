// Where a webhook is called: clientConfig.url or clientConfig.service as the URL that the request and its errors name.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "json/value.h"

namespace gatepost::admission {

struct ServiceReference {
  std::string ns, name, path;
  int port = 443;
  bool operator==(const ServiceReference&) const = default;
};

struct ClientConfig {
  std::string url;  // empty when `service` is set
  std::optional<ServiceReference> service;
  std::string ca_bundle;  // PEM; empty: the system's trust
};

// The clientConfig of a webhook (or of a conversion), as stored. A caBundle that is no base64 is kept as it is and
// refused when the client is made.
ClientConfig read_client_config(const json::Value& client_config);

// The URL without a query: "https://host:port/path". A Service is named "name.namespace.svc". The path is cleaned as
// Go's path.Join does. The error is what stands behind `failed calling webhook "x": `.
Result<std::string> base_url(const ClientConfig& config);

// "name.namespace.svc": the host and the name that the certificate must carry.
std::string server_name(const ServiceReference& service);

// Go's path.Join("/", path): dots resolved, no doubled or trailing slash.
std::string clean_path(std::string_view path);

}  // namespace gatepost::admission
