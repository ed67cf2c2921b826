#include "diagnose/diagnose.h"

#include <algorithm>
#include <optional>

#include "explain/grammar.h"
#include "explain/summary.h"
#include "json/write.h"
#include "kube/selector/selector.h"

namespace gatepost::diagnose {
namespace {

struct Cluster {
  json::Value services, slices, namespaces;
};

struct Subject {
  std::string kind, configuration;
  const json::Value* webhook = nullptr;
  std::string name() const { return std::string(json::string_at(*webhook, {"name"})); }
  std::string plural() const {
    return kind == "ValidatingWebhookConfiguration" ? "validatingwebhookconfiguration" : "mutatingwebhookconfiguration";
  }
};

const json::Value* item(const json::Value& list, std::string_view ns, std::string_view name) {
  if (const json::Array* items = json::array_at(list, {"items"}))
    for (const json::Value& object : *items)
      if (json::string_at(object, {"metadata", "name"}) == name &&
          json::string_at(object, {"metadata", "namespace"}) == ns)
        return &object;
  return nullptr;
}

int ready_endpoints(const Cluster& cluster, std::string_view ns, std::string_view service, int& all) {
  int ready = 0;
  if (const json::Array* items = json::array_at(cluster.slices, {"items"}))
    for (const json::Value& slice : *items) {
      if (json::string_at(slice, {"metadata", "namespace"}) != ns ||
          json::string_at(slice, {"metadata", "labels", "kubernetes.io/service-name"}) != service)
        continue;
      if (const json::Array* endpoints = json::array_at(slice, {"endpoints"}))
        for (const json::Value& endpoint : *endpoints) {
          ++all;
          ready += json::bool_at(endpoint, {"conditions", "ready"}, true);
        }
    }
  return ready;
}

// A namespace that the webhook's namespaceSelector lets through; "default" when it can be.
std::string matching_namespace(const Cluster& cluster, const json::Value& webhook) {
  const json::Value* selector_object = json::find(webhook, "namespaceSelector");
  auto selector = kube::LabelSelector::from_object(selector_object ? *selector_object : json::Value(json::Object()));
  std::string first;
  if (const json::Array* items = json::array_at(cluster.namespaces, {"items"}))
    for (const json::Value& ns : *items) {
      if (!selector || !selector->matches(json::object_at(ns, {"metadata", "labels"}))) continue;
      std::string name(json::string_at(ns, {"metadata", "name"}));
      if (name == "default") return name;
      if (first.empty()) first = name;
    }
  return first;
}

struct Probe {
  std::string path, body;
};

// Objects that are small and valid, for the kinds that webhooks are mostly about.
struct Template {
  std::string_view group, resource, path, body;
};
constexpr Template templates[] = {
    {"", "pods", "/api/v1/namespaces/{ns}/pods",
     R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"gatepost-probe"},"spec":{"containers":[{"name":"probe","image":"probe"}]}})"},
    {"", "configmaps", "/api/v1/namespaces/{ns}/configmaps",
     R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"gatepost-probe"}})"},
    {"", "secrets", "/api/v1/namespaces/{ns}/secrets",
     R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"gatepost-probe"}})"},
    {"", "services", "/api/v1/namespaces/{ns}/services",
     R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"gatepost-probe"},"spec":{"ports":[{"port":443}]}})"},
    {"apps", "deployments", "/apis/apps/v1/namespaces/{ns}/deployments",
     R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"gatepost-probe"},"spec":{"selector":{"matchLabels":{"app":"p"}},)"
     R"("template":{"metadata":{"labels":{"app":"p"}},"spec":{"containers":[{"name":"probe","image":"probe"}]}}}})"},
};

bool lists(const json::Value& rule, std::string_view key, std::string_view wanted) {
  if (const json::Array* values = json::array_at(rule, {key}))
    for (const json::Value& value : *values)
      if (value.is_string() && (json::view(value.get_string()) == wanted || json::view(value.get_string()) == "*" ||
                                json::view(value.get_string()) == "*/*"))
        return true;
  return false;
}

std::optional<Probe> probe_for(const Cluster& cluster, const json::Value& webhook) {
  std::string_view effects = json::string_at(webhook, {"sideEffects"});
  if (effects != "None" && effects != "NoneOnDryRun") return std::nullopt;
  std::string ns = matching_namespace(cluster, webhook);
  const json::Array* rules = json::array_at(webhook, {"rules"});
  if (ns.empty() || !rules) return std::nullopt;
  for (const json::Value& rule : *rules)
    for (const Template& candidate : templates)
      if (lists(rule, "operations", "CREATE") && lists(rule, "apiGroups", candidate.group) &&
          lists(rule, "resources", candidate.resource)) {
        std::string path(candidate.path);
        path.replace(path.find("{ns}"), 4, ns);
        return Probe{path + "?dryRun=All", std::string(candidate.body)};
      }
  return std::nullopt;
}

