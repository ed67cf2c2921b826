// After kubernetes pkg/controller/daemon: one pod on every node that its template fits.
#include "simulate/controllers/common.h"
#include "simulate/controllers/controllers.h"
#include "simulate/objects.h"
#include "simulate/placement.h"

namespace gatepost::simulate {
namespace {

constexpr const char* api_version = "apps/v1";
constexpr const char* kind = "DaemonSet";
constexpr const char* component = "daemonset-controller";
constexpr const char* generation_label = "pod-template-generation";

class DaemonSetController final : public Controller {
 public:
  explicit DaemonSetController(Api& api) : api_(api), account_(controller_account("daemon-set-controller")) {}
  std::string_view name() const override { return "daemon-set-controller"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    const Item& item = change.item();
    if (!key_of_owner(item, collection::daemon_sets, kind, keys) && item.key.collection == collection::nodes &&
        placement_changed(change))
      for (const auto& [set_name, set] : api_.cache().all(collection::daemon_sets)) keys.push_back(set_name);
  }

  net::Task<Outcome> sync(std::string key) override {
    auto [ns, name] = split_name(key);
    ItemPtr set = api_.cache().find(collection::daemon_sets, ns, name);
    if (!set || set->deleting) co_return Outcome{};
    auto managed = co_await manage(set);
    auto told = co_await update_status(ns, name);
    co_return managed&& told ? Outcome{} : retry();
  }

 private:
  static bool placement_changed(const Change& change) {
    if (!change.before || !change.after) return true;
    auto differs = [&](std::initializer_list<std::string_view> path) {
      const json::Value* before = json::find_path(change.before->value, path);
      const json::Value* after = json::find_path(change.after->value, path);
      return (before && after) ? !(*before == *after) : before != after;
    };
    return differs({"metadata", "labels"}) || differs({"spec", "taints"});
  }

