// GP101-GP118: what is intercepted that a cluster lives on.
#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

constexpr Target leases{"coordination.k8s.io", "leases", ""};

template <class Each>
void for_each_webhook(const Model& model, Each each) {
  for (const Webhook& webhook : model.webhooks()) each(webhook);
}

void catch_all_rules(const Model& model, Sink& sink) {
  for_each_webhook(model, [&](const Webhook& webhook) {
    for (std::size_t i = 0; i < webhook.rules.size(); ++i) {
      const admission::Rule& rule = webhook.rules[i];
      if (!holds(rule.groups, "*") || (!holds(rule.resources, "*") && !holds(rule.resources, "*/*"))) continue;
      return sink.add(webhook, Path("rules") / i / "resources",
                      fmt::format("the webhook asks for every resource of every group and {}", how_it_fails(webhook)));
    }
  });
}

// What pods of kube-system need to be there before they run.
constexpr std::array system_targets = {Target{"", "pods", ""},
                                       Target{"apps", "deployments", ""},
                                       Target{"apps", "replicasets", ""},
                                       Target{"apps", "daemonsets", ""},
                                       Target{"apps", "statefulsets", ""},
                                       Target{"batch", "jobs", ""},
                                       Target{"", "configmaps", ""},
                                       Target{"", "secrets", ""},
                                       Target{"", "services", ""},
                                       Target{"", "serviceaccounts", ""},
                                       Target{"", "endpoints", ""},
                                       Target{"discovery.k8s.io", "endpointslices", ""},
                                       leases,
                                       Target{"", "persistentvolumeclaims", ""},
                                       Target{"networking.k8s.io", "networkpolicies", ""},
                                       Target{"rbac.authorization.k8s.io", "roles", ""},
                                       Target{"rbac.authorization.k8s.io", "rolebindings", ""},
                                       Target{"", "pods", "binding"},
                                       Target{"", "pods", "eviction"},
                                       Target{"", "pods", "status"}};

void matches_kube_system(const Model& model, Sink& sink) {
  for_each_webhook(model, [&](const Webhook& webhook) {
    if (!model.selects_namespace(webhook, system_namespace)) return;
    const std::string names = asked_targets_in(model, webhook, system_targets, any_write, system_namespace);
    if (!names.empty())
      sink.add(
          webhook, "namespaceSelector",
          fmt::format("the namespaceSelector lets kube-system through, whose {} then wait for this webhook", names));
  });
}

constexpr std::array own_targets = {Target{"", "pods", ""}, Target{"apps", "replicasets", ""},
                                    Target{"apps", "deployments", ""}, Target{"", "secrets", ""},
                                    Target{"", "serviceaccounts", ""}};

void matches_own_namespace(const Model& model, Sink& sink) {
  for_each_webhook(model, [&](const Webhook& webhook) {
    if (!webhook.service || webhook.is_api_server()) return;
    const std::string& ns = webhook.service->ns;
    std::string names = asked_targets_in(model, webhook, own_targets, create_or_update, ns);
    if (names.empty()) return;
    // The backend's own pods may carry a label that keeps them out.
    if (names == "pods" && !webhook.workloads.empty() &&
        std::none_of(webhook.workloads.begin(), webhook.workloads.end(),
                     [&](const Workload* workload) { return model.meets_pod_of(webhook, *workload); }))
      return;
    sink.add(webhook, "namespaceSelector",
             fmt::format("the webhook is called for {} in {}, where its own backend runs", names, ns));
  });
}

void matches_node_leases(const Model& model, Sink& sink) {
  constexpr std::array targets = {leases};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets_in(model, webhook, targets, any_write, lease_namespace,
                   "the heartbeats of all nodes pass through the webhook", sink);
  });
}

void matches_leader_election(const Model& model, Sink& sink) {
  constexpr std::array targets = {leases, Target{"", "endpoints", ""}, Target{"", "configmaps", ""}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets_in(model, webhook, targets, create_or_update, system_namespace,
                   "leader election in kube-system passes through the webhook", sink);
  });
}

void matches_nodes(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"", "nodes", ""}, Target{"", "nodes", "status"}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets(model, webhook, targets, any_write, "nodes cannot join while the webhook is down", sink);
  });
}

void matches_csr(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"certificates.k8s.io", "certificatesigningrequests", ""},
                                  Target{"certificates.k8s.io", "certificatesigningrequests", "status"},
                                  Target{"certificates.k8s.io", "certificatesigningrequests", "approval"}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets(model, webhook, targets, any_write, "kubelets get no certificates while the webhook is down", sink);
  });
}

void matches_auth_reviews(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"authentication.k8s.io", "tokenreviews", ""},
                                  Target{"authentication.k8s.io", "selfsubjectreviews", ""},
                                  Target{"authorization.k8s.io", "subjectaccessreviews", ""},
                                  Target{"authorization.k8s.io", "localsubjectaccessreviews", ""},
                                  Target{"authorization.k8s.io", "selfsubjectaccessreviews", ""},
                                  Target{"authorization.k8s.io", "selfsubjectrulesreviews", ""},
                                  Target{"", "bindings", ""},
                                  Target{"", "pods", "binding"},
                                  Target{"authorization.openshift.io", "subjectaccessreviews", ""},
                                  Target{"authorization.openshift.io", "localsubjectaccessreviews", ""},
                                  Target{"authorization.openshift.io", "resourceaccessreviews", ""},
                                  Target{"authorization.openshift.io", "localresourceaccessreviews", ""},
                                  Target{"authorization.openshift.io", "selfsubjectrulesreviews", ""},
                                  Target{"authorization.openshift.io", "subjectrulesreviews", ""}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets(model, webhook, targets, any_operation,
                "questions about who may do what are no objects, yet the webhook asks for them", sink);
  });
}