report::Finding start(const Subject& subject) {
  report::Finding finding;
  finding.webhook = subject.name();
  finding.configuration = subject.kind + "/" + subject.configuration;
  bool open = json::string_at(*subject.webhook, {"failurePolicy"}) == "Ignore";
  finding.outcome = open ? report::Outcome::failing_open : report::Outcome::failed;
  finding.severity = open ? report::Severity::warning : report::Severity::error;
  finding.timeout_seconds = static_cast<int>(json::int_at(*subject.webhook, {"timeoutSeconds"}, 10));
  finding.evidence.push_back(
      {"failurePolicy", std::nullopt,
       open ? "Ignore: failed calls are let through" : "Fail: every matching request is refused"});
  return finding;
}

// What the objects alone prove: a Service that is not there, or has nobody ready behind it.
std::optional<report::Finding> from_objects(const Subject& subject, const Cluster& cluster) {
  const json::Value* service = json::find_path(*subject.webhook, {"clientConfig", "service"});
  if (!service) return std::nullopt;
  std::string ns(json::string_at(*service, {"namespace"})), name(json::string_at(*service, {"name"}));
  int port = static_cast<int>(json::int_at(*service, {"port"}, 443));
  report::Finding finding = start(subject);
  finding.service = ns + "/" + name;
  finding.port = port;
  const json::Value* found = item(cluster.services, ns, name);
  std::string show = "kubectl get service -n " + ns + " " + name;
  if (!found) {
    finding.cause = "service-not-found";
    bool has_namespace = item(cluster.namespaces, "", ns);
    finding.root_cause = has_namespace ? "stale-configuration" : "namespace-missing";
    finding.tail = "service \"" + name + "\" not found";
    finding.evidence.push_back({"service", false, "Service " + finding.service + " does not exist"});
    finding.message = "The configuration names the Service " + finding.service + ", which does not exist" +
                      (has_namespace ? "." : ": its namespace is gone too.");
    finding.next = {show, "kubectl get " + subject.plural() + " " + subject.configuration + " -o yaml"};
    finding.fix =
        report::Fix{"remove-configuration", "Remove the configuration, or install the backend that it belongs to",
                    "kubectl delete " + subject.plural() + " " + subject.configuration};
    return finding;
  }
  const json::Array* ports = json::array_at(*found, {"spec", "ports"});
  bool has_port = ports && std::any_of(ports->begin(), ports->end(),
                                       [&](const json::Value& p) { return json::int_at(p, {"port"}) == port; });
  if (!has_port) {
    finding.cause = "service-not-found";
    finding.root_cause = "service-port-missing";
    finding.tail = "no service port " + std::to_string(port) + " found for service \"" + name + "\"";
    finding.evidence.push_back({"service", true, "Service " + finding.service + " exists"});
    finding.evidence.push_back({"port", false, "it has no port " + std::to_string(port)});
    finding.message = "The Service " + finding.service + " has no port " + std::to_string(port) +
                      ", which the webhook's clientConfig asks for.";
    finding.next = {show + " -o yaml"};
    return finding;
  }
  int all = 0;
  if (ready_endpoints(cluster, ns, name, all) > 0 || json::string_at(*found, {"spec", "type"}) == "ExternalName")
    return std::nullopt;
  finding.cause = "no-endpoints";
  finding.root_cause = all > 0 ? "backend-not-ready" : "selector-matches-nothing";
  finding.tail = "no endpoints available for service \"" + name + "\"";
  finding.evidence.push_back({"service", true, "Service " + finding.service + " exists"});
  finding.evidence.push_back(
      {"endpoints", false, all ? std::to_string(all) + " endpoints, none ready" : "no endpoints at all"});
  finding.message = all ? "The pods behind the Service " + finding.service + " are not ready."
                        : "No pod stands behind the Service " + finding.service + ".";
  finding.next = {"kubectl get endpointslices -n " + ns + " -l kubernetes.io/service-name=" + name,
                  "kubectl get pods -n " + ns, "kubectl describe service -n " + ns + " " + name};
  return finding;
}

