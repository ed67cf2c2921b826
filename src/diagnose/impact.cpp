#include "diagnose/impact.h"

#include <algorithm>
#include <fmt/format.h>

#include "diagnose/deadlock.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_named = 20;

// "CREATE,UPDATE deployments.apps"
std::vector<std::string> resources_of(const Subject& subject) {
  std::vector<std::string> out;
  for (const admission::Rule& rule : subject.rules)
    for (const std::string& group : rule.groups)
      for (const std::string& resource : rule.resources)
        if (out.size() < most_named)
          out.push_back(
              fmt::format("{} {}{}{}", fmt::join(rule.operations, ","), resource, group.empty() ? "" : ".", group));
  return out;
}

// What a cluster needs to keep going: who does it, on which resource, in which namespace ("" for the cluster's).
struct Vital {
  const char* what;
  Asked asked;
  const char* ns;
};

using Operation = admission::Operation;
const Vital vitals[] = {
    {"nodes cannot join", {Operation::create, "", "v1", "nodes", "", true}, ""},
    {"nodes cannot report their status", {Operation::update, "", "v1", "nodes", "status", true}, ""},
    {"nodes cannot renew their leases",
     {Operation::update, "coordination.k8s.io", "v1", "leases", "", false},
     "kube-node-lease"},
    {"controllers of kube-system cannot renew their leases",
     {Operation::update, "coordination.k8s.io", "v1", "leases", "", false},
     "kube-system"},
    {"pods of kube-system cannot be created", {Operation::create, "", "v1", "pods", "", false}, "kube-system"},
    {"pods cannot be bound to nodes", {Operation::create, "", "v1", "pods", "binding", false}, "default"},
    {"pods cannot report their status", {Operation::update, "", "v1", "pods", "status", false}, "default"},
    {"endpoints of kube-system cannot change",
     {Operation::update, "discovery.k8s.io", "v1", "endpointslices", "", false},
     "kube-system"},
    {"namespaces cannot be created", {Operation::create, "", "v1", "namespaces", "", true}, ""},
    {"roles cannot change", {Operation::update, "rbac.authorization.k8s.io", "v1", "clusterroles", "", true}, ""},
    {"custom resources cannot be defined",
     {Operation::create, "apiextensions.k8s.io", "v1", "customresourcedefinitions", "", true},
     ""},
};

std::vector<std::string> vitals_of(const Subject& subject, const Cluster& cluster) {
  std::vector<std::string> out;
  for (const Vital& vital : vitals) {
    if (!calls_for(subject, vital.asked)) continue;
    if (*vital.ns && !selects_namespace(subject, cluster, vital.ns)) continue;
    // A Namespace is judged by its own labels, which a new one need not have.
    if (vital.asked.resource == "namespaces" && subject.namespaces && !subject.namespaces->matches(nullptr)) continue;
    if (!selects_labels(subject, nullptr)) continue;
    out.emplace_back(vital.what);
  }
  return out;
}

}  // namespace

report::Facts impact_of(const Subject& subject, const Cluster& cluster) {
  std::int64_t selected = 0;
  std::vector<std::string> names;
  for (const json::Value* ns : cluster.namespaces.in("")) {
    if (!selects_namespace(subject, ns)) continue;
    ++selected;
    if (names.size() < most_named) names.emplace_back(json::string_at(*ns, {"metadata", "name"}));
  }
  report::Facts out;
  out.push_back({"failsClosed", subject.fails_closed()});
  out.push_back({"resources", resources_of(subject)});
  out.push_back({"namespaces", selected});
  if (selected < static_cast<std::int64_t>(cluster.namespaces.all().size())) out.push_back({"inNamespaces", names});
  out.push_back({"kubeSystem", selects_namespace(subject, cluster, "kube-system")});
  const auto vital = subject.fails_closed() ? vitals_of(subject, cluster) : std::vector<std::string>();
  if (!vital.empty()) out.push_back({"vital", vital});
  if (!subject.by_service()) return out;
  out.push_back({"ownNamespace", selects_namespace(subject, cluster, subject.service_namespace)});
  out.push_back({"blocksOwnPods", blocks_own_pods(subject, cluster)});
  return out;
}

}  // namespace gatepost::diagnose
