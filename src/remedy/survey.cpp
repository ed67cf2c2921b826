#include "remedy/survey.h"

#include <algorithm>
#include <fmt/format.h>

#include "diagnose/ca_injection.h"
#include "diagnose/certificates.h"
#include "diagnose/direct_call.h"
#include "diagnose/dry_run.h"
#include "diagnose/port_forward.h"
#include "diagnose/together.h"
#include "net/tcp.h"
#include "remedy/trust.h"
#include "x509/pool.h"

namespace gatepost::remedy {
namespace {

constexpr std::size_t most_endpoints = 5;
constexpr auto dial_patience = std::chrono::milliseconds(3000);
constexpr auto latency_patience = std::chrono::milliseconds(31000);  // one more second than a webhook may have
constexpr int latency_calls = 3;

bool any_of(std::string_view id, std::initializer_list<std::string_view> of) {
  return std::find(of.begin(), of.end(), id) != of.end();
}

bool about_trust(const Ill& ill) {
  return any_of(ill.finding.cause, {"unknown-authority", "bad-ca-bundle", "cert-expired", "cert-not-yet-valid",
                                    "name-mismatch", "no-san", "key-usage", "tls-alert"}) ||
         any_of(ill.finding.root_cause, {"ca-bundle-stale", "ca-bundle-missing", "ca-injector-misconfigured",
                                         "ca-injector-missing", "two-writers", "secret-renewed-backend-stale",
                                         "certificate-expired", "certificate-lacks-service-name"});
}

bool about_time(const Ill& ill) {
  return any_of(ill.finding.root_cause, {"slow-backend", "timeout-too-low"});
}

bool about_path(const Ill& ill) {
  return any_of(ill.finding.root_cause, {"wrong-path"}) || any_of(ill.finding.cause, {"not-found-path"});
}

void add_all(diagnose::Table& table, json::Value object) {
  json::Value page(json::Object{}, object.storage());
  json::Array items(object.storage());
  items.push_back(std::move(object));
  page.get_object()["items"] = std::move(items);
  table.add_page(std::move(page));
}

// ConfigMaps that the backend's pods or their template mount.
std::vector<std::string> mounted_config_maps(const diagnose::Backend& backend) {
  std::vector<std::string> out;
  const auto mount = [&out](const json::Value* spec) {
    const json::Array* volumes = spec ? json::array_at(*spec, {"volumes"}) : nullptr;
    for (std::size_t i = 0; volumes && i < volumes->size(); ++i) {
      std::string name(json::string_at((*volumes)[i], {"configMap", "name"}));
      if (!name.empty() && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
    }
  };
  for (const json::Value* pod : backend.pods) mount(json::find(*pod, "spec"));
  for (const diagnose::Workload& workload : backend.workloads)
    mount(json::find_path(*workload.object, {"spec", "template", "spec"}));
  return out;
}

// Secrets that cert-manager's Certificates of the namespace are written to.
std::vector<std::string> issued_secrets(const Scene& scene, const std::string& ns) {
  std::vector<std::string> out;
  for (const json::Value* certificate : scene.cluster.certificates.in(ns))
    if (std::string name(json::string_at(*certificate, {"spec", "secretName"})); !name.empty())
      out.push_back(std::move(name));
  return out;
}

bool is_for_service(const std::string& pem, const diagnose::Subject& subject) {
  x509::Pool pool;
  pool.add_pem(pem);
  if (pool.certificates().empty()) return false;
  const auto& names = pool.certificates().front()->dns_names;
  return std::find(names.begin(), names.end(), subject.server_name()) != names.end();
}

// Where no pod says which Secret the backend serves from: those of its namespace with a certificate for the Service.
net::Task<void> look_for_secrets(client::Rest* rest, Scene* scene, Ill* ill) {
  const diagnose::Subject& subject = *ill->subject;
  const std::string& ns = subject.service_namespace;
  auto reply = co_await rest->call("GET", collection_of({"v1", "Secret", ns, ""}) + "?limit=200");
  const json::Array* items = reply && reply->status == 200 ? json::array_at(reply->body, {"items"}) : nullptr;
  for (std::size_t i = 0; items && i < items->size(); ++i) {
    const json::Value& secret = (*items)[i];
    std::string name(json::string_at(secret, {"metadata", "name"}));
    const bool serves = is_for_service(secret_bytes(secret, "tls.crt"), subject);
    if (!serves && json::string_at(secret, {"data", "ca.crt"}).empty()) continue;
    if (!scene->cluster.secrets.find(ns, name)) add_all(scene->cluster.secrets, json::Value(secret, json::Storage()));
    (serves ? ill->secrets : ill->other_secrets).push_back(std::move(name));
  }
}

net::Task<void> load_objects(client::Rest* rest, Scene* scene, Ill* ill) {
  const diagnose::Subject& subject = *ill->subject;
  std::set<std::string> namespaces = diagnose::injection_namespaces(subject, scene->cluster);
  if (subject.by_service()) namespaces.insert(subject.service_namespace);
  co_await diagnose::load_namespaces(rest, &scene->cluster, std::move(namespaces));
  ill->backend = diagnose::find_backend(subject, scene->cluster);
  diagnose::find_pods(subject, scene->cluster, ill->backend);
  if (scene->cluster.metrics)
    if (auto known = scene->cluster.metrics->find(subject.name()); known != scene->cluster.metrics->end())
      ill->metrics_p99 = known->second.quantile(0.99);
  if (!about_trust(*ill)) co_return;
  if (const std::string named = diagnose::injection_secret(subject, scene->cluster); !named.empty())
    co_await diagnose::load_secret(rest, &scene->cluster, named.substr(0, named.find('/')),
                                   named.substr(named.find('/') + 1));
  if (!subject.by_service()) co_return;
  ill->secrets = diagnose::mounted_secrets(ill->backend);
  std::vector<std::string> wanted = ill->secrets;
  for (std::string& name : issued_secrets(*scene, subject.service_namespace)) wanted.push_back(std::move(name));
  for (const std::string& name : wanted)
    co_await diagnose::load_secret(rest, &scene->cluster, subject.service_namespace, name);
  const bool known = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
    const json::Value* secret = scene->cluster.secrets.find(subject.service_namespace, name);
    return secret && !json::string_at(*secret, {"data", "tls.crt"}).empty();
  });
  if (!known) co_await look_for_secrets(rest, scene, ill);
  for (const std::string& name : mounted_config_maps(ill->backend)) {
    auto reply = co_await rest->call("GET", path_of({"v1", "ConfigMap", subject.service_namespace, name}));
    if (reply && reply->status == 200) add_all(scene->config_maps, std::move(reply->body));
  }
}

struct Target {
  std::string host, port;
  std::string pod;  // behind it, for a port-forward where the address cannot be reached from here
};

net::http::Dialer dialer(std::string host, std::string port) {
  return [host = std::move(host), port = std::move(port)](
             std::string, std::string,
             net::SteadyTime deadline) -> net::Task<net::NetResult<std::unique_ptr<net::ByteStream>>> {
    return net::tcp::dial(host, port, deadline);
  };
}

std::vector<Target> targets_of(const Ill& ill) {
  std::vector<Target> out;
  if (!ill.subject->by_service()) {
    std::string_view rest = ill.subject->url;
    if (!rest.starts_with("https://")) return out;
    rest.remove_prefix(8);
    rest = rest.substr(0, rest.find('/'));
    const std::size_t colon = rest.rfind(':');
    const bool has_port = colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos;
    std::string host(rest.substr(0, has_port ? colon : rest.size()));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    out.push_back({std::move(host), has_port ? std::string(rest.substr(colon + 1)) : "443", ""});
    return out;
  }
  for (const diagnose::Endpoint& endpoint : ill.backend.endpoints)
    if (endpoint.ready && endpoint.port > 0 && out.size() < most_endpoints)
      out.push_back({endpoint.address, std::to_string(endpoint.port), endpoint.pod});
  return out;
}

std::string url_of(const diagnose::Subject& subject, const std::string& path) {
  if (!subject.by_service()) {
    const std::size_t slash = subject.url.find('/', 8);
    return path.empty() || slash == std::string::npos ? subject.url : subject.url.substr(0, slash) + path;
  }
  return fmt::format("https://{}:{}{}", subject.server_name(), subject.port, path.empty() ? subject.path : path);
}

// A GET with the configuration's own trust; where only the certificate matters, without it, since a broken bundle would
// keep the call from being made.
net::Task<Seen> see(client::Rest* rest, const Ill* ill, Target target, std::string path,
                    std::chrono::milliseconds patience) {
  const diagnose::Subject& subject = *ill->subject;
  diagnose::DirectCall call;
  call.address = target.host + ":" + target.port;
  call.url = url_of(subject, path);
  if (subject.by_service()) call.server_name = subject.server_name();
  if (!about_trust(*ill)) call.ca_bundle = json::string_at(*subject.webhook, {"clientConfig", "caBundle"});
  call.patience = patience;
  call.handshake_patience = patience;
  call.dial = dialer(target.host, target.port);
  auto answer = co_await diagnose::call_directly(call);
  if (!answer.reached() && !target.pod.empty()) {
    call.dial = diagnose::port_forward_dialer(rest, subject.service_namespace, target.pod, std::stoi(target.port));
    answer = co_await diagnose::call_directly(std::move(call));
  }
  co_return Seen{answer.address, std::move(answer.served), std::move(answer.failure), answer.status, answer.took};
}

// How long a call takes, with more patience than any webhook may have.
net::Task<void> time_call(client::Rest* rest, Ill* ill, Target target) {
  const Seen seen = co_await see(rest, ill, std::move(target), "", latency_patience);
  if (seen.tail.empty()) ill->latencies.push_back(seen.took);
}

// Paths that the backend may serve: those of other webhooks with the same Service, then those that are usual.
std::vector<std::string> likely_paths(const Scene& scene, const Ill& ill) {
  std::vector<std::string> out;
  const auto add = [&](std::string path) {
    if (!path.empty() && path != ill.subject->path && std::find(out.begin(), out.end(), path) == out.end())
      out.push_back(std::move(path));
  };
  for (const diagnose::Subject& other : scene.subjects)
    if (other.service_name == ill.subject->service_name && other.service_namespace == ill.subject->service_namespace)
      add(other.path);
  const bool mutating = ill.subject->kind.starts_with("Mutating");
  add(mutating ? "/mutate" : "/validate");
  for (const char* usual : {"/webhook", "/admit", "/admission", "/"}) add(usual);
  if (!ill.subject->path.empty() && ill.subject->path != "/") {
    std::string path = ill.subject->path;
    add(path.ends_with('/') ? path.substr(0, path.size() - 1) : path + "/");
  }
  return out;
}

net::Task<void> call_endpoints(client::Rest* rest, const Scene* scene, Ill* ill) {
  const std::vector<Target> targets = targets_of(*ill);
  if (targets.empty() || !(about_trust(*ill) || about_time(*ill) || about_path(*ill))) co_return;
  if (about_time(*ill)) {
    std::vector<net::Task<void>> calls;
    for (int i = 0; i < latency_calls; ++i) calls.push_back(time_call(rest, ill, targets.front()));
    co_await diagnose::together(std::move(calls), latency_calls);
    std::sort(ill->latencies.begin(), ill->latencies.end());
    co_return;
  }
  bool all = true;
  for (const Target& target : targets) {
    Seen seen = co_await see(rest, ill, target, "", dial_patience);
    all = all && !seen.served.empty();
    ill->endpoints.push_back(std::move(seen));
    if (!all) break;  // this machine does not reach them
  }
  ill->saw_all = all && static_cast<std::size_t>(ill->subject->by_service() ? ill->backend.ready_endpoints() : 1) ==
                            targets.size();
  if (!about_path(*ill) || !all) co_return;
  for (std::string& path : likely_paths(*scene, *ill)) {
    const Seen seen = co_await see(rest, ill, targets.front(), path, dial_patience);
    if (seen.tail.empty()) ill->paths[path] = seen.status;
  }
}

net::Task<Platform> find_platform(client::Rest* rest) {
  std::string version, provider;
  bool openshift = false;
  if (auto reply = co_await rest->call("GET", "/version"); reply && reply->status == 200)
    version = json::string_at(reply->body, {"gitVersion"});
  if (auto reply = co_await rest->call("GET", "/api/v1/nodes?limit=1"); reply && reply->status == 200) {
    const json::Array* nodes = json::array_at(reply->body, {"items"});
    if (nodes && !nodes->empty()) provider = json::string_at(nodes->front(), {"spec", "providerID"});
  }
  if (auto reply = co_await rest->call("GET", "/apis/config.openshift.io/v1"); reply && reply->status == 200)
    openshift = true;
  co_return platform_of(version, provider, openshift);
}

}  // namespace