// What a text says of this webhook.
std::optional<report::Finding> from_text(const Subject& subject, const std::string& text) {
  for (const auto& error : explain::read_text(text)) {
    report::Finding said = explain::to_finding(error, text);
    if (said.webhook != subject.name()) continue;
    if (said.outcome && *said.outcome == report::Outcome::denied) return std::nullopt;  // the backend answered
    report::Finding finding = start(subject);
    finding.cause = said.cause;
    finding.target = said.target;
    finding.service = said.service;
    finding.port = said.port;
    finding.tail = said.tail;
    finding.message = said.message;
    finding.next = said.next;
    finding.fix = said.fix;
    finding.evidence.push_back({"dry run", false, text});
    for (auto& evidence : said.evidence) finding.evidence.push_back(std::move(evidence));
    return finding;
  }
  return std::nullopt;
}

bool wanted(const DiagnoseOptions& options, const Subject& subject) {
  if (options.names.empty()) return true;
  return std::any_of(options.names.begin(), options.names.end(),
                     [&](const std::string& name) { return name == subject.configuration || name == subject.name(); });
}

// What the evidence is read from.
struct Part {
  json::Value Cluster::* into;
  const char* path;
};

std::vector<Part> parts() {
  return {{&Cluster::services, "/api/v1/services"},
          {&Cluster::slices, "/apis/discovery.k8s.io/v1/endpointslices"},
          {&Cluster::namespaces, "/api/v1/namespaces"}};
}

// Every webhook of both lists that the options ask for.
std::vector<Subject> subjects(const json::Value& mutating, const json::Value& validating,
                              const DiagnoseOptions& options) {
  std::vector<Subject> out;
  auto add = [&](const json::Value& configurations, const char* kind) {
    const json::Array* items = json::array_at(configurations, {"items"});
    for (std::size_t i = 0; items && i < items->size(); ++i) {
      const json::Array* hooks = json::array_at((*items)[i], {"webhooks"});
      for (std::size_t k = 0; hooks && k < hooks->size(); ++k) {
        Subject subject{kind, std::string(json::string_at((*items)[i], {"metadata", "name"})), &(*hooks)[k]};
        if (wanted(options, subject)) out.push_back(std::move(subject));
      }
    }
  };
  add(mutating, "MutatingWebhookConfiguration");
  add(validating, "ValidatingWebhookConfiguration");
  return out;
}

net::Task<Result<json::Value>> list(client::Rest& rest, std::string path) {
  auto reply = co_await rest.call("GET", path);
  if (!reply) co_return fail_with(std::move(reply.error()));
  if (reply->status != 200) co_return fail("GET " + path + ": " + reply->text);
  co_return std::move(reply->body);
}

}  // namespace

net::Task<Result<report::Report>> diagnose(client::Rest& rest, DiagnoseOptions options) {
  constexpr const char* registration = "/apis/admissionregistration.k8s.io/v1/";
  auto validating = co_await list(rest, std::string(registration) + "validatingwebhookconfigurations");
  if (!validating) co_return fail_with(std::move(validating.error()));
  auto mutating = co_await list(rest, std::string(registration) + "mutatingwebhookconfigurations");
  if (!mutating) co_return fail_with(std::move(mutating.error()));
  Cluster cluster;
  std::vector<std::string> unseen;
  for (const Part& part : parts()) {
    auto read = co_await list(rest, part.path);
    if (read)
      cluster.*part.into = std::move(*read);
    else
      unseen.push_back(read.error().text);
  }
  report::Report report;
  report.command = "diagnose";
  std::vector<Subject> all = subjects(*mutating, *validating, options);
  if (all.empty() && !options.names.empty())
    co_return fail("there is no webhook or configuration called " + options.names.front());
  for (const Subject& subject : all) {
    std::optional<report::Finding> finding = unseen.empty() ? from_objects(subject, cluster) : std::nullopt;
    std::optional<Probe> probe = finding ? std::nullopt : probe_for(cluster, *subject.webhook);
    if (probe) {
      auto reply = co_await rest.call("POST", probe->path, probe->body);
      if (!reply) co_return fail_with(std::move(reply.error()));
      if (reply->status >= 400) finding = from_text(subject, reply->text);
    }
    if (!finding) continue;
    for (const std::string& text : unseen) finding->evidence.push_back({"not seen", std::nullopt, text});
    report.findings.push_back(std::move(*finding));
  }
  report.summary.push_back({"webhooks", static_cast<std::int64_t>(all.size())});
  report.summary.push_back({"unhealthy", static_cast<std::int64_t>(report.findings.size())});
  co_return report;
}

}  // namespace gatepost::diagnose
