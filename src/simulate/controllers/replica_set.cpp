// After kubernetes pkg/controller/replicaset/replica_set.go.
#include <algorithm>

#include "simulate/controllers/common.h"
#include "simulate/controllers/controllers.h"
#include "simulate/objects.h"

namespace gatepost::simulate {
namespace {

constexpr const char* api_version = "apps/v1";
constexpr const char* kind = "ReplicaSet";

// Which pods go first when there are too many: not scheduled, not ready, younger.
bool goes_before(const ItemPtr& a, const ItemPtr& b) {
  auto rank = [](const Item& pod) {
    if (pod.node.empty()) return 0;
    if (!is_ready(pod)) return 1;
    return 2;
  };
  const int left = rank(*a), right = rank(*b);
  if (left != right) return left < right;
  const auto born_a = json::string_at(a->value, {"metadata", "creationTimestamp"});
  const auto born_b = json::string_at(b->value, {"metadata", "creationTimestamp"});
  if (born_a != born_b) return born_a > born_b;
  return a->key.name < b->key.name;
}

class ReplicaSetController final : public Controller {
 public:
  explicit ReplicaSetController(Api& api) : api_(api), account_(controller_account("replicaset-controller")) {}
  std::string_view name() const override { return "replicaset-controller"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    key_of_owner(change.item(), collection::replica_sets, kind, keys);
  }

  net::Task<Outcome> sync(std::string key) override {
    auto [ns, name] = split_name(key);
    ItemPtr set = api_.cache().find(collection::replica_sets, ns, name);
    if (!set) co_return Outcome{};
    kube::ApiResult<void> managed;
    if (!set->deleting) managed = co_await manage(set);
    auto told = co_await update_status(ns, name, managed);
    co_return managed&& told ? Outcome{} : retry();
  }

 private:
  std::vector<ItemPtr> active_pods(const Item& set) const {
    std::vector<ItemPtr> active;
    for (const auto& [pod_name, pod] : api_.cache().controlled_by(set.uid))
      if (pod->key.collection == collection::pods && is_active(*pod)) active.push_back(pod);
    return active;
  }

  net::Task<kube::ApiResult<void>> manage(ItemPtr set) {
    std::vector<ItemPtr> active = active_pods(*set);
    const std::int64_t wanted = json::int_at(set->value, {"spec", "replicas"}, 1);
    const std::int64_t missing = wanted - static_cast<std::int64_t>(active.size());
    if (missing > 0) co_return co_await create_pods(&api_, set, api_version, kind, account_, missing);
    if (missing == 0) co_return kube::ApiResult<void>{};
    std::sort(active.begin(), active.end(), goes_before);
    active.resize(static_cast<std::size_t>(-missing));
    for (const ItemPtr& pod : active)
      if (auto gone = co_await delete_pod(&api_, set, api_version, kind, account_, pod); !gone) co_return gone;
    co_return kube::ApiResult<void>{};
  }

  net::Task<kube::ApiResult<void>> update_status(std::string ns, std::string name, kube::ApiResult<void> managed) {
    ItemPtr set = api_.cache().find(collection::replica_sets, ns, name);
    if (!set) co_return kube::ApiResult<void>{};
    const auto active = active_pods(*set);
    std::int64_t ready = 0;
    for (const ItemPtr& pod : active) ready += is_ready(*pod) ? 1 : 0;
    json::Value next = copy_of(*set);
    json::Object& status = status_of(next);
    status["replicas"] = static_cast<std::int64_t>(active.size());
    auto put = [&status](std::string_view field, std::int64_t count) {
      if (count > 0)
        status[field] = count;
      else
        status.erase(field);
    };
    put("fullyLabeledReplicas", static_cast<std::int64_t>(active.size()));
    put("readyReplicas", ready);
    put("availableReplicas", ready);
    status["observedGeneration"] = json::int_at(set->value, {"metadata", "generation"}, 1);
    const bool failing = condition_status(next, "ReplicaFailure") == "True";
    if (!managed && !failing)
      set_condition(next, "ReplicaFailure", "True", "FailedCreate", managed.error().message, api_.now());
    else if (managed && failing)
      drop_condition(next, "ReplicaFailure");
    co_return co_await write_status(api_, set, std::move(next), account_);
  }

  Api& api_;
  const std::string account_;
};

}  // namespace

std::unique_ptr<Controller> make_replica_set_controller(Api& api) {
  return std::make_unique<ReplicaSetController>(api);
}

}  // namespace gatepost::simulate
