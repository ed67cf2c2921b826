#include "diagnose/subject.h"

#include <algorithm>

#include "kube/selector/selector.h"

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
      out.push_back(std::move(subject));
    }
  }
}

bool lists(const json::Value& rule, std::string_view key, std::string_view wanted) {
  const json::Array* values = json::array_at(rule, {key});
  return values && std::any_of(values->begin(), values->end(), [&](const json::Value& value) {
           if (!value.is_string()) return false;
           const std::string_view text = json::view(value.get_string());
           return text == wanted || text == "*" || text == "*/*";
         });
}

}  // namespace

std::string Subject::name() const {
  return std::string(json::string_at(*webhook, {"name"}));
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
  const json::Array* rules = json::array_at(*subject.webhook, {"rules"});
  return rules && std::any_of(rules->begin(), rules->end(), [&](const json::Value& rule) {
           return lists(rule, "operations", asked.operation) && lists(rule, "apiGroups", asked.group) &&
                  lists(rule, "apiVersions", asked.version) && lists(rule, "resources", asked.resource) &&
                  json::string_at(rule, {"scope"}) != "Cluster";
         });
}

bool selects_namespace(const Subject& subject, const Cluster& cluster, std::string_view ns) {
  const json::Value* object = json::find(*subject.webhook, "namespaceSelector");
  if (!object) return true;
  auto selector = kube::LabelSelector::from_object(*object);
  if (!selector || selector->everything()) return true;
  const json::Value* found = cluster.namespaces.find("", ns);
  return selector->matches(found ? json::object_at(*found, {"metadata", "labels"}) : nullptr);
}

void Case::see(std::string check, std::optional<bool> ok, std::string detail) {
  finding.evidence.push_back({std::move(check), ok, std::move(detail)});
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
  out.see("failurePolicy", std::nullopt,
          closed ? "Fail: every matching request is refused" : "Ignore: failed calls are let through unchecked");
  out.fact(closed ? "fails-closed" : "fails-open");
  return out;
}

}  // namespace gatepost::diagnose
