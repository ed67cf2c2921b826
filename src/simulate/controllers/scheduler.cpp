// The scheduler: a pod without a node gets the one with the fewest pods among those that fit it, by a Binding. One that
// fits nowhere waits, is told so, and comes again when nodes or pods change.
#include <map>
#include <set>

#include "simulate/controllers/controllers.h"
#include "simulate/objects.h"
#include "simulate/placement.h"

namespace gatepost::simulate {
namespace {

constexpr const char* account = "system:kube-scheduler";

struct Room {
  Node node;
  std::int64_t pods = 0;
  Resources used;
};

class Scheduler final : public Controller {
 public:
  explicit Scheduler(Api& api) : api_(api) {
    for (const auto& [key, node] : api_.cache().all(collection::nodes)) rooms_[node->key.name].node = read_node(node);
    for (const auto& [key, pod] : api_.cache().all(collection::pods)) count(*pod, 1);
  }
  std::string_view name() const override { return "scheduler"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    const Item& item = change.item();
    bool room = false;  // whether one that waits may fit now
    if (item.key.collection == collection::nodes) {
      if (change.after)
        rooms_[item.key.name].node = read_node(change.after);
      else
        rooms_.erase(item.key.name);
      room = change.after != nullptr;
    } else if (item.key.collection == collection::pods) {
      if (change.before) count(*change.before, -1);
      if (change.after) count(*change.after, 1);
      if (!change.after) waiting_.erase(key_name(item.key.ns, item.key.name));
      const bool freed = !item.node.empty() && (!change.after || (is_finished(item) && !is_finished(*change.before)));
      room = freed;
      if (change.after && item.node.empty() && !item.deleting && !change.before)
        keys.push_back(key_name(item.key.ns, item.key.name));
    }
    if (room)
      for (const std::string& key : waiting_) keys.push_back(key);
  }

  net::Task<Outcome> sync(std::string key) override {
    auto [ns, name] = split_name(key);
    ItemPtr pod = api_.cache().find(collection::pods, ns, name);
    if (!pod || pod->deleting || !pod->node.empty() || is_finished(*pod)) {
      waiting_.erase(key);
      co_return Outcome{};
    }
    std::map<std::string, std::int64_t> refusals;
    const std::string node = choose(*pod, refusals);
    if (node.empty()) {
      waiting_.insert(key);
      co_return co_await tell_unschedulable(pod, refusals);
    }
    waiting_.erase(key);
    json::Value binding(json::Object{}, json::make_arena());
    json::Object& fields = binding.get_object();
    fields["kind"] = "Binding";
    fields["apiVersion"] = "v1";
    fields["metadata"] = json::Object{{"name", name}, {"namespace", ns}, {"uid", pod->uid}};
    fields["target"] = json::Object{{"kind", "Node"}, {"name", node}};
    Write write;
    write.collection = collection::pods;
    write.subresource = "binding";
    write.ns = ns;
    write.name = name;
    write.object = std::move(binding);
    write.user = account;
    auto bound = co_await api_.write(std::move(write));
    if (bound) {
      co_await api_.tell(
          {pod, "Pod", "v1", false, "Scheduled", "Successfully assigned " + key + " to " + node, "default-scheduler"});
      co_return Outcome{};
    }
    co_await api_.tell({pod, "Pod", "v1", true, "FailedScheduling",
                        "running Bind plugin \"DefaultBinder\": " + bound.error().message, "default-scheduler"});
    co_return bound.error().code == 404 ? Outcome{} : retry();
  }

  void forget() override { waiting_.clear(); }

 private:
  void count(const Item& pod, std::int64_t sign) {
    if (pod.node.empty() || is_finished(pod)) return;
    auto found = rooms_.find(pod.node);
    if (found == rooms_.end()) return;
    const Resources asked = requests_of(pod);
    found->second.pods += sign;
    found->second.used.cpu_milli += sign * asked.cpu_milli;
    found->second.used.memory += sign * asked.memory;
  }

  std::string choose(const Item& pod, std::map<std::string, std::int64_t>& refusals) const {
    const Resources asked = requests_of(pod);
    const Room* best = nullptr;
    for (const auto& [name, room] : rooms_) {
      if (best && room.pods >= best->pods) continue;
      std::string why = refusal(pod, room.node);
      if (why.empty() && room.pods >= room.node.most_pods) why = "Too many pods";
      if (why.empty() && room.used.cpu_milli + asked.cpu_milli > room.node.allocatable.cpu_milli)
        why = "Insufficient cpu";
      if (why.empty() && room.used.memory + asked.memory > room.node.allocatable.memory) why = "Insufficient memory";
      if (why.empty() && repelled(pod, room.node, api_.cache())) why = "didn't match pod anti-affinity rules";
      if (!why.empty()) {
        ++refusals[why.starts_with("Insufficient") || why.starts_with("Too many") ? why : "node(s) " + why];
        continue;
      }
      best = &room;
    }
    return best ? best->node.name : "";
  }

  net::Task<Outcome> tell_unschedulable(ItemPtr pod, std::map<std::string, std::int64_t> refusals) {
    std::string text = "0/" + std::to_string(rooms_.size()) + " nodes are available";
    const char* separator = ": ";
    for (const auto& [why, times] : refusals) {
      text += separator + std::to_string(times) + " " + why;
      separator = ", ";
    }
    text += ".";
    json::Value next = copy_of(*pod);
    if (!set_condition(next, "PodScheduled", "False", "Unschedulable", text, api_.now())) co_return Outcome{};
    co_await api_.tell({pod, "Pod", "v1", true, "FailedScheduling", text, "default-scheduler"});
    auto told = co_await api_.write(update_write(*pod, std::move(next), "status", account));
    co_return told || told.error().code == 404 ? Outcome{} : retry();
  }

  Api& api_;
  std::map<std::string, Room> rooms_;  // by node
  std::set<std::string> waiting_;
};

}  // namespace

std::unique_ptr<Controller> make_scheduler(Api& api) {
  return std::make_unique<Scheduler>(api);
}

}  // namespace gatepost::simulate
