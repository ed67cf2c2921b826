#include "apiserver/proxy.h"

#include <array>
#include <charconv>
#include <optional>

#include "apiserver/connect.h"
#include "apiserver/stored.h"
#include "json/parse.h"
#include "net/http/client.h"

namespace gatepost::apiserver {
namespace {

// "[SCHEME:]NAME[:PORT]" of a proxy path.
struct Target {
  std::string scheme, name, port;
};

std::optional<Target> parse_target(const std::string& id) {
  std::size_t first = id.find(':');
  if (first == std::string::npos) return Target{"http", id, ""};
  std::size_t second = id.find(':', first + 1);
  if (second == std::string::npos) return Target{"http", id.substr(0, first), id.substr(first + 1)};
  if (id.find(':', second + 1) != std::string::npos) return std::nullopt;
  Target target{id.substr(0, first), id.substr(first + 1, second - first - 1), id.substr(second + 1)};
  if (target.scheme.empty()) target.scheme = "http";
  if ((target.scheme != "http" && target.scheme != "https") || target.name.empty()) return std::nullopt;
  return target;
}

kube::Status unavailable(std::string message) {
  kube::Status status;
  status.code = 503;
  status.reason = "ServiceUnavailable";
  status.message = std::move(message);
  return status;
}

std::optional<json::Value> stored(const Call& call, std::string collection, const std::string& name) {
  auto found = call.deps.store.get({std::move(collection), call.info.ns, name});
  if (!found) return std::nullopt;
  auto parsed = json::parse(*found->bytes, call.arena);
  return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

bool holds_pod_ip(const json::Value& pod, std::string_view ip) {
  if (const json::Array* ips = json::array_at(pod, {"status", "podIPs"}))
    for (const json::Value& entry : *ips)
      if (json::string_at(entry, {"ip"}) == ip) return true;
  return false;
}

// An address counts when it is that of the pod it names: nobody may point the proxy elsewhere.
bool is_valid_address(const Call& call, const json::Value& address) {
  if (json::string_at(address, {"targetRef", "kind"}) != "Pod" ||
      json::string_at(address, {"targetRef", "namespace"}) != call.info.ns)
    return false;
  auto pod = stored(call, "/pods", std::string(json::string_at(address, {"targetRef", "name"})));
  return pod && holds_pod_ip(*pod, json::string_at(address, {"ip"}));
}

std::optional<std::int64_t> as_number(std::string_view text) {
  std::int64_t value = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// The port's name in the Service (which is the one in its Endpoints) for a port given as number or name.
kube::ApiResult<std::string> port_name(const Call& call, const Target& target) {
  auto number = as_number(target.port);
  if (!number) return target.port;
  auto service = stored(call, "/services", target.name);
  if (!service) return fail_with(kube::not_found("", "services", target.name));
  if (const json::Array* ports = json::array_at(*service, {"spec", "ports"}))
    for (const json::Value& port : *ports)
      if (json::int_at(port, {"port"}) == *number) return std::string(json::string_at(port, {"name"}));
  return fail_with(unavailable("no service port " + target.port + " found for service \"" + target.name + "\""));
}

kube::ApiResult<std::string> locate_service(const Call& call, const Target& target) {
  auto name = port_name(call, target);
  if (!name) return fail_with(std::move(name.error()));
  auto endpoints = stored(call, "/endpoints", target.name);
  if (!endpoints) return fail_with(kube::not_found("", "services", target.name));
  const json::Array* subsets = json::array_at(*endpoints, {"subsets"});
  if (!subsets || subsets->empty())
    return fail_with(unavailable("no endpoints available for service \"" + target.name + "\""));
  for (const json::Value& subset : *subsets) {
    const json::Array* addresses = json::array_at(subset, {"addresses"});
    const json::Array* ports = json::array_at(subset, {"ports"});
    if (!addresses || !ports) continue;
    for (const json::Value& port : *ports) {
      if (json::string_at(port, {"name"}) != *name) continue;
      for (const json::Value& address : *addresses)
        if (is_valid_address(call, address))
          return target.scheme + "://" + host_port(json::string_at(address, {"ip"}), json::int_at(port, {"port"}));
    }
  }
  return fail_with(unavailable("no endpoints available for service \"" + call.info.name + "\""));
}

kube::ApiResult<std::string> locate_pod(const Call& call, const Target& target) {
  auto pod = stored(call, "/pods", target.name);
  if (!pod) return fail_with(kube::not_found("", "pods", target.name));
  std::int64_t port = as_number(target.port).value_or(0);
  if (target.port.empty()) {
    if (const json::Array* containers = json::array_at(*pod, {"spec", "containers"}))
      for (const json::Value& container : *containers)
        if (const json::Array* ports = json::array_at(container, {"ports"}); ports && !ports->empty() && port == 0)
          port = json::int_at(ports->front(), {"containerPort"});
  }
  std::string_view ip = json::string_at(*pod, {"status", "podIP"});
  if (ip.empty()) return fail_with(kube::bad_request("address not allowed"));
  return target.scheme + "://" + (port ? host_port(ip, port) : std::string(ip));
}

bool is_hop_by_hop(std::string_view name) {
  static constexpr std::array<std::string_view, 8> names{"connection",          "keep-alive", "proxy-authenticate",
                                                         "proxy-authorization", "te",         "trailer",
                                                         "transfer-encoding",   "upgrade"};
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (std::string_view hop : names)
    if (lower == hop) return true;
  return lower == "content-length" || lower == "date";
}

net::http::Request forwarded(const Call& call) {
  net::http::Request request;
  request.method = call.http.method;
  request.body = call.http.body;
  for (const auto& [name, value] : call.http.headers)
    if (!is_hop_by_hop(name) && name != "Host" && name != "Authorization" && name != "Accept-Encoding")
      request.headers.add(name, value);
  std::string client = call.peer.address.substr(0, call.peer.address.rfind(':'));
  request.headers.add("X-Forwarded-For", client);
  request.headers.add("X-Forwarded-Uri", call.info.path);
  return request;
}

std::string target_path(const Call& call) {
  std::string path;
  for (const std::string& segment : call.info.rest) path += "/" + segment;
  if (path.empty() || (call.info.path.ends_with('/') && !path.ends_with('/'))) path += "/";
  if (!call.info.raw_query.empty()) path += "?" + call.info.raw_query;
  return path;
}

}  // namespace

bool is_proxy(const Call& call) {
  return call.info.subresource == "proxy" && call.resource->group.empty() &&
         (call.resource->resource == "services" || call.resource->resource == "pods");
}

std::string host_port(std::string_view ip, std::int64_t port) {
  std::string host(ip);
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return host + ":" + std::to_string(port);
}

net::Task<Result<Answer>> forward(Call& call, std::string url) {
  net::http::ClientOptions options;
  options.follow_redirects = false;
  net::tls::ClientConfig tls;
  tls.verify = net::tls::Verify::no;
  if (auto prepared = net::tls::prepare(tls); !prepared) co_return fail(prepared.error().text);
  options.tls = std::move(tls);
  auto client = net::http::Client::make(std::move(options));
  auto response = co_await client->call(std::move(url), forwarded(call), call.deadline);
  client->close_idle();
  if (!response) {
    // The proxy's transport does not put HTTP answers to TLS hellos in other words, as the webhook client does.
    co_return fail(response.error().kind == net::ErrorKind::http_to_https
                       ? "tls: first record does not look like a TLS handshake"
                       : response.error().text);
  }
  net::http::Headers headers;
  for (const auto& [name, value] : response->headers)
    if (!is_hop_by_hop(name)) headers.add(name, value);
  (void)co_await call.writer.send(response->status, std::move(headers), response->body);
  Answer answer;
  answer.sent = true;
  co_return answer;
}

Handled<> handle_proxy(Call& call) {
  if (auto admitted = co_await admit_connect(call); !admitted) co_return fail_with(std::move(admitted.error()));
  auto target = parse_target(call.info.name);
  if (!target)
    co_return fail_with(
        kube::bad_request("invalid " + call.resource->singular + " request \"" + call.info.name + "\""));
  auto base = call.resource->resource == "services" ? locate_service(call, *target) : locate_pod(call, *target);
  if (!base) co_return fail_with(std::move(base.error()));

  auto sent = co_await forward(call, *base + target_path(call));
  if (!sent) co_return fail_with(unavailable("error trying to reach service: " + sent.error().text));
  co_return std::move(*sent);
}

}  // namespace gatepost::apiserver
