#include "admission/resolve/url.h"

#include <vector>

#include "base/base64.h"
#include "net/url.h"

namespace gatepost::admission {

ClientConfig read_client_config(const json::Value& client_config) {
  ClientConfig config;
  std::string_view bundle = json::string_at(client_config, {"caBundle"});
  auto pem = base64::decode(bundle);
  config.ca_bundle = pem ? std::move(*pem) : std::string(bundle);
  if (const json::Value* service = json::find(client_config, "service"); service && service->is_object()) {
    ServiceReference& reference = config.service.emplace();
    reference.ns = json::string_at(*service, {"namespace"});
    reference.name = json::string_at(*service, {"name"});
    reference.path = json::string_at(*service, {"path"});
    reference.port = static_cast<int>(json::int_at(*service, {"port"}, 443));
  } else {
    config.url = json::string_at(client_config, {"url"});
  }
  return config;
}

std::string server_name(const ServiceReference& service) {
  return service.name + "." + service.ns + ".svc";
}

std::string clean_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    std::size_t slash = path.find('/');
    std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  std::string out;
  for (std::string_view part : parts) out.append("/").append(part);
  return out.empty() ? "/" : out;
}

Result<std::string> base_url(const ClientConfig& config) {
  net::url::Url url;
  if (config.service) {
    url.scheme = "https";
    url.host = server_name(*config.service) + ":" + std::to_string(config.service->port);
    url.path = clean_path(config.service->path);
  } else {
    if (config.url.empty()) return fail("webhook configuration must have either service or URL");
    auto parsed = net::url::parse(config.url);
    if (!parsed) return fail("Unparsable URL: " + parsed.error().text);
    url.scheme = parsed->scheme;
    url.host = parsed->host;
    url.path = clean_path(parsed->path);
  }
  return url.string();
}

}  // namespace gatepost::admission
