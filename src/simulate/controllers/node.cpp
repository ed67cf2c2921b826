// After kubernetes pkg/controller/nodelifecycle, tainteviction and podgc: a node whose kubelet is gone turns unknown,
// its pods are no longer ready, and are deleted when their toleration ends; pods of a node that is no more are removed.
#include <unordered_map>

#include "simulate/controllers/controllers.h"
#include "simulate/objects.h"

namespace gatepost::simulate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds grace{40};  // kube-controller-manager's --node-monitor-grace-period, before 1.32 and since 50 s
constexpr const char* unreachable = "node.kubernetes.io/unreachable";
constexpr const char* not_ready = "node.kubernetes.io/not-ready";  // that every node is born with

class NodeController final : public Controller {
 public:
  explicit NodeController(Api& api)
      : api_(api),
        account_(controller_account("node-controller")),
        collector_(controller_account("pod-garbage-collector")) {}
  std::string_view name() const override { return "node-controller"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    const Item& item = change.item();
    if (item.key.collection == collection::nodes) {
      if (!change.after) lost_since_.erase(item.key.name);
      if (!change.after || is_lost(item) || (change.before && is_lost(*change.before)) || is_unknown(item) ||
          is_still_tainted(item))
        keys.push_back("/" + item.key.name);
    } else if (item.key.collection == collection::pods && !item.node.empty() && change.after && !change.before) {
      if (ItemPtr node = api_.cache().find(collection::nodes, "", item.node); !node || is_unknown(*node))
        keys.push_back("/" + item.node);
    }
  }

  net::Task<Outcome> sync(std::string key) override {
    const std::string name = key.substr(1);
    ItemPtr node = api_.cache().find(collection::nodes, "", name);
    if (!node) co_return co_await collect(name);
    if (!is_lost(*node)) {
      lost_since_.erase(name);
      if (is_unknown(*node)) co_return co_await turn(node, false);
      co_return is_still_tainted(*node) ? co_await set_taints(node, false) : Outcome{};
    }
    const WallTime now = api_.now();
    auto since = lost_since_.try_emplace(name, now).first->second;
    const auto gone = std::chrono::duration_cast<milliseconds>(now - since);
    if (gone < grace) co_return again(grace - gone);
    if (!is_unknown(*node)) {
      Outcome turned = co_await turn(node, true);
      if (turned.kind != Outcome::Kind::done) co_return turned;
    }
    co_return co_await evict(name, gone - grace);
  }

  void forget() override { lost_since_.clear(); }

 private:
  static bool is_lost(const Item& node) { return annotation(node.value, behaviour::lost) == "true"; }
  static bool is_unknown(const Item& node) { return condition_status(node.value, "Ready") == "Unknown"; }

  static bool is_still_tainted(const Item& node) {
    if (condition_status(node.value, "Ready") != "True") return false;
    if (const json::Array* taints = json::array_at(node.value, {"spec", "taints"}))
      for (const json::Value& taint : *taints)
        if (json::string_at(taint, {"key"}) == not_ready) return true;
    return false;
  }

  net::Task<Outcome> turn(ItemPtr node, bool unknown) {
    const WallTime now = api_.now();
    json::Value next = copy_of(*node);
    if (unknown)
      set_condition(next, "Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", now);
    else
      set_condition(next, "Ready", "True", "KubeletReady", "kubelet is posting ready status", now);
    auto told = co_await api_.write(update_write(*node, std::move(next), "status", account_));
    if (!told) co_return told.error().code == 404 ? Outcome{} : retry();
    node = api_.cache().find(collection::nodes, "", node->key.name);
    if (!node) co_return Outcome{};
    Outcome tainted = co_await set_taints(node, unknown);
    if (tainted.kind != Outcome::Kind::done || !unknown) co_return tainted;
    co_return co_await mark_pods(node->key.name);
  }

