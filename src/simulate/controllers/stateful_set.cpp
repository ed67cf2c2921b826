// After kubernetes pkg/controller/statefulset: pods with ordinals, one after the other unless podManagementPolicy is
// Parallel; an update replaces them from the highest down. Claims of storage are taken as bound.
#include "simulate/controllers/common.h"
#include "simulate/controllers/controllers.h"
#include "simulate/objects.h"

namespace gatepost::simulate {
namespace {

constexpr const char* api_version = "apps/v1";
constexpr const char* kind = "StatefulSet";
constexpr const char* revision_label = "controller-revision-hash";

class StatefulSetController final : public Controller {
 public:
  explicit StatefulSetController(Api& api) : api_(api), account_(controller_account("statefulset-controller")) {}
  std::string_view name() const override { return "statefulset-controller"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    key_of_owner(change.item(), collection::stateful_sets, kind, keys);
  }

  net::Task<Outcome> sync(std::string key) override {
    auto [ns, name] = split_name(key);
    ItemPtr set = api_.cache().find(collection::stateful_sets, ns, name);
    if (!set || set->deleting) co_return Outcome{};
    auto managed = co_await manage(set);
    auto told = co_await update_status(ns, name);
    co_return managed&& told ? Outcome{} : retry();
  }

 private:
  static std::string revision_of(const Item& set) {
    const json::Value* pod = json::find_path(set.value, {"spec", "template"});
    return set.key.name + "-" + (pod ? template_hash(*pod) : "0");
  }
  ItemPtr pod_at(const Item& set, std::int64_t ordinal) const {
    return api_.cache().find(collection::pods, set.key.ns, set.key.name + "-" + std::to_string(ordinal));
  }

  net::Task<kube::ApiResult<void>> manage(ItemPtr set) {
    const std::int64_t wanted = json::int_at(set->value, {"spec", "replicas"}, 1);
    const std::int64_t first = json::int_at(set->value, {"spec", "ordinals", "start"}, 0);
    const bool parallel = json::string_at(set->value, {"spec", "podManagementPolicy"}) == "Parallel";
    bool all_ready = true;
    for (std::int64_t ordinal = first; ordinal < first + wanted; ++ordinal) {
      ItemPtr pod = pod_at(*set, ordinal);
      if (pod && is_finished(*pod) && !pod->deleting) {
        if (auto gone = co_await remove(set, pod); !gone) co_return gone;
      } else if (!pod) {
        if (auto made = co_await create(set, ordinal); !made) co_return made;
      }
      if (!pod || !is_ready(*pod) || pod->deleting) all_ready = false;
      if (!all_ready && !parallel) co_return kube::ApiResult<void>{};
    }
    // Those beyond, from the highest down.
    ItemPtr highest;
    std::int64_t at = first + wanted - 1;
    for (const auto& [pod_name, pod] : api_.cache().controlled_by(set->uid)) {
      const std::int64_t ordinal = ordinal_of(*set, *pod);
      if (ordinal <= at) continue;
      if (parallel && !pod->deleting)
        if (auto gone = co_await remove(set, pod); !gone) co_return gone;
      highest = pod;
      at = ordinal;
    }
    if (highest) {
      if (!highest->deleting && !parallel) co_return co_await remove(set, highest);
      co_return kube::ApiResult<void>{};
    }
    if (!all_ready || json::string_at(set->value, {"spec", "updateStrategy", "type"}) == "OnDelete")
      co_return kube::ApiResult<void>{};
    const std::int64_t partition =
        json::int_at(set->value, {"spec", "updateStrategy", "rollingUpdate", "partition"}, 0);
    const std::string revision = revision_of(*set);
    for (std::int64_t ordinal = first + wanted - 1; ordinal >= std::max(first, partition); --ordinal) {
      ItemPtr pod = pod_at(*set, ordinal);
      if (pod && !is_current(*set, *pod, revision)) co_return co_await remove(set, pod);
    }
    co_return kube::ApiResult<void>{};
  }

  // A revision that another controller gave is known by its template's answer in status.
  static bool is_current(const Item& set, const Item& pod, const std::string& revision) {
    const std::string_view label = json::string_at(pod.value, {"metadata", "labels", revision_label});
    if (label == revision) return true;
    const bool observed = json::int_at(set.value, {"status", "observedGeneration"}) ==
                          json::int_at(set.value, {"metadata", "generation"}, 1);
    return observed && label == json::string_at(set.value, {"status", "updateRevision"});
  }

