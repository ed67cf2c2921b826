#include "diagnose/deadlock.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatepost::diagnose {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool blocks_pods_of(const Subject& subject, const Subject& other, const Cluster& cluster) {
  return other.by_service() && subject.fails_closed() && calls_for(subject, {"CREATE", "", "v1", "pods"}) &&
         selects_namespace(subject, cluster, other.service_namespace);
}

bool blocks_own_pods(const Subject& subject, const Cluster& cluster) {
  return blocks_pods_of(subject, subject, cluster);
}

void check_deadlock(const Subject& subject, const std::vector<const Subject*>& down,
                    const std::vector<std::string>& refusing, const Cluster& cluster, Case& out) {
  if (blocks_own_pods(subject, cluster) && contains(refusing, subject.name())) {
    out.fact("self-blocked");
    out.see(
        "deadlock", false,
        fmt::format("creating a pod in {} calls {} -> it has no ready pod -> the pod is refused -> it stays without a "
                    "pod",
                    subject.service_namespace, subject.name()));
    return;
  }
  for (const Subject* other : down) {
    if ((other->configuration == subject.configuration && other->kind == subject.kind) ||
        !contains(refusing, other->name()))
      continue;
    if (!blocks_pods_of(*other, subject, cluster) || !blocks_pods_of(subject, *other, cluster)) continue;
    out.fact("mutually-blocked");
    out.see("deadlock", false,
            fmt::format("pods in {} need {}, pods in {} need {}, and neither has a ready pod",
                        subject.service_namespace, other->name(), other->service_namespace, subject.name()));
    return;
  }
}

}  // namespace gatepost::diagnose
