#include "simulate/placement.h"

#include <algorithm>
#include <charconv>

#include "formats/quantity.h"
#include "kube/selector/selector.h"
#include "simulate/objects.h"

namespace gatepost::simulate {
namespace {

constexpr std::int64_t plenty = INT64_MAX / 4;

std::string_view text_of(const json::Value& value) {
  return value.is_string() ? json::view(value.get_string()) : std::string_view();
}

std::int64_t quantity(const json::Value* value, bool milli, std::int64_t otherwise) {
  if (!value) return otherwise;
  if (value->is_int64()) return milli ? value->get_int64() * 1000 : value->get_int64();
  auto read = formats::Quantity::parse(text_of(*value));
  if (!read) return otherwise;
  return milli ? read->milli_value() : read->value();
}

bool tolerates(const json::Array* tolerations, const Taint& taint) {
  if (!tolerations) return false;
  for (const json::Value& toleration : *tolerations) {
    const std::string_view key = json::string_at(toleration, {"key"}), effect = json::string_at(toleration, {"effect"});
    if (!effect.empty() && effect != taint.effect) continue;
    const bool exists = json::string_at(toleration, {"operator"}) == "Exists";
    if (key.empty() && exists) return true;
    if (key != taint.key) continue;
    if (exists || json::string_at(toleration, {"value"}) == taint.value) return true;
  }
  return false;
}

std::string_view label(const json::Object* labels, std::string_view key, bool& present) {
  const json::Value* value = labels ? labels->if_contains(key) : nullptr;
  present = value != nullptr;
  return value ? text_of(*value) : std::string_view();
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool requirement_holds(const json::Value& requirement, std::string_view actual, bool present) {
  const std::string_view op = json::string_at(requirement, {"operator"});
  if (op == "Exists") return present;
  if (op == "DoesNotExist") return !present;
  const json::Array* values = json::array_at(requirement, {"values"});
  const bool listed = values && std::any_of(values->begin(), values->end(),
                                            [&](const json::Value& value) { return text_of(value) == actual; });
  if (op == "In") return present && listed;
  if (op == "NotIn") return !present || !listed;
  if (!present || !values || values->empty()) return false;
  const std::int64_t bound = number(text_of(values->front())), have = number(actual);
  return op == "Gt" ? have > bound : op == "Lt" && have < bound;
}

bool term_holds(const json::Value& term, const Node& node) {
  bool any = false;
  if (const json::Array* expressions = json::array_at(term, {"matchExpressions"})) {
    for (const json::Value& requirement : *expressions) {
      any = true;
      bool present = false;
      const std::string_view actual = label(node.labels, json::string_at(requirement, {"key"}), present);
      if (!requirement_holds(requirement, actual, present)) return false;
    }
  }
  if (const json::Array* fields = json::array_at(term, {"matchFields"})) {
    for (const json::Value& requirement : *fields) {
      any = true;
      if (!requirement_holds(requirement, node.name, true)) return false;
    }
  }
  return any;
}

// `spec`: of a pod.
bool affinity_holds(const json::Value& spec, const Node& node) {
  if (const json::Object* selector = json::object_at(spec, {"nodeSelector"})) {
    for (const auto& pair : *selector) {
      bool present = false;
      if (label(node.labels, pair.key(), present) != text_of(pair.value()) || !present) return false;
    }
  }
  const json::Array* terms = json::array_at(
      spec, {"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
  if (!terms) return true;
  return std::any_of(terms->begin(), terms->end(), [&](const json::Value& term) { return term_holds(term, node); });
}

const json::Value& spec_of(const json::Value& pod) {
  static const json::Value nothing;
  const json::Value* spec = json::find(pod, "spec");
  return spec ? *spec : nothing;
}

}  // namespace

Node read_node(ItemPtr item) {
  Node node;
  node.name = item->key.name;
  node.labels = json::object_at(item->value, {"metadata", "labels"});
  node.unschedulable = json::bool_at(item->value, {"spec", "unschedulable"});
  if (const json::Array* taints = json::array_at(item->value, {"spec", "taints"}))
    for (const json::Value& taint : *taints)
      node.taints.push_back({std::string(json::string_at(taint, {"key"})),
                             std::string(json::string_at(taint, {"value"})),
                             std::string(json::string_at(taint, {"effect"}))});
  node.allocatable.cpu_milli = quantity(json::find_path(item->value, {"status", "allocatable", "cpu"}), true, plenty);
  node.allocatable.memory = quantity(json::find_path(item->value, {"status", "allocatable", "memory"}), false, plenty);
  constexpr std::int64_t usual_pods = 110;
  node.most_pods = quantity(json::find_path(item->value, {"status", "allocatable", "pods"}), false, usual_pods);
  node.item = std::move(item);
  return node;
}

Resources requests_of(const Item& pod) {
  Resources sum;
  if (const json::Array* containers = json::array_at(pod.value, {"spec", "containers"})) {
    for (const json::Value& container : *containers) {
      sum.cpu_milli += quantity(json::find_path(container, {"resources", "requests", "cpu"}), true, 0);
      sum.memory += quantity(json::find_path(container, {"resources", "requests", "memory"}), false, 0);
    }
  }
  return sum;
}

std::string refusal(const Item& pod, const Node& node) {
  const json::Value& spec = spec_of(pod.value);
  const json::Array* tolerations = json::array_at(spec, {"tolerations"});
  if (node.unschedulable && !tolerates(tolerations, {"node.kubernetes.io/unschedulable", "", "NoSchedule"}))
    return "were unschedulable";
  for (const Taint& taint : node.taints) {
    if (taint.effect == "PreferNoSchedule" || taint.key == "node.kubernetes.io/unschedulable") continue;
    if (!tolerates(tolerations, taint))
      return "had untolerated taint {" + taint.key + (taint.value.empty() ? "" : ": " + taint.value) + "}";
  }
  if (!affinity_holds(spec, node)) return "didn't match Pod's node affinity/selector";
  return "";
}

bool daemon_fits(const json::Value& pod_template, const Node& node) {
  const json::Value& spec = spec_of(pod_template);
  const json::Array* tolerations = json::array_at(spec, {"tolerations"});
  for (const Taint& taint : node.taints) {
    if (taint.effect == "PreferNoSchedule" || taint.key.starts_with("node.kubernetes.io/")) continue;
    if (!tolerates(tolerations, taint)) return false;
  }
  return affinity_holds(spec, node);
}

bool repelled(const Item& pod, const Node& node, const Cache& cache) {
  const json::Array* terms = json::array_at(
      pod.value, {"spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"});
  if (!terms) return false;
  for (const json::Value& term : *terms) {
    const json::Value* given = json::find(term, "labelSelector");
    auto selector = given ? kube::LabelSelector::from_object(*given) : Result<kube::LabelSelector>(fail("none"));
    if (!selector) continue;
    const std::string_view topology = json::string_at(term, {"topologyKey"});
    const bool by_node = topology == "kubernetes.io/hostname";
    bool present = false;
    const std::string_view domain = label(node.labels, topology, present);
    if (!by_node && !present) continue;
    auto collides = [&](const Item& other) {
      if (other.uid == pod.uid || other.key.ns != pod.key.ns || is_finished(other)) return false;
      return selector->matches(json::object_at(other.value, {"metadata", "labels"}));
    };
    if (by_node) {
      for (const auto& [name, other] : cache.pods_on(node.name))
        if (collides(*other)) return true;
      continue;
    }
    for (const auto& other : cache.in(collection::pods, pod.key.ns)) {
      if (other->node.empty() || !collides(*other)) continue;
      ItemPtr there = cache.find(collection::nodes, "", other->node);
      bool labelled = false;
      if (there && label(json::object_at(there->value, {"metadata", "labels"}), topology, labelled) == domain &&
          labelled)
        return true;
    }
  }
  return false;
}

}  // namespace gatepost::simulate