  static std::int64_t ordinal_of(const Item& set, const Item& pod) {
    if (!pod.key.name.starts_with(set.key.name + "-")) return -1;
    std::int64_t ordinal = 0;
    for (char digit : pod.key.name.substr(set.key.name.size() + 1)) {
      constexpr std::int64_t most = 1'000'000;
      if (digit < '0' || digit > '9' || ordinal > most) return -1;
      ordinal = ordinal * 10 + (digit - '0');
    }
    return ordinal;
  }

  net::Task<kube::ApiResult<void>> create(ItemPtr set, std::int64_t ordinal) {
    const std::string pod_name = set->key.name + "-" + std::to_string(ordinal);
    json::Value pod = pod_of_template(*set, api_version, kind, "", pod_name);
    json::Object& labels = child(child(pod.get_object(), "metadata"), "labels");
    labels[revision_label] = revision_of(*set);
    labels["statefulset.kubernetes.io/pod-name"] = pod_name;
    labels["apps.kubernetes.io/pod-index"] = std::to_string(ordinal);
    json::Object& spec = child(pod.get_object(), "spec");
    spec["hostname"] = pod_name;
    if (std::string_view service = json::string_at(set->value, {"spec", "serviceName"}); !service.empty())
      spec["subdomain"] = service;
    Write write;
    write.collection = collection::pods;
    write.ns = set->key.ns;
    write.name = pod_name;
    write.object = std::move(pod);
    write.user = account_;
    auto made = co_await api_.write(std::move(write));
    if (made) {
      co_await api_.tell({set, kind, api_version, false, "SuccessfulCreate",
                          "create Pod " + pod_name + " in StatefulSet " + set->key.name + " successful",
                          "statefulset-controller"});
    } else {
      co_await api_.tell(
          {set, kind, api_version, true, "FailedCreate",
           "create Pod " + pod_name + " in StatefulSet " + set->key.name + " failed error: " + made.error().message,
           "statefulset-controller"});
    }
    co_return made;
  }

  net::Task<kube::ApiResult<void>> remove(ItemPtr set, ItemPtr pod) {
    auto gone = co_await api_.write(remove_write(*pod, account_));
    if (!gone && gone.error().code == 404) co_return kube::ApiResult<void>{};
    std::string text = "delete Pod " + pod->key.name + " in StatefulSet " + set->key.name;
    if (gone)
      co_await api_.tell(
          {set, kind, api_version, false, "SuccessfulDelete", text + " successful", "statefulset-controller"});
    else
      co_await api_.tell({set, kind, api_version, true, "FailedDelete", text + " failed error: " + gone.error().message,
                          "statefulset-controller"});
    co_return gone;
  }

  net::Task<kube::ApiResult<void>> update_status(std::string ns, std::string name) {
    ItemPtr set = api_.cache().find(collection::stateful_sets, ns, name);
    if (!set) co_return kube::ApiResult<void>{};
    const std::string revision = revision_of(*set);
    std::int64_t total = 0, ready = 0, updated = 0;
    for (const auto& [pod_name, pod] : api_.cache().controlled_by(set->uid)) {
      if (pod->deleting) continue;
      ++total;
      if (is_ready(*pod)) ++ready;
      if (is_current(*set, *pod, revision)) ++updated;
    }
    json::Value next = copy_of(*set);
    json::Object& status = status_of(next);
    status["observedGeneration"] = json::int_at(set->value, {"metadata", "generation"}, 1);
    status["replicas"] = total;
    auto put = [&status](std::string_view field, std::int64_t count) {
      if (count > 0)
        status[field] = count;
      else
        status.erase(field);
    };
    put("readyReplicas", ready);
    put("currentReplicas", updated);
    put("updatedReplicas", updated);
    status["availableReplicas"] = ready;
    if (json::string_at(set->value, {"status", "updateRevision"}).empty()) {
      status["currentRevision"] = revision;
      status["updateRevision"] = revision;
      status["collisionCount"] = 0;
    } else if (updated == total && total == json::int_at(set->value, {"spec", "replicas"}, 1)) {
      status["currentRevision"] = status["updateRevision"];
    }
    const bool observed = json::int_at(set->value, {"status", "observedGeneration"}) ==
                          json::int_at(set->value, {"metadata", "generation"}, 1);
    if (!observed) status["updateRevision"] = revision;
    co_return co_await write_status(api_, set, std::move(next), account_);
  }

  Api& api_;
  const std::string account_;
};

}  // namespace

std::unique_ptr<Controller> make_stateful_set_controller(Api& api) {
  return std::make_unique<StatefulSetController>(api);
}

}  // namespace gatepost::simulate
