// GP2: failure policies and timeouts.
#include <set>

#include "lint/join.h"
#include "lint/rules/chain.h"
#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

constexpr std::int64_t request_deadline = 30;     // seconds that clients wait
constexpr std::int64_t controller_deadline = 10;  // seconds that kubelets and leader election wait
constexpr std::int64_t patience = 15;             // seconds that an ignored webhook may cost each request

constexpr Target pods{"", "pods", ""};

void timeout_implicit(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    if (!webhook.has("timeoutSeconds"))
      sink.add(webhook, "timeoutSeconds", fmt::format("timeoutSeconds is not set, so it is {} s", webhook.timeout));
}

void timeout_long(const Model& model, Sink& sink) {
  const Thresholds& limits = model.settings().thresholds;
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.timeout <= limits.timeout_warning && webhook.timeout < limits.timeout_error) continue;
    const bool error = webhook.timeout >= limits.timeout_error;
    sink.add(Hit{.manifest = webhook.owner,
                 .path = webhook.path / "timeoutSeconds",
                 .message = fmt::format("requests wait up to {} s for this webhook{}", webhook.timeout,
                                        error ? ", as long as clients wait at all" : ""),
                 .webhook = &webhook,
                 .severity = error ? report::Severity::error : report::Severity::warning});
  }
}

void timeout_long_on_leases(const Model& model, Sink& sink) {
  const Target leases{"coordination.k8s.io", "leases", ""};
  const std::int64_t limit = model.settings().thresholds.lease_timeout;
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.timeout <= limit) continue;
    for (std::string_view ns : {system_namespace, lease_namespace}) {
      if (!model.asks_for_in(webhook, leases, any_write, ns)) continue;
      sink.add(webhook, "timeoutSeconds",
               fmt::format("leases in {} may wait {} s; they are renewed every few seconds", ns, webhook.timeout));
      break;
    }
  }
}

// --- chains

void chain_exceeds_request_deadline(const Model& model, Sink& sink) {
  for (const Chain& chain : chains(model)) {
    if (chain.seconds() < request_deadline) continue;
    sink.add(*chain.longest(), "timeoutSeconds",
             fmt::format("all webhooks of one request together may take {} s, {} s is what clients wait: {}",
                         chain.seconds(), request_deadline, chain.text()));
  }
}

void chain_exceeds_controller_deadline(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"coordination.k8s.io", "leases", ""}, Target{"", "nodes", ""},
                                  Target{"", "nodes", "status"}, Target{"", "endpoints", ""},
                                  Target{"discovery.k8s.io", "endpointslices", ""}};
  std::set<std::vector<const Webhook*>> told;
  for (const Target& target : targets)
    for (const Chain& chain : chains_of(model, target)) {
      if (chain.seconds() < controller_deadline || !told.insert(chain.all()).second) continue;
      sink.add(*chain.longest(), "timeoutSeconds",
               fmt::format("a write of {} may take {} s in webhooks; who writes it gives up after {} s: {}",
                           to_text(target), chain.seconds(), controller_deadline, chain.text()));
    }
}

void timeout_below_observed_p99(const Model& model, Sink& sink) {
  constexpr double reserve = 2;
  for (const Webhook& webhook : model.webhooks()) {
    auto seen = model.observed().p99_seconds.find(webhook.name);
    if (seen == model.observed().p99_seconds.end() || static_cast<double>(webhook.timeout) >= reserve * seen->second)
      continue;
    sink.add(webhook, "timeoutSeconds",
             fmt::format("one call in a hundred takes {:.2f} s or more, and the timeout is {} s", seen->second,
                         webhook.timeout));
  }
}

// --- failure policies

// A reason stands in an annotation, or in a comment on the field's line or the line above.
bool states_a_reason(const Webhook& webhook) {
  for (std::string_view key : {"gatepost.dev/fail-closed-reason", "gatepost.dev/failure-policy-reason"})
    if (!webhook.owner->annotation(key).empty()) return true;
  if (!webhook.owner->file || !webhook.has("failurePolicy")) return false;
  const Place place = Places().find(*webhook.owner, webhook.path / "failurePolicy");
  const std::string_view text = webhook.owner->file->text;
  if (place.line == 0 || place.begin >= text.size()) return false;
  const std::size_t end = std::min(text.find('\n', place.begin), text.size());
  if (text.substr(place.begin, end - place.begin).find(" #") != std::string_view::npos) return true;
  const std::size_t begin = text.rfind('\n', place.begin);
  if (begin == std::string_view::npos || begin == 0) return false;
  const std::size_t above = text.rfind('\n', begin - 1);
  std::string_view line = text.substr(above == std::string_view::npos ? 0 : above + 1,
                                      begin - (above == std::string_view::npos ? 0 : above + 1));
  const std::size_t first = line.find_first_not_of(" \t");
  return first != std::string_view::npos && line[first] == '#';
}

void fail_closed_mutation(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    if (webhook.mutating() && webhook.fails_closed && !states_a_reason(webhook))
      sink.add(webhook, "failurePolicy", "a mutation stops what it would change when its backend is down");
}

void fail_closed_weak_backend(const Model& model, Sink& sink) {
  std::set<std::pair<const Workload*, std::string>> told;
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.fails_closed) continue;
    for (const Workload* workload : webhook.workloads) {
      std::vector<std::string> weak;
      if (workload->replicas().value_or(2) < 2) weak.emplace_back("one replica");
      const bool has_budget = workload->is_per_node() || [&] {
        for (const Manifest* budget : model.of_kind_in("PodDisruptionBudget", workload->manifest->ns))
          if (selects_pods(budget->at({"spec", "selector"}), *workload)) return true;
        return false;
      }();
      if (!has_budget) weak.emplace_back("no PodDisruptionBudget");
      const auto container = workload->container_of_port(webhook.container_port);
      if (container && !json::find(*container->value, "readinessProbe")) weak.emplace_back("no readiness probe");
      if (!weak.empty() && told.emplace(workload, webhook.configuration()).second)
        sink.add(webhook, "failurePolicy",
                 fmt::format("the webhook fails closed on {} {} with {}", workload->kind(), workload->manifest->name,
                             joined(weak)));
    }
  }
}

