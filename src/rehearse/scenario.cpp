#include "rehearse/scenario.h"

#include <map>
#include <set>

namespace gatepost::rehearse {
namespace {

using simulate::Fault;

struct Row {
  std::string_view name;
  Fault fault;
  Event event;
  std::string_view what;
};

constexpr Row rows[] = {
    {outage_name, Fault::none, Event::lose_replicas, "all replicas of the backend are lost at once"},
    {restart_name, Fault::none, Event::restart_cluster, "every node is replaced and every pod made anew"},
    {"slow", Fault::slow, Event::none, "the backend answers later than the timeout"},
    {"refusing", Fault::refusing, Event::none, "the backend's pods are ready but refuse connections"},
    {"expired-certificate", Fault::expired_certificate, Event::none, "the backend's certificate has expired"},
    {"rotated-ca", Fault::rotated_ca, Event::none, "the backend's certificate comes from another CA than the caBundle"},
    {"node-drain", Fault::none, Event::drain_nodes, "the backend's nodes are drained one after the other"},
    {"node-loss", Fault::none, Event::lose_node, "the node that carries most of the backend is lost"},
    {"rollout", Fault::none, Event::roll_out, "the backend itself is rolled out anew"},
    {"namespace-deletion", Fault::none, Event::delete_namespace,
     "the backend's namespace is deleted, and installed again after ten minutes"},
    {"scale-from-zero", Fault::none, Event::scale_from_zero,
     "the backend is scaled to zero, and up again after ten minutes"},
};

bool fits(const Row& row, const Backend& backend) {
  if (!backend.external) return true;
  // Of what stands outside the cluster only faults of its own can be played; its outage is one that refuses.
  return row.event == Event::none || row.event == Event::lose_replicas;
}

std::set<std::string> nodes_of(const World& world, const Backend& backend) {
  std::set<std::string> nodes;
  for (const auto& pod : pods_of(world, backend))
    if (!pod->node.empty()) nodes.insert(pod->node);
  return nodes;
}

void add_pairs(const World& world, std::vector<Scenario>& out) {
  std::vector<std::set<std::string>> nodes;
  for (const Backend& backend : world.backends) nodes.push_back(nodes_of(world, backend));
  for (std::size_t a = 0; a < world.backends.size(); ++a) {
    for (std::size_t b = a + 1; b < world.backends.size(); ++b) {
      const Backend &first = world.backends[a], &second = world.backends[b];
      if (first.external || second.external) continue;
      std::string why;
      if (first.ns == second.ns) why = "same namespace";
      for (const std::string& node : nodes[a])
        if (why.empty() && nodes[b].contains(node)) why = "same node";
      if (why.empty()) continue;
      out.push_back({std::string(outage_name) + "-of-both:" + first.id + "+" + second.id,
                     Fault::none,
                     Event::lose_replicas,
                     {a, b},
                     why});
    }
  }
}

}  // namespace

std::vector<Scenario> scenarios_of(const World& world, Extent extent) {
  std::vector<Scenario> out;
  Scenario restart{std::string(restart_name), Fault::none, Event::restart_cluster, {}, ""};
  for (std::size_t i = 0; i < world.backends.size(); ++i) restart.backends.push_back(i);
  out.push_back(std::move(restart));
  for (std::size_t i = 0; i < world.backends.size(); ++i) {
    const Backend& backend = world.backends[i];
    for (const Row& row : rows) {
      if (row.event == Event::restart_cluster || !fits(row, backend)) continue;
      Fault fault = row.fault;
      if (backend.external && row.event == Event::lose_replicas) fault = Fault::refusing;
      out.push_back({std::string(row.name), fault, backend.external ? Event::none : row.event, {i}, ""});
    }
    if (extent != Extent::all || backend.external) continue;
    for (const Row& fault : rows) {
      if (fault.fault == Fault::none) continue;
      for (const Row& event : rows)
        if (event.event != Event::none)
          out.push_back({std::string(fault.name) + "+" + std::string(event.name), fault.fault, event.event, {i}, ""});
    }
  }
  add_pairs(world, out);
  return out;
}

std::string_view describe(const Scenario& scenario) {
  if (!scenario.together_with.empty()) return "all replicas of both backends are lost at once";
  for (const Row& row : rows)
    if (row.name == scenario.name) return row.what;
  return "a fault and an event at once";
}

}  // namespace gatepost::rehearse