  // The node that a daemon's pod is meant for.
  static std::string meant_for(const Item& pod) {
    if (!pod.node.empty()) return pod.node;
    const json::Array* terms = json::array_at(
        pod.value,
        {"spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
    if (!terms || terms->empty()) return "";
    const json::Array* fields = json::array_at(terms->front(), {"matchFields"});
    const json::Array* values = fields && !fields->empty() ? json::array_at(fields->front(), {"values"}) : nullptr;
    return values && !values->empty() && values->front().is_string()
               ? std::string(json::view(values->front().get_string()))
               : std::string();
  }

  std::vector<std::string> wanted_nodes(const Item& set) const {
    std::vector<std::string> nodes;
    const json::Value* pod = json::find_path(set.value, {"spec", "template"});
    if (!pod) return nodes;
    for (const auto& [node_name, node] : api_.cache().all(collection::nodes))
      if (daemon_fits(*pod, read_node(node))) nodes.push_back(node->key.name);
    return nodes;
  }

  net::Task<kube::ApiResult<void>> manage(ItemPtr set) {
    std::map<std::string, ItemPtr> present;
    std::vector<ItemPtr> surplus;
    const std::vector<std::string> wanted = wanted_nodes(*set);
    bool all_ready = true;
    for (const auto& [pod_name, pod] : api_.cache().controlled_by(set->uid)) {
      if (pod->deleting) continue;
      const std::string node = meant_for(*pod);
      const bool fits = std::find(wanted.begin(), wanted.end(), node) != wanted.end();
      if (!fits || is_finished(*pod) || !present.emplace(node, pod).second) surplus.push_back(pod);
      all_ready = all_ready && is_ready(*pod);
    }
    for (const ItemPtr& pod : surplus)
      if (auto gone = co_await delete_pod(&api_, set, api_version, kind, account_, pod); !gone) co_return gone;
    for (const std::string& node : wanted) {
      if (present.contains(node)) continue;
      all_ready = false;
      if (auto made = co_await create(set, node); !made) co_return made;
    }
    // A changed template replaces one pod after the other.
    if (!all_ready || json::string_at(set->value, {"spec", "updateStrategy", "type"}) == "OnDelete")
      co_return kube::ApiResult<void>{};
    const std::string generation = generation_of(*set);
    for (const auto& [node, pod] : present) {
      const std::string_view label = json::string_at(pod->value, {"metadata", "labels", generation_label});
      if (!label.empty() && label != generation)
        co_return co_await delete_pod(&api_, set, api_version, kind, account_, pod);
    }
    co_return kube::ApiResult<void>{};
  }

  static std::string generation_of(const Item& set) {
    return std::to_string(json::int_at(set.value, {"metadata", "generation"}, 1));
  }

  net::Task<kube::ApiResult<void>> create(ItemPtr set, std::string node) {
    json::Value pod = pod_of_template(*set, api_version, kind, set->key.name + "-", "");
    child(child(pod.get_object(), "metadata"), "labels")[generation_label] = generation_of(*set);
    json::Object& spec = child(pod.get_object(), "spec");
    json::Object requirement{{"matchFields", json::Array{json::Object{{"key", "metadata.name"},
                                                                      {"operator", "In"},
                                                                      {"values", json::Array{json::Value(node)}}}}}};
    child(child(child(spec, "affinity"), "nodeAffinity"), "requiredDuringSchedulingIgnoredDuringExecution") =
        json::Object{{"nodeSelectorTerms", json::Array{std::move(requirement)}}};
    json::Value& tolerations = spec["tolerations"];
    if (!tolerations.is_array()) tolerations = json::Array(spec.storage());
    for (const auto& [taint, effect] :
         {std::pair{"not-ready", "NoExecute"}, std::pair{"unreachable", "NoExecute"},
          std::pair{"disk-pressure", "NoSchedule"}, std::pair{"memory-pressure", "NoSchedule"},
          std::pair{"pid-pressure", "NoSchedule"}, std::pair{"unschedulable", "NoSchedule"}})
      tolerations.get_array().emplace_back(json::Object{
          {"key", std::string("node.kubernetes.io/") + taint}, {"operator", "Exists"}, {"effect", effect}});
    Write write;
    write.collection = collection::pods;
    write.ns = set->key.ns;
    write.object = std::move(pod);
    write.user = account_;
    auto made = co_await api_.write(std::move(write));
    if (!made)
      co_await api_.tell(
          {set, kind, api_version, true, "FailedCreate", "Error creating: " + made.error().message, component});
    co_return made;
  }

  net::Task<kube::ApiResult<void>> update_status(std::string ns, std::string name) {
    ItemPtr set = api_.cache().find(collection::daemon_sets, ns, name);
    if (!set) co_return kube::ApiResult<void>{};
    const std::vector<std::string> wanted = wanted_nodes(*set);
    std::int64_t present = 0, ready = 0, misplaced = 0, updated = 0;
    const std::string generation = generation_of(*set);
    for (const auto& [pod_name, pod] : api_.cache().controlled_by(set->uid)) {
      if (pod->deleting || pod->node.empty()) continue;
      if (std::find(wanted.begin(), wanted.end(), pod->node) == wanted.end()) {
        ++misplaced;
        continue;
      }
      ++present;
      ready += is_ready(*pod) ? 1 : 0;
      updated += json::string_at(pod->value, {"metadata", "labels", generation_label}) == generation ? 1 : 0;
    }
    const auto desired = static_cast<std::int64_t>(wanted.size());
    json::Value next = copy_of(*set);
    json::Object& status = status_of(next);
    status["currentNumberScheduled"] = present;
    status["desiredNumberScheduled"] = desired;
    status["numberMisscheduled"] = misplaced;
    status["numberReady"] = ready;
    status["observedGeneration"] = json::int_at(set->value, {"metadata", "generation"}, 1);
    auto put = [&status](std::string_view field, std::int64_t count) {
      if (count > 0)
        status[field] = count;
      else
        status.erase(field);
    };
    put("numberAvailable", ready);
    put("numberUnavailable", desired - ready);
    put("updatedNumberScheduled", updated);
    co_return co_await write_status(api_, set, std::move(next), account_);
  }

  Api& api_;
  const std::string account_;
};

}  // namespace

std::unique_ptr<Controller> make_daemon_set_controller(Api& api) {
  return std::make_unique<DaemonSetController>(api);
}

}  // namespace gatepost::simulate