void matches_rbac_bootstrap(const Model& model, Sink& sink) {
  constexpr std::array of_cluster = {Target{"rbac.authorization.k8s.io", "clusterroles", ""},
                                     Target{"rbac.authorization.k8s.io", "clusterrolebindings", ""}};
  constexpr std::array of_system = {Target{"rbac.authorization.k8s.io", "roles", ""},
                                    Target{"rbac.authorization.k8s.io", "rolebindings", ""}};
  constexpr std::string_view what = "the API server writes these when it starts, through the webhook";
  for_each_webhook(model, [&](const Webhook& webhook) {
    if (!asked_targets(model, webhook, of_cluster, create_or_update).empty())
      add_targets(model, webhook, of_cluster, create_or_update, what, sink);
    else
      add_targets_in(model, webhook, of_system, create_or_update, system_namespace, what, sink);
  });
}

void matches_apiservices_or_crds(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"apiregistration.k8s.io", "apiservices", ""},
                                  Target{"apiregistration.k8s.io", "apiservices", "status"},
                                  Target{"apiextensions.k8s.io", "customresourcedefinitions", ""},
                                  Target{"apiextensions.k8s.io", "customresourcedefinitions", "status"}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets(model, webhook, targets, any_write, "what extends the API passes through the webhook", sink);
  });
}

void matches_priorityclasses(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"scheduling.k8s.io", "priorityclasses", ""}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets(model, webhook, targets, any_write, "the API server writes its own classes when it starts", sink);
  });
}

void matches_kubernetes_service(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"", "services", ""}, Target{"", "endpoints", ""}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets_in(model, webhook, targets, create_or_update, "default",
                   "the Service default/kubernetes is kept up through the webhook", sink);
  });
}

void matches_namespaces_unscoped(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"", "namespaces", ""}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    if (webhook.namespace_selector && !webhook.namespace_selector->everything()) return;
    if (webhook.object_selector && !webhook.object_selector->everything()) return;
    add_targets(model, webhook, targets, any_write, "every namespace is in scope, the cluster's own too", sink);
  });
}

void matches_events(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"", "events", ""}, Target{"events.k8s.io", "events", ""}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets(model, webhook, targets, any_write, "every event is sent to the webhook", sink);
  });
}

void matches_status_subresources(const Model& model, Sink& sink) {
  std::vector<Target> targets;
  for (const auto& info : model.registry().all())
    if (info->subresource("status")) targets.push_back({info->group, info->resource, "status"});
  std::stable_partition(targets.begin(), targets.end(), [](const Target& target) {
    return target.group.empty() && is_one_of(target.resource, {"pods", "nodes"});
  });
  for_each_webhook(model, [&](const Webhook& webhook) {
    for (const Target& target : targets) {
      if (!model.asks_for(webhook, target, any_write)) continue;
      return sink.add(webhook, resources_path(model, webhook, target, any_write),
                      fmt::format("updates of status pass through the webhook, {} among them", to_text(target)));
    }
  });
}

void matches_endpoint_updates(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"", "endpoints", ""}, Target{"discovery.k8s.io", "endpointslices", ""}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    if (webhook.namespace_selector && !webhook.namespace_selector->everything()) return;
    if (webhook.object_selector && !webhook.object_selector->everything()) return;
    add_targets(model, webhook, targets, any_write, "traffic of all namespaces is rerouted only after the webhook",
                sink);
  });
}

void matches_quota_or_usage_hot_paths(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"", "resourcequotas", ""}, Target{"", "resourcequotas", "status"},
                                  Target{"quota.openshift.io", "clusterresourcequotas", ""},
                                  Target{"quota.openshift.io", "clusterresourcequotas", "status"}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets(model, webhook, targets, any_write, "objects that follow every other write are sent to the webhook",
                sink);
  });
}

void sees_sensitive_objects(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"", "secrets", ""},
                                  Target{"", "serviceaccounts", ""},
                                  Target{"", "serviceaccounts", "token"},
                                  Target{"oauth.openshift.io", "oauthaccesstokens", ""},
                                  Target{"oauth.openshift.io", "oauthauthorizetokens", ""},
                                  Target{"oauth.openshift.io", "oauthclients", ""},
                                  Target{"route.openshift.io", "routes", ""},
                                  Target{"admissionregistration.k8s.io", "validatingwebhookconfigurations", ""},
                                  Target{"admissionregistration.k8s.io", "mutatingwebhookconfigurations", ""}};
  for_each_webhook(model, [&](const Webhook& webhook) {
    add_targets(model, webhook, targets, any_operation, "the backend gets to read sensitive objects in plain text",
                sink);
  });
}

constexpr Rule rules[] = {{"GP101", catch_all_rules},
                          {"GP102", matches_kube_system},
                          {"GP103", matches_own_namespace},
                          {"GP104", matches_node_leases},
                          {"GP105", matches_leader_election},
                          {"GP106", matches_nodes},
                          {"GP107", matches_csr},
                          {"GP108", matches_auth_reviews},
                          {"GP109", matches_rbac_bootstrap},
                          {"GP110", matches_apiservices_or_crds},
                          {"GP111", matches_priorityclasses},
                          {"GP112", matches_kubernetes_service},
                          {"GP113", matches_namespaces_unscoped},
                          {"GP114", matches_events},
                          {"GP115", matches_status_subresources},
                          {"GP116", matches_endpoint_updates},
                          {"GP117", matches_quota_or_usage_hot_paths},
                          {"GP118", sees_sensitive_objects}};

}  // namespace

std::span<const Rule> scope_rules() {
  return rules;
}

}  // namespace gatepost::lint
