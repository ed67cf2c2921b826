#include "lint/advice.h"

#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

constexpr std::array lifelines = {Target{"", "nodes", ""},
                                  Target{"", "nodes", "status"},
                                  Target{"coordination.k8s.io", "leases", ""},
                                  Target{"certificates.k8s.io", "certificatesigningrequests", ""},
                                  Target{"authentication.k8s.io", "tokenreviews", ""},
                                  Target{"authorization.k8s.io", "subjectaccessreviews", ""},
                                  Target{"apiregistration.k8s.io", "apiservices", ""}};

bool is_custom_only(const Model& model, const Webhook& webhook) {
  return !webhook.rules.empty() &&
         std::all_of(webhook.rules.begin(), webhook.rules.end(), [&](const admission::Rule& rule) {
           return !rule.groups.empty() &&
                  std::all_of(rule.groups.begin(), rule.groups.end(), [&](const std::string& group) {
                    return group != "*" && !group.empty() && !model.registry().has_group(group);
                  });
         });
}

bool has_strong_backend(const Webhook& webhook) {
  return !webhook.workloads.empty() && std::all_of(webhook.workloads.begin(), webhook.workloads.end(),
                                                   [](const Workload* one) { return one->replicas().value_or(2) > 1; });
}

bool keeps_system_out(const Model& model, const Webhook& webhook) {
  return !model.selects_namespace(webhook, system_namespace) &&
         (!webhook.service || !model.selects_namespace(webhook, webhook.service->ns));
}

void policy_of(const Model& model, const Webhook& webhook, Advice& out) {
  switch (purpose_of(model, webhook)) {
    case Purpose::lifeline:
      out.policy = "Ignore";
      out.reason =
          "it sees what the cluster itself lives on: with Fail an outage of the backend stops nodes, leases or logins, "
          "and "
          "may be final; with Ignore those writes go through unchecked. Better take them out of the rules";
      return;
    case Purpose::injector:
      out.policy = "Ignore";
      out.reason =
          "it changes pods: with Fail no pod starts while the backend is down, also those that would replace it; with "
          "Ignore pods start without the change, so check the final object by a validating step where that matters";
      return;
    case Purpose::defaulter:
      out.policy = "Ignore";
      out.reason =
          "it sets defaults: with Fail convenience stops writes; with Ignore objects keep what their author wrote, and "
          "the "
          "next write is changed again";
      return;
    case Purpose::own_kind:
      out.policy = "Fail";
      out.reason =
          "only its own kinds wait for it: with Fail an outage stops changes of those kinds and nothing else; with "
          "Ignore "
          "objects that its controller cannot handle are stored";
      return;
    case Purpose::enforcer:
      out.policy = "Fail";
      out.reason =
          "it enforces: with Ignore whoever can stop the backend can write what it forbids; with Fail an outage stops "
          "what "
          "it guards";
      if (!keeps_system_out(model, webhook))
        out.reason += ". Before that keep kube-system and its own namespace out, or the cluster may not come back";
      else if (!has_strong_backend(webhook))
        out.reason += ". Before that run two replicas or more with a PodDisruptionBudget";
      return;
  }
}

std::string replacement_of(const Model& model, const Webhook& webhook) {
  const bool static_effects = json::string_at(*webhook.value, {"sideEffects"}) == "None" || !webhook.has("sideEffects");
  const bool custom = is_custom_only(model, webhook);
  if (custom)
    return webhook.mutating() ? "defaults in the schema of the CustomResourceDefinition"
                              : "validation rules in the schema of the CustomResourceDefinition";
  if (!static_effects) return "";
  return webhook.mutating()
             ? "a MutatingAdmissionPolicy, if the patch follows from the object alone"
             : "a ValidatingAdmissionPolicy, if the verdict follows from the object, its namespace and parameters";
}

}  // namespace

Purpose purpose_of(const Model& model, const Webhook& webhook) {
  if (is_custom_only(model, webhook)) return Purpose::own_kind;
  const bool narrow = std::none_of(webhook.rules.begin(), webhook.rules.end(), [](const admission::Rule& rule) {
    return holds(rule.groups, "*") || holds(rule.resources, "*") || holds(rule.resources, "*/*");
  });
  if (narrow && !asked_targets(model, webhook, lifelines, any_write).empty()) return Purpose::lifeline;
  if (!webhook.mutating()) return Purpose::enforcer;
  return model.asks_for(webhook, {"", "pods", ""}, create_or_update) ? Purpose::injector : Purpose::defaulter;
}

std::vector<Advice> advise(const Model& model) {
  std::vector<Advice> out;
  for (const Webhook& webhook : model.webhooks()) {
    Advice& one = out.emplace_back();
    one.configuration = webhook.configuration();
    one.webhook = webhook.name;
    policy_of(model, webhook, one);
    one.policy_fits = (one.policy == "Fail") == webhook.fails_closed;
    one.without_backend = replacement_of(model, webhook);
  }
  return out;
}

std::string to_text(const Advice& advice) {
  std::string out =
      fmt::format("{} ({}): failurePolicy {} {}: {}.", advice.webhook, advice.configuration, advice.policy,
                  advice.policy_fits ? "fits, as it is set" : "would fit better than what is set", advice.reason);
  if (!advice.without_backend.empty())
    out += fmt::format(" Nothing to call and nothing to fail: {}.", advice.without_backend);
  return out;
}

}  // namespace gatepost::lint
