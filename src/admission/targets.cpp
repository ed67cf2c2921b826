#include "admission/targets.h"

#include <cstdlib>

#include "net/tcp.h"
#include "x509/pool.h"

namespace gatepost::admission {
namespace {

// client-go keeps 25. Here every client may call every webhook at once, and a connection that is closed for lack of
// room costs the next call a handshake of some milliseconds on both sides, so more are kept; idle ones end after 90 s.
constexpr std::size_t idle_connections = 512;

net::Task<net::NetResult<std::unique_ptr<net::ByteStream>>> dial_service(ServiceResolver* resolver,
                                                                         ServiceReference service,
                                                                         net::http::Dialer dial,
                                                                         net::SteadyTime deadline) {
  auto address = resolver->resolve(service.ns, service.name, service.port);
  if (!address) co_return net::net_fail(net::ErrorKind::other, address.error().text);
  if (dial) co_return co_await dial(address->host, address->port, deadline);
  co_return co_await net::tcp::dial(address->host, address->port, deadline);
}

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string key_of(const ClientConfig& config) {
  std::string key = config.url + "\n" + config.ca_bundle;
  if (config.service)
    key += "\n" + config.service->ns + "/" + config.service->name + ":" + std::to_string(config.service->port) +
           config.service->path;
  return key;
}

}  // namespace

Target::Handle TargetCache::get(const ClientConfig& config) {
  std::string key = key_of(config);
  std::weak_ptr<const Target>& slot = known_[key];
  if (auto known = slot.lock()) return known;
  auto made = std::make_shared<const Target>(make(config));
  slot = made;
  std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
  return made;
}

Target TargetCache::make(const ClientConfig& config) {
  Target target;
  auto url = base_url(config);
  if (!url) {
    target.problem = url.error().text;
    return target;
  }
  target.url = std::move(*url);
  net::tls::ClientConfig tls;
  if (!config.ca_bundle.empty()) {
    auto pool = x509::pool_from_ca_bundle(config.ca_bundle);
    if (!pool) {
      target.problem = "could not get REST client: " + pool.error().text;
      return target;
    }
    tls.roots = std::move(*pool);
  }
  if (config.service) tls.server_name = server_name(*config.service);
  if (auto prepared = net::tls::prepare(tls); !prepared) {
    target.problem = "could not get REST client: " + prepared.error().text;
    return target;
  }
  net::http::ClientOptions options;
  options.tls = std::move(tls);
  options.max_idle_per_host = idle_connections;
  options.proxies = net::Proxies::from_environment(environment_variable);
  options.dial = dial_;
  if (config.service)
    options.dial = [resolver = &resolver_, service = *config.service, dial = dial_](std::string, std::string,
                                                                                    net::SteadyTime deadline) {
      return dial_service(resolver, service, dial, deadline);
    };
  target.client = make_client_ ? make_client_(config, std::move(options)) : net::http::Client::make(std::move(options));
  return target;
}

}  // namespace gatepost::admission
