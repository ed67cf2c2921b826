// After kubernetes pkg/controller/disruption: how many of a PodDisruptionBudget's pods may be evicted now.
#include <algorithm>

#include "kube/selector/selector.h"
#include "simulate/controllers/common.h"
#include "simulate/controllers/controllers.h"
#include "simulate/objects.h"

namespace gatepost::simulate {
namespace {

class DisruptionController final : public Controller {
 public:
  explicit DisruptionController(Api& api) : api_(api), account_(controller_account("disruption-controller")) {}
  std::string_view name() const override { return "disruption-controller"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    const Item& item = change.item();
    if (item.key.collection == collection::budgets) {
      keys.push_back(key_name(item.key.ns, item.key.name));
    } else if (item.key.collection == collection::pods) {
      for (const ItemPtr& budget : api_.cache().in(collection::budgets, item.key.ns))
        keys.push_back(key_name(budget->key.ns, budget->key.name));
    }
  }

  net::Task<Outcome> sync(std::string key) override {
    auto [ns, name] = split_name(key);
    ItemPtr budget = api_.cache().find(collection::budgets, ns, name);
    if (!budget || budget->deleting) co_return Outcome{};
    const json::Value* given = json::find_path(budget->value, {"spec", "selector"});
    if (!given) co_return Outcome{};
    auto selector = kube::LabelSelector::from_object(*given);
    if (!selector) co_return Outcome{};
    std::int64_t present = 0, healthy = 0, expected = 0;
    std::vector<std::string> owners;
    for (const ItemPtr& pod : api_.cache().in(collection::pods, ns)) {
      if (!is_active(*pod) || !selector->matches(json::object_at(pod->value, {"metadata", "labels"}))) continue;
      ++present;
      if (is_ready(*pod)) ++healthy;
      if (std::find(owners.begin(), owners.end(), pod->controller_uid) != owners.end()) continue;
      owners.push_back(pod->controller_uid);
      expected += wanted_by(*pod);
    }
    expected = std::max(expected, present);
    std::int64_t least = 0;
    if (const json::Value* most = json::find_path(budget->value, {"spec", "maxUnavailable"}))
      least = std::max<std::int64_t>(0, expected - scaled(most, expected, Rounding::up, 0));
    else
      least = scaled(json::find_path(budget->value, {"spec", "minAvailable"}), expected, Rounding::up, 1);
    const std::int64_t allowed = std::max<std::int64_t>(0, present == 0 ? 0 : healthy - least);
    json::Value next = copy_of(*budget);
    json::Object& status = status_of(next);
    status["currentHealthy"] = healthy;
    status["desiredHealthy"] = least;
    status["disruptionsAllowed"] = allowed;
    status["expectedPods"] = expected;
    status["observedGeneration"] = json::int_at(budget->value, {"metadata", "generation"}, 1);
    set_condition(next, "DisruptionAllowed", allowed > 0 ? "True" : "False",
                  allowed > 0 ? "SufficientPods" : "InsufficientPods", "", api_.now());
    auto told = co_await write_status(api_, budget, std::move(next), account_);
    co_return told || told.error().code == 404 ? Outcome{} : retry();
  }

 private:
  // The replicas that the pod's controller wants; 1 for a pod of its own.
  std::int64_t wanted_by(const Item& pod) const {
    const std::string_view from = pod.controller_kind == "ReplicaSet"    ? collection::replica_sets
                                  : pod.controller_kind == "StatefulSet" ? collection::stateful_sets
                                                                         : std::string_view();
    ItemPtr owner = from.empty() ? nullptr : api_.cache().find(from, pod.key.ns, pod.controller_name);
    return owner ? json::int_at(owner->value, {"spec", "replicas"}, 1) : 1;
  }

  Api& api_;
  const std::string account_;
};

}  // namespace

std::unique_ptr<Controller> make_disruption_controller(Api& api) {
  return std::make_unique<DisruptionController>(api);
}

}  // namespace gatepost::simulate
