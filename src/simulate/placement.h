// Whether a pod may run on a node: what kube-scheduler's filters ask of labels, taints, affinity and room. Nodes and
// pods are read once into what the filters look at.
#pragma once

#include <string>
#include <vector>

#include "simulate/cache.h"

namespace gatepost::simulate {

struct Resources {
  std::int64_t cpu_milli = 0, memory = 0;
};

struct Taint {
  std::string key, value, effect;
};

struct Node {
  std::string name;
  const json::Object* labels = nullptr;
  std::vector<Taint> taints;
  bool unschedulable = false;
  Resources allocatable;
  std::int64_t most_pods = 110;
  ItemPtr item;  // owns the labels
};

Node read_node(ItemPtr item);
Resources requests_of(const Item& pod);

// Why the pod may not be placed there, by labels, taints and affinity: kube-scheduler's words behind "node(s) ".
// Empty: it may.
std::string refusal(const Item& pod, const Node& node);

// A DaemonSet's pods bear what its controller adds to their tolerations.
bool daemon_fits(const json::Value& pod_template, const Node& node);

// Required pod anti-affinity of the pod against those that run, over topology keys of nodes.
bool repelled(const Item& pod, const Node& node, const Cache& cache);

}  // namespace gatepost::simulate
