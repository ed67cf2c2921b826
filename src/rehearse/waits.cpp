#include "rehearse/waits.h"

#include <algorithm>
#include <set>

#include "explain/grammar.h"

namespace gatepost::rehearse {
namespace {

namespace collection = simulate::collection;
using simulate::Refusal;

bool starts(const std::string& name, const std::string& with) {
  return name == with || name.starts_with(with + "-");
}

// Whether the refused object is one that the backend needs.
bool is_needed(const Refusal& refusal, const Backend& backend) {
  if (refusal.collection == collection::nodes) return true;
  if (refusal.collection == collection::namespaces) return refusal.name == backend.ns;
  if (refusal.ns != backend.ns) return false;
  if (refusal.collection == collection::slices || refusal.collection == collection::services)
    return starts(refusal.name, backend.service) || refusal.owner_name == backend.service;
  for (const Workload& workload : backend.workloads)
    if (starts(refusal.owner_name, workload.name) || starts(refusal.name, workload.name)) return true;
  return false;
}

std::string_view operation(const Refusal& refusal) {
  switch (refusal.verb) {
    case simulate::Write::Verb::create:
      return "CREATE";
    case simulate::Write::Verb::update:
      return "UPDATE";
    case simulate::Write::Verb::remove:
      return "DELETE";
  }
  return "";
}

Wait wait_of(const World& world, const Backend& backend, const Refusal& refusal) {
  Wait wait;
  wait.backend = backend.id;
  wait.text = refusal.text;
  const std::size_t slash = refusal.collection.rfind('/');
  wait.what = std::string(operation(refusal)) + " " + refusal.collection.substr(slash + 1) +
              (refusal.subresource.empty() ? "" : "/" + refusal.subresource);
  if (!refusal.owner_name.empty())
    wait.who = refusal.owner_kind + " " + refusal.ns + "/" + refusal.owner_name;
  else
    wait.who = (refusal.ns.empty() ? "" : refusal.ns + "/") + refusal.name;
  for (const auto& occurrence : explain::read_text(refusal.text)) {
    if (occurrence.webhook.empty()) continue;
    wait.webhook = occurrence.webhook;
    // Of several webhooks of one name, the one whose backend the error names.
    for (const Webhook& webhook : world.webhooks) {
      if (webhook.name != wait.webhook) continue;
      if (wait.on.empty() || webhook.backend == occurrence.service) wait.on = webhook.backend;
    }
    break;
  }
  return wait;
}

}  // namespace

std::vector<Wait> waits_of(const World& world, const std::vector<std::size_t>& down) {
  std::vector<Wait> waits;
  std::set<std::string> seen;
  for (std::size_t b : down) {
    const Backend& backend = world.backends[b];
    for (const auto& [key, refusal] : world.cluster->refusals()) {
      if (!is_needed(refusal, backend)) continue;
      Wait wait = wait_of(world, backend, refusal);
      if (seen.insert(wait.backend + "|" + wait.who + "|" + wait.what + "|" + wait.webhook).second)
        waits.push_back(std::move(wait));
    }
  }
  return waits;
}

std::vector<std::string> wedged_of(const std::vector<Wait>& waits, const std::vector<std::string>& down) {
  const std::set<std::string> dead(down.begin(), down.end());
  std::vector<std::string> wedged;
  for (const std::string& start : down) {
    std::set<std::string> reached;
    std::vector<std::string> front{start};
    bool cycle = false;
    for (bool first = true; !front.empty() && !cycle; first = false) {
      std::vector<std::string> next;
      for (const std::string& from : front) {
        for (const Wait& wait : waits) {
          if (wait.backend != from || wait.on.empty()) continue;
          if (wait.on == start || (first && !dead.contains(wait.on))) cycle = true;
          if (reached.insert(wait.on).second) next.push_back(wait.on);
        }
      }
      front = std::move(next);
    }
    if (cycle) wedged.push_back(start);
  }
  return wedged;
}

}  // namespace gatepost::rehearse
