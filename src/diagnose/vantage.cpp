#include "diagnose/vantage.h"

#include <algorithm>

#include "base/base64.h"
#include "json/write.h"
#include "kube/selector/selector.h"
#include "net/tcp.h"
#include "x509/pool.h"

namespace gatepost::diagnose {
namespace {

// Objects that are small and valid, for the kinds that webhooks are mostly about. {ns} is the namespace.
struct Template {
  Asked asked;
  std::string_view path, body;
};

const Template templates[] = {
    {{"CREATE", "", "v1", "pods"},
     "/api/v1/namespaces/{ns}/pods",
     R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"gatepost-probe"},"spec":{"containers":[{"name":"probe","image":"probe"}]}})"},
    {{"CREATE", "", "v1", "configmaps"},
     "/api/v1/namespaces/{ns}/configmaps",
     R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"gatepost-probe"}})"},
    {{"CREATE", "", "v1", "secrets"},
     "/api/v1/namespaces/{ns}/secrets",
     R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"gatepost-probe"}})"},
    {{"CREATE", "", "v1", "services"},
     "/api/v1/namespaces/{ns}/services",
     R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"gatepost-probe"},"spec":{"ports":[{"port":443}]}})"},
    {{"CREATE", "", "v1", "serviceaccounts"},
     "/api/v1/namespaces/{ns}/serviceaccounts",
     R"({"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"gatepost-probe"}})"},
    {{"CREATE", "apps", "v1", "deployments"},
     "/apis/apps/v1/namespaces/{ns}/deployments",
     R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"gatepost-probe"},"spec":{"selector":{"matchLabels":{"app":"p"}},)"
     R"("template":{"metadata":{"labels":{"app":"p"}},"spec":{"containers":[{"name":"probe","image":"probe"}]}}}})"},
    {{"CREATE", "batch", "v1", "jobs"},
     "/apis/batch/v1/namespaces/{ns}/jobs",
     R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"gatepost-probe"},"spec":{"template":{"spec":{"restartPolicy":"Never",)"
     R"("containers":[{"name":"probe","image":"probe"}]}}}})"},
    {{"CREATE", "networking.k8s.io", "v1", "ingresses"},
     "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
     R"({"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"gatepost-probe"},)"
     R"("spec":{"defaultBackend":{"service":{"name":"probe","port":{"number":80}}}}})"},
};

// A namespace that the webhook is called for; "default" when it can be.
std::string matching_namespace(const Subject& subject, const Cluster& cluster) {
  if (cluster.has_namespace("default") && selects_namespace(subject, cluster, "default")) return "default";
  for (const json::Value* ns : cluster.namespaces.in("")) {
    const std::string_view name = json::string_at(*ns, {"metadata", "name"});
    if (json::string_at(*ns, {"metadata", "deletionTimestamp"}).empty() && selects_namespace(subject, cluster, name))
      return std::string(name);
  }
  return "";
}

// Labels that the webhook's objectSelector asks for, as JSON members: "a":"b". nullopt where none can be made up.
std::optional<std::string> wanted_labels(const Subject& subject) {
  const json::Value* object = json::find(*subject.webhook, "objectSelector");
  if (!object) return "";
  auto selector = kube::LabelSelector::from_object(*object);
  if (!selector) return std::nullopt;
  using Operator = kube::LabelSelector::Operator;
  std::string out;
  for (const auto& one : selector->requirements()) {
    if (one.op == Operator::not_in || one.op == Operator::does_not_exist) continue;  // true of an absent label
    if (one.op != Operator::in && one.op != Operator::exists) return std::nullopt;
    out += out.empty() ? "" : ",";
    json::write_string(one.key, out);
    out += ":";
    json::write_string(one.values.empty() ? "probe" : one.values.front(), out);
  }
  return out;
}

}  // namespace

