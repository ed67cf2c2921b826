#include "diagnose/subject.h"

#include <algorithm>
#include <fmt/format.h>

#include "net/url.h"

namespace gatepost::diagnose {
namespace {

constexpr int usual_timeout = 10;

void read_client_config(Subject& subject) {
  const json::Value& webhook = *subject.webhook;
  subject.url = json::string_at(webhook, {"clientConfig", "url"});
  const json::Value* service = json::find_path(webhook, {"clientConfig", "service"});
  if (!service) return;
  subject.service_namespace = json::string_at(*service, {"namespace"});
  subject.service_name = json::string_at(*service, {"name"});
  subject.path = json::string_at(*service, {"path"});
  subject.port = static_cast<int>(json::int_at(*service, {"port"}, 443));
}

void add(const Table& table, const char* kind, std::vector<Subject>& out) {
  for (const json::Value* owner : table.all()) {
    const json::Array* hooks = json::array_at(*owner, {"webhooks"});
    for (std::size_t i = 0; hooks && i < hooks->size(); ++i) {
      Subject subject;
      subject.kind = kind;
      subject.configuration = json::string_at(*owner, {"metadata", "name"});
      subject.owner = owner;
      subject.webhook = &(*hooks)[i];
      subject.index = i;
      read_client_config(subject);
      if (const json::Array* rules = json::array_at(*subject.webhook, {"rules"}))
        for (const json::Value& rule : *rules) subject.rules.push_back(admission::read_rule(rule));
      subject.namespaces = admission::read_selector(*subject.webhook, "namespaceSelector");
      subject.objects = admission::read_selector(*subject.webhook, "objectSelector");
      out.push_back(std::move(subject));
    }
  }
}

std::string list_text(const json::Value& object, std::string_view key) {
  return fmt::format("{}", fmt::join(admission::read_texts(object, key), ","));
}

// "CREATE,UPDATE of pods in v1"
std::string rules_text(const Subject& subject) {
  std::string out;
  for (const admission::Rule& rule : subject.rules) {
    out += out.empty() ? "" : "; ";
    out += fmt::format("{} of {}", fmt::join(rule.operations, ","), fmt::join(rule.resources, ","));
    for (const std::string& group : rule.groups)
      if (!group.empty()) out += " in " + group;
  }
  return out.empty() ? "no rules: it is never called" : out;
}

std::string selectors_text(const Subject& subject) {
  const bool all_namespaces = subject.namespaces && subject.namespaces->everything();
  const bool all_objects = subject.objects && subject.objects->everything();
  if (all_namespaces && all_objects) return "in all namespaces";
  if (all_objects) return "in the namespaces of its namespaceSelector";
  return all_namespaces ? "for the objects of its objectSelector" : "for the namespaces and objects of its selectors";
}

}  // namespace

std::string Subject::name() const {
  return std::string(json::string_at(*webhook, {"name"}));
}

std::string Subject::server_name() const {
  if (by_service()) return service_name + "." + service_namespace + ".svc";
  auto parsed = net::url::parse(url);
  return parsed ? parsed->hostname() : "";
}

std::string Subject::resource() const {
  return kind == "ValidatingWebhookConfiguration" ? "validatingwebhookconfiguration" : "mutatingwebhookconfiguration";
}

bool Subject::fails_closed() const {
  return json::string_at(*webhook, {"failurePolicy"}) != "Ignore";
}

int Subject::timeout() const {
  return static_cast<int>(json::int_at(*webhook, {"timeoutSeconds"}, usual_timeout));
}

std::vector<Subject> subjects(const Cluster& cluster) {
  std::vector<Subject> out;
  add(cluster.mutating, "MutatingWebhookConfiguration", out);
  add(cluster.validating, "ValidatingWebhookConfiguration", out);
  return out;
}

bool calls_for(const Subject& subject, const Asked& asked) {
  const admission::RuleSubject request{asked.operation, asked.group,       asked.version,
                                       asked.resource,  asked.subresource, asked.cluster_scoped};
  return std::any_of(subject.rules.begin(), subject.rules.end(),
                     [&](const admission::Rule& rule) { return admission::matches(rule, request); });
}

bool selects_namespace(const Subject& subject, const Cluster& cluster, std::string_view ns) {
  if (!subject.namespaces || subject.namespaces->everything()) return true;
  return selects_namespace(subject, cluster.namespaces.find("", ns));
}

bool selects_namespace(const Subject& subject, const json::Value* ns) {
  return !subject.namespaces || subject.namespaces->everything() ||
         subject.namespaces->matches(ns ? json::object_at(*ns, {"metadata", "labels"}) : nullptr);
}

bool selects_labels(const Subject& subject, const json::Object* labels) {
  return !subject.objects || subject.objects->everything() || subject.objects->matches(labels);
}

void Case::see(std::string check, std::optional<bool> ok, std::string detail, std::string command) {
  finding.evidence.push_back({std::move(check), ok, std::move(detail), std::move(command)});
}

Case open_case(const Subject& subject) {
  Case out;
  report::Finding& finding = out.finding;
  finding.webhook = subject.name();
  finding.configuration = subject.kind + "/" + subject.configuration;
  const bool closed = subject.fails_closed();
  finding.outcome = closed ? report::Outcome::failed : report::Outcome::failing_open;
  finding.severity = closed ? report::Severity::error : report::Severity::warning;
  finding.timeout_seconds = subject.timeout();
  if (subject.by_service()) {
    finding.service = subject.service_namespace + "/" + subject.service_name;
    finding.port = subject.port;
  }
  const std::string shown = fmt::format("kubectl get {} {} -o yaml", subject.resource(), subject.configuration);
  out.see("failurePolicy", std::nullopt,
          closed ? "Fail: every matching request is refused" : "Ignore: failed calls are let through unchecked", shown);
  out.see("configuration", std::nullopt,
          fmt::format("called for {}, {}; timeoutSeconds {}, sideEffects {}, review versions {}", rules_text(subject),
                      selectors_text(subject), subject.timeout(), json::string_at(*subject.webhook, {"sideEffects"}),
                      list_text(*subject.webhook, "admissionReviewVersions")),
          shown);
  out.fact(closed ? "fails-closed" : "fails-open");
  return out;
}

}  // namespace gatepost::diagnose