net::Task<Result<std::unique_ptr<Survey>>> survey(client::Rest* rest, std::vector<report::Finding> findings,
                                                  SurveyOptions options) {
  auto out = std::make_unique<Survey>();
  Scene& scene = out->scene;
  scene.now = options.now;
  scene.ca_pem = std::move(options.ca_pem);
  scene.trust_served = options.trust_served;
  if (auto read = co_await diagnose::read_cluster(rest, &scene.cluster); !read)
    co_return fail_with(std::move(read.error()));
  scene.subjects = diagnose::subjects(scene.cluster);
  for (report::Finding& finding : findings) {
    auto found = std::find_if(scene.subjects.begin(), scene.subjects.end(), [&](const diagnose::Subject& s) {
      return s.name() == finding.webhook && s.kind + "/" + s.configuration == finding.configuration;
    });
    if (found == scene.subjects.end()) continue;
    auto ill = std::make_unique<Ill>();
    ill->finding = std::move(finding);
    ill->subject = &*found;
    diagnose::DryRun probe = diagnose::dry_run_for(*ill->subject, scene.cluster);
    ill->probe = {std::move(probe.path), std::move(probe.body)};
    co_await load_objects(rest, &scene, ill.get());
    co_await call_endpoints(rest, &scene, ill.get());
    out->ills.push_back(std::move(ill));
  }
  if (!out->ills.empty()) scene.platform = co_await find_platform(rest);
  co_return out;
}

}  // namespace gatepost::remedy
