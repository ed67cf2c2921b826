#include "diagnose/deadlock.h"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <map>

#include "diagnose/backend.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_followed = 200;

// Whether events name it, or there are no events to go by.
bool contains(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool blocks_pods_of(const Subject& subject, const Subject& other, const Cluster& cluster) {
  return other.by_service() && subject.fails_closed() &&
         calls_for(subject, {admission::Operation::create, "", "v1", "pods"}) &&
         selects_namespace(subject, cluster, other.service_namespace) &&
         selects_labels(subject, pod_labels(other, cluster));
}

bool blocks_own_pods(const Subject& subject, const Cluster& cluster) {
  return blocks_pods_of(subject, subject, cluster);
}

std::vector<const Subject*> ring_of(const Subject& subject, const std::vector<const Subject*>& down,
                                    const Cluster& cluster) {
  // Breadth first over "pods of a need b": the shortest ring is found first.
  std::map<const Subject*, const Subject*> reached_from;
  std::deque<const Subject*> open{&subject};
  while (!open.empty() && reached_from.size() < most_followed) {
    const Subject* at = open.front();
    open.pop_front();
    for (const Subject* next : down) {
      const bool same = next->webhook == subject.webhook;
      if (next == at || (same && at == &subject) || !blocks_pods_of(*next, *at, cluster)) continue;
      if (same) {
        std::vector<const Subject*> out{&subject};
        for (; at != &subject; at = reached_from.at(at)) out.push_back(at);
        out.push_back(&subject);
        std::reverse(out.begin(), out.end());
        return out;
      }
      if (reached_from.emplace(next, at).second) open.push_back(next);
    }
  }
  return {};
}

void check_deadlock(const Subject& subject, const std::vector<const Subject*>& down,
                    const std::vector<std::string>& refusing, const Cluster& cluster, Case& out) {
  const std::string shown =
      fmt::format("kubectl -n {} get events --field-selector reason=FailedCreate", subject.service_namespace);
  if (blocks_own_pods(subject, cluster) && contains(refusing, subject.name())) {
    out.fact("self-blocked");
    out.see(
        "deadlock", false,
        fmt::format("creating a pod in {} calls {} -> it has no ready pod -> the pod is refused -> it stays without a "
                    "pod",
                    subject.service_namespace, subject.name()),
        shown);
    return;
  }
  std::vector<const Subject*> candidates;
  for (const Subject* other : down)
    if (other->webhook == subject.webhook || contains(refusing, other->name()) || refusing.empty())
      candidates.push_back(other);
  const auto ring = ring_of(subject, candidates, cluster);
  if (!ring.empty()) {
    out.fact("mutually-blocked");
    std::string chain;
    for (std::size_t i = 0; i + 1 < ring.size(); ++i)
      chain += fmt::format("{}pods of {} (in {}) need {}", i > 0 ? ", " : "", ring[i]->name(),
                           ring[i]->service_namespace, ring[i + 1]->name());
    out.see("deadlock", false, chain + ", and none of them has a ready pod", shown);
    return;
  }
  for (const Subject* other : down)
    if (other->webhook != subject.webhook && blocks_pods_of(*other, subject, cluster) &&
        contains(refusing, other->name())) {
      out.fact("blocked-by-other");
      out.see("blocked", false,
              fmt::format("its pods need {}, which has no ready pod either: repair that one first", other->name()),
              "gatepost diagnose " + other->name());
      return;
    }
}

void check_deadlock_ahead(const Subject& subject, const Cluster& cluster, Case& out) {
  if (!blocks_own_pods(subject, cluster)) return;
  out.see(
      "deadlock ahead", std::nullopt,
      fmt::format("creating a pod in {} calls {} itself: as long as it fails, a pod that restarts elsewhere, or that "
                  "a repair makes, is refused",
                  subject.service_namespace, subject.name()));
}

}  // namespace gatepost::diagnose