DryRun dry_run_for(const Subject& subject, const Cluster& cluster) {
  const std::string_view effects = json::string_at(*subject.webhook, {"sideEffects"});
  if (effects != "None" && effects != "NoneOnDryRun") return {};
  if (const json::Array* conditions = json::array_at(*subject.webhook, {"matchConditions"});
      conditions && !conditions->empty())
    return {};  // nobody can tell which object meets them
  const std::string ns = matching_namespace(subject, cluster);
  const std::optional<std::string> labels = wanted_labels(subject);
  if (ns.empty() || !labels) return {};
  for (const Template& candidate : templates) {
    if (!calls_for(subject, candidate.asked)) continue;
    std::string path(candidate.path);
    path.replace(path.find("{ns}"), 4, ns);
    std::string body(candidate.body);
    constexpr std::string_view name = R"("name":"gatepost-probe")";
    if (!labels->empty()) body.insert(body.find(name) + name.size(), ",\"labels\":{" + *labels + "}");
    return {path + "?dryRun=All", std::move(body)};
  }
  return {};
}

net::Task<DirectAnswer> call_directly(std::string host, std::string port, std::string url, std::string server_name,
                                      std::string ca_bundle, std::chrono::milliseconds patience) {
  DirectAnswer out;
  out.address = host + ":" + port;
  net::tls::ClientConfig tls;
  tls.server_name = server_name;
  if (auto pem = base64::decode(ca_bundle); pem && !pem->empty()) {
    auto pool = x509::pool_from_ca_bundle(*pem);
    if (!pool) {
      out.tail = pool.error().text;
      co_return out;
    }
    tls.roots = std::move(*pool);
  }
  net::http::ClientOptions options;
  options.tls = std::move(tls);
  options.follow_redirects = false;
  options.dial = [host, port](std::string, std::string,
                              net::SteadyTime deadline) -> net::Task<net::NetResult<std::unique_ptr<net::ByteStream>>> {
    return net::tcp::dial(host, port, deadline);
  };
  auto client = net::http::Client::make(std::move(options));
  net::http::Request request;
  request.method = "GET";
  request.headers.add("User-Agent", "gatepost/" GATEPOST_VERSION);
  net::http::CallTrace trace;
  const auto started = std::chrono::steady_clock::now();
  auto response = co_await client->call(url, std::move(request), started + patience, &trace);
  out.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
  out.phase = trace.phase;
  out.status = trace.status;
  if (trace.tls) out.served = trace.tls->certificates;
  if (!response) out.tail = response.error().text;
  client->close_idle();
  co_return out;
}

ProxyAnswer read_proxy_answer(int status, std::string_view text) {
  using Way = ProxyAnswer::Way;
  constexpr std::string_view failed = "error trying to reach service: ";
  const std::size_t at = text.find(failed);
  if (at == std::string_view::npos) {
    // The proxy's own refusals: no right to use it, no endpoints that it can see.
    const bool own = status == 401 || (status == 403 && text.find("services/proxy") != std::string_view::npos) ||
                     (status == 503 && text.find("no endpoints available") != std::string_view::npos);
    return {own ? Way::unknown : Way::reached, own ? std::string(text) : "answered with " + std::to_string(status)};
  }
  std::string tail(text.substr(at + failed.size()));
  if (tail.find("refused") != std::string::npos) return {Way::refused, std::move(tail)};
  const bool silent = tail.find("timeout") != std::string::npos || tail.find("deadline") != std::string::npos ||
                      tail.find("no route") != std::string::npos;
  return {silent ? Way::silent : Way::reached, std::move(tail)};
}

net::Task<ProxyAnswer> call_through_proxy(client::Rest* rest, std::string ns, std::string service, int port,
                                          std::string path) {
  constexpr auto patience = std::chrono::seconds(12);
  std::string url = "/api/v1/namespaces/" + ns + "/services/https:" + service + ":" + std::to_string(port) + "/proxy";
  url += path.starts_with('/') ? path : "/" + path;
  auto reply = co_await rest->call("GET", std::move(url), "", patience);
  if (!reply) co_return ProxyAnswer{ProxyAnswer::Way::silent, "no answer within 12 s"};
  co_return read_proxy_answer(reply->status, reply->text);
}

std::string_view phase_text(net::http::Phase phase) {
  switch (phase) {
    case net::http::Phase::dial:
      return "dial";
    case net::http::Phase::proxy:
      return "proxy";
    case net::http::Phase::handshake:
      return "TLS handshake";
    case net::http::Phase::write:
      return "sending the request";
    case net::http::Phase::headers:
      return "waiting for the answer";
    case net::http::Phase::body:
      return "reading the answer";
    case net::http::Phase::done:
      return "done";
  }
  return "";
}

}  // namespace gatepost::diagnose