void fail_open_guard(const Model& model, Sink& sink) {
  constexpr std::array guarded = {Target{"", "pods", ""},
                                  Target{"rbac.authorization.k8s.io", "roles", ""},
                                  Target{"rbac.authorization.k8s.io", "rolebindings", ""},
                                  Target{"rbac.authorization.k8s.io", "clusterroles", ""},
                                  Target{"rbac.authorization.k8s.io", "clusterrolebindings", ""},
                                  Target{"image.openshift.io", "images", ""},
                                  Target{"image.openshift.io", "imagestreams", ""}};
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.mutating() || webhook.fails_closed) continue;
    const std::string names = asked_targets(model, webhook, guarded, create_or_update);
    if (!names.empty())
      sink.add(webhook, "failurePolicy", fmt::format("while the backend is down nothing checks {}", names));
  }
}

void failure_policy_implicit(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    if (!webhook.has("failurePolicy"))
      sink.add(webhook, "failurePolicy",
               fmt::format("failurePolicy is not set, so it is {}", webhook.fails_closed ? "Fail" : "Ignore"));
}

// --- GP211

std::vector<Target> targets_of(const Model& model, const Webhook& webhook) {
  std::vector<Target> out;
  for (const admission::Rule& rule : webhook.rules)
    for (const std::string& group : rule.groups)
      for (const std::string& item : rule.resources) {
        const std::string_view resource = std::string_view(item).substr(0, item.find('/'));
        if (group == "*" || resource == "*") {
          out.push_back(pods);
        } else {
          const Target target{group, resource, ""};
          if (model.asks_for(webhook, target, any_operation)) out.push_back(target);
        }
      }
  return out;
}

bool policy_judges(const Manifest& policy, const Target& target) {
  const json::Array* rules = json::array_at(policy.value, {"spec", "matchConstraints", "resourceRules"});
  for (std::size_t i = 0; rules && i < rules->size(); ++i) {
    const auto groups = admission::read_texts((*rules)[i], "apiGroups"),
               resources = admission::read_texts((*rules)[i], "resources");
    if ((holds(groups, "*") || holds(groups, target.group)) &&
        (holds(resources, "*") || holds(resources, target.resource)))
      return true;
  }
  return false;
}

void mutation_without_final_check(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.mutating() || webhook.fails_closed) continue;
    for (const Target& target : targets_of(model, webhook)) {
      const bool judged = std::any_of(model.webhooks().begin(), model.webhooks().end(),
                                      [&](const Webhook& other) {
                                        return !other.mutating() && model.asks_for(other, target, create_or_update);
                                      }) ||
                          std::any_of(model.of_kind("ValidatingAdmissionPolicy").begin(),
                                      model.of_kind("ValidatingAdmissionPolicy").end(),
                                      [&](const Manifest* policy) { return policy_judges(*policy, target); });
      if (judged) continue;
      sink.add(
          webhook, "failurePolicy",
          fmt::format("{} that were let through without the mutation are not checked by anything", to_text(target)));
      break;
    }
  }
}

void ignore_with_long_timeout(const Model& model, Sink& sink) {
  constexpr std::array critical = {pods,
                                   Target{"", "nodes", ""},
                                   Target{"", "nodes", "status"},
                                   Target{"coordination.k8s.io", "leases", ""},
                                   Target{"", "services", ""},
                                   Target{"", "endpoints", ""},
                                   Target{"discovery.k8s.io", "endpointslices", ""},
                                   Target{"", "secrets", ""},
                                   Target{"", "configmaps", ""},
                                   Target{"", "serviceaccounts", ""},
                                   Target{"", "namespaces", ""},
                                   Target{"apps", "deployments", ""},
                                   Target{"apps", "replicasets", ""},
                                   Target{"apps", "daemonsets", ""},
                                   Target{"apps", "statefulsets", ""},
                                   Target{"batch", "jobs", ""},
                                   Target{"", "persistentvolumeclaims", ""},
                                   Target{"rbac.authorization.k8s.io", "clusterroles", ""},
                                   Target{"rbac.authorization.k8s.io", "clusterrolebindings", ""},
                                   Target{"certificates.k8s.io", "certificatesigningrequests", ""},
                                   Target{"apiextensions.k8s.io", "customresourcedefinitions", ""}};
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.fails_closed || webhook.timeout <= patience) continue;
    const std::string names = asked_targets(model, webhook, critical, any_write);
    if (!names.empty())
      sink.add(webhook, "timeoutSeconds",
               fmt::format("while the backend is down every request for {} waits {} s before it is let through", names,
                           webhook.timeout));
  }
}

constexpr Rule rules[] = {{"GP201", timeout_implicit},
                          {"GP202", timeout_long},
                          {"GP203", timeout_long_on_leases},
                          {"GP204", chain_exceeds_request_deadline},
                          {"GP205", chain_exceeds_controller_deadline},
                          {"GP206", timeout_below_observed_p99},
                          {"GP207", fail_closed_mutation},
                          {"GP208", fail_closed_weak_backend},
                          {"GP209", fail_open_guard},
                          {"GP210", failure_policy_implicit},
                          {"GP211", mutation_without_final_check},
                          {"GP212", ignore_with_long_timeout}};

}  // namespace

std::span<const Rule> policy_rules() {
  return rules;
}

}  // namespace gatepost::lint