  net::Task<Outcome> set_taints(ItemPtr node, bool unknown) {
    json::Value tainted = copy_of(*node);
    json::Object& spec = child(tainted.get_object(), "spec");
    json::Array taints;
    if (const json::Array* given = json::array_at(node->value, {"spec", "taints"}))
      for (const json::Value& taint : *given)
        if (json::string_at(taint, {"key"}) != unreachable && json::string_at(taint, {"key"}) != not_ready)
          taints.push_back(taint);
    if (unknown)
      for (const char* effect : {"NoSchedule", "NoExecute"})
        taints.emplace_back(json::Object{{"key", unreachable}, {"effect", effect}, {"timeAdded", rfc3339(api_.now())}});
    if (taints.empty())
      spec.erase("taints");
    else
      spec["taints"] = std::move(taints);
    auto done = co_await api_.write(update_write(*node, std::move(tainted), "", account_));
    co_return done || done.error().code == 404 ? Outcome{} : retry();
  }

  net::Task<Outcome> mark_pods(std::string node) {
    bool all = true;
    const Items pods = api_.cache().pods_on(node);
    for (const auto& [key, pod] : pods) {
      if (!is_ready(*pod)) continue;
      json::Value next = copy_of(*pod);
      set_condition(next, "Ready", "False", "NodeNotReady", "", api_.now());
      auto told = co_await api_.write(update_write(*pod, std::move(next), "status", account_));
      all = all && (told || told.error().code == 404);
    }
    co_return all ? Outcome{} : retry();
  }

  // How long the pod bears the node's absence; none: for ever.
  static std::optional<seconds> patience(const Item& pod) {
    constexpr std::int64_t usual = 300;
    if (pod.controller_kind == "DaemonSet") return std::nullopt;
    const json::Array* tolerations = json::array_at(pod.value, {"spec", "tolerations"});
    if (!tolerations) return seconds(usual);
    for (const json::Value& toleration : *tolerations) {
      const std::string_view key = json::string_at(toleration, {"key"}),
                             effect = json::string_at(toleration, {"effect"});
      if ((!key.empty() && key != unreachable) || (!effect.empty() && effect != "NoExecute")) continue;
      if (!json::find(toleration, "tolerationSeconds")) return std::nullopt;
      return seconds(json::int_at(toleration, {"tolerationSeconds"}));
    }
    return seconds(usual);
  }

  net::Task<Outcome> evict(std::string node, milliseconds unknown_for) {
    std::optional<milliseconds> next;
    bool all = true;
    const Items pods = api_.cache().pods_on(node);
    for (const auto& [key, pod] : pods) {
      if (pod->deleting || is_finished(*pod)) continue;
      const std::optional<seconds> bears = patience(*pod);
      if (!bears) continue;
      if (unknown_for < *bears) {
        const milliseconds left = *bears - unknown_for;
        next = next ? std::min(*next, left) : left;
        continue;
      }
      co_await api_.tell({pod, "Pod", "v1", false, "TaintManagerEviction", "Marking for deletion Pod " + key,
                          "taint-eviction-controller"});
      auto gone = co_await api_.write(remove_write(*pod, account_));
      all = all && (gone || gone.error().code == 404);
    }
    if (!all) co_return retry();
    co_return next ? again(*next) : Outcome{};
  }

  net::Task<Outcome> collect(std::string node) {
    bool all = true;
    const Items pods = api_.cache().pods_on(node);
    for (const auto& [key, pod] : pods) {
      Write write = remove_write(*pod, collector_);
      write.grace_seconds = 0;
      auto gone = co_await api_.write(std::move(write));
      all = all && (gone || gone.error().code == 404);
    }
    co_return all ? Outcome{} : retry();
  }

  Api& api_;
  const std::string account_, collector_;
  std::unordered_map<std::string, WallTime> lost_since_;
};

}  // namespace

std::unique_ptr<Controller> make_node_controller(Api& api) {
  return std::make_unique<NodeController>(api);
}

}  // namespace gatepost::simulate
