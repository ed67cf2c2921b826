// The kubelet stand-in: pods that are bound to a node start after a while, become ready, crash and restart with growing
// pauses, end, and go when they are deleted, as their annotations and probes say. A node that is lost does nothing.
#include <algorithm>
#include <unordered_map>

#include "simulate/controllers/common.h"
#include "simulate/controllers/controllers.h"
#include "simulate/objects.h"

namespace gatepost::simulate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds shortest_start{1000}, longest_start{3000};
constexpr milliseconds shortest_stop{500}, longest_stop{1500};
constexpr milliseconds job_runs{2000};
constexpr milliseconds first_crash_pause{10000}, longest_crash_pause{300000};  // the kubelet's back-off

struct Behaviour {
  milliseconds start{}, ready{};
  bool never_ready = false;
  std::optional<milliseconds> crash_after, run_for;
};

milliseconds probe_delay(const json::Value& pod) {
  milliseconds longest{0};
  if (const json::Array* containers = json::array_at(pod, {"spec", "containers"})) {
    for (const json::Value& container : *containers) {
      if (!json::find(container, "readinessProbe")) continue;
      const auto first = json::int_at(container, {"readinessProbe", "initialDelaySeconds"}, 0);
      longest = std::max<milliseconds>(longest, seconds(std::max<std::int64_t>(first, 1)));
    }
  }
  return longest;
}

Behaviour behaviour_of(const Api& api, const Item& pod) {
  Behaviour out;
  out.start = duration_or(annotation(pod.value, behaviour::start_delay),
                          api.pause(pod.key.name, shortest_start, longest_start));
  const std::string ready = annotation(pod.value, behaviour::ready_delay);
  out.never_ready = ready == "never";
  out.ready = duration_or(ready, probe_delay(pod.value));
  if (const std::string crash = annotation(pod.value, behaviour::crash_after); !crash.empty())
    out.crash_after = duration_or(crash, milliseconds(0));
  if (const std::string run = annotation(pod.value, behaviour::run_for); !run.empty())
    out.run_for = duration_or(run, milliseconds(0));
  else if (pod.controller_kind == "Job")
    out.run_for = job_runs;
  return out;
}

std::string address_of(const Item& pod) {
  if (std::string given = annotation(pod.value, behaviour::address); !given.empty()) return given;
  std::uint32_t hash = 2166136261u;
  for (char byte : pod.uid) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619u;
  return "10.244." + std::to_string((hash >> 8) & 0xff) + "." + std::to_string(1 + (hash & 0xff) % 254);
}

class Kubelet final : public Controller {
 public:
  explicit Kubelet(Api& api) : api_(api) {}
  std::string_view name() const override { return "kubelet"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    const Item& item = change.item();
    if (item.key.collection == collection::pods) {
      if (!change.after) lives_.erase(item.uid);
      if (change.after && !item.node.empty()) keys.push_back(key_name(item.key.ns, item.key.name));
    } else if (item.key.collection == collection::nodes && change.before && change.after) {
      if (is_lost(*change.before) != is_lost(*change.after))
        for (const auto& [pod_name, pod] : api_.cache().pods_on(item.key.name)) keys.push_back(pod_name);
    }
  }

  net::Task<Outcome> sync(std::string key) override {
    auto [ns, name] = split_name(key);
    ItemPtr pod = api_.cache().find(collection::pods, ns, name);
    if (!pod || pod->node.empty()) co_return Outcome{};
    ItemPtr node = api_.cache().find(collection::nodes, "", pod->node);
    if (!node || is_lost(*node)) co_return Outcome{};
    if (pod->deleting) co_return co_await stop(pod);
    if (is_finished(*pod)) co_return Outcome{};
    co_return co_await live(pod, node);
  }

  void forget() override { lives_.clear(); }

 private:
  enum class Stage { waiting, running, crashed };
  // What became of a pod so far; `since` is when its stage began.
  struct Life {
    Stage stage = Stage::waiting;
    WallTime since;
    std::int64_t restarts = 0;
    std::optional<WallTime> stopping;
  };

  static bool is_lost(const Item& node) { return annotation(node.value, behaviour::lost) == "true"; }
  std::string user(const Item& pod) const { return "system:node:" + pod.node; }

  Life& life_of(const Item& pod) {
    auto [at, fresh] = lives_.try_emplace(pod.uid);
    if (fresh) {
      at->second.since = api_.now();
      // A pod that ran before we came goes on running.
      if (phase_of(pod) == "Running") at->second.stage = Stage::running;
    }
    return at->second;
  }

  net::Task<Outcome> live(ItemPtr pod, ItemPtr node) {
    const Behaviour behaviour = behaviour_of(api_, *pod);
    Life& life = life_of(*pod);
    const WallTime now = api_.now();
    const auto age = std::chrono::duration_cast<milliseconds>(now - life.since);
    switch (life.stage) {
      case Stage::waiting:
        if (age < behaviour.start) co_return again(behaviour.start - age);
        life.stage = Stage::running;
        life.since = now;
        break;
      case Stage::crashed: {
        const milliseconds pause = crash_pause(life.restarts);
        if (age < pause) co_return again(pause - age);
        life.stage = Stage::running;
        life.since = now;
        break;
      }
      case Stage::running:
        break;
    }
    const auto running = std::chrono::duration_cast<milliseconds>(api_.now() - life.since);
    if (behaviour.run_for && running >= *behaviour.run_for) {
      co_return co_await report(pod, node, "Succeeded", false, life);
    }
    if (behaviour.crash_after && running >= *behaviour.crash_after) {
      ++life.restarts;
      if (json::string_at(pod->value, {"spec", "restartPolicy"}) == "Never") {
        co_return co_await report(pod, node, "Failed", false, life);
      }
      life.stage = Stage::crashed;
      life.since = api_.now();
      const milliseconds pause = crash_pause(life.restarts);
      Outcome told = co_await report(pod, node, "Running", false, life);
      co_await api_.tell({pod, "Pod", "v1", true, "BackOff", back_off_text(*pod), "kubelet"});
      co_return told.kind == Outcome::Kind::done ? again(pause) : told;
    }
    const bool already = phase_of(*pod) == "Running" && is_ready(*pod);
    if (already && !behaviour.run_for && !behaviour.crash_after) co_return Outcome{};
    const bool ready = !behaviour.never_ready && (already || running >= behaviour.ready);
    Outcome told = co_await report(pod, node, "Running", ready, life);
    if (told.kind != Outcome::Kind::done) co_return told;
    // When something is to happen next.
    std::optional<milliseconds> next;
    auto at = [&next, running](milliseconds when) {
      const milliseconds left = std::max(when - running, milliseconds(1));
      next = next ? std::min(*next, left) : left;
    };
    if (!ready && !behaviour.never_ready) at(behaviour.ready);
    if (behaviour.run_for) at(*behaviour.run_for);
    if (behaviour.crash_after) at(*behaviour.crash_after);
    co_return next ? again(*next) : Outcome{};
  }

  static milliseconds crash_pause(std::int64_t restarts) {
    milliseconds pause = first_crash_pause;
    for (std::int64_t i = 1; i < restarts && pause < longest_crash_pause; ++i) pause *= 2;
    return std::min(pause, longest_crash_pause);
  }

  static std::string back_off_text(const Item& pod) {
    std::string container;
    if (const json::Array* containers = json::array_at(pod.value, {"spec", "containers"});
        containers && !containers->empty())
      container = json::string_at(containers->front(), {"name"});
    return "Back-off restarting failed container " + container + " in pod " + pod.key.name + "_" + pod.key.ns + "(" +
           pod.uid + ")";
  }

  net::Task<Outcome> report(ItemPtr pod, ItemPtr node, std::string phase, bool ready, Life life) {
    const WallTime now = api_.now();
    json::Value next = copy_of(*pod);
    json::Object& status = status_of(next);
    status["phase"] = phase;
    const bool over = phase == "Succeeded" || phase == "Failed";
    const std::string_view reason = over ? "PodCompleted" : "";
    const std::string_view why = over ? "PodCompleted" : (ready ? "" : "ContainersNotReady");
    set_condition(next, "PodScheduled", "True", "", "", now);
    set_condition(next, "PodReadyToStartContainers", over ? "False" : "True", "", "", now);
    set_condition(next, "Initialized", "True", reason, "", now);
    set_condition(next, "ContainersReady", ready ? "True" : "False", why, "", now);
    set_condition(next, "Ready", ready ? "True" : "False", why, "", now);
    const std::string host = host_address(*node);
    json::Object& after = status_of(next);
    if (json::string_at(pod->value, {"status", "podIP"}).empty()) {
      const bool host_network = json::bool_at(pod->value, {"spec", "hostNetwork"});
      const std::string address = host_network ? host : address_of(*pod);
      after["hostIP"] = host;
      after["hostIPs"] = json::Array{json::Object{{"ip", host}}};
      after["podIP"] = address;
      after["podIPs"] = json::Array{json::Object{{"ip", address}}};
      after["startTime"] = rfc3339(now);
    }
    after["containerStatuses"] = container_statuses(*pod, ready, over, phase == "Failed", life, now);
    auto told = co_await write_status(api_, pod, std::move(next), user(*pod));
    co_return told || told.error().code == 404 ? Outcome{} : retry();
  }

  static std::string host_address(const Item& node) {
    if (const json::Array* addresses = json::array_at(node.value, {"status", "addresses"}))
      for (const json::Value& address : *addresses)
        if (json::string_at(address, {"type"}) == "InternalIP")
          return std::string(json::string_at(address, {"address"}));
    return "192.168.0.1";
  }

  json::Array container_statuses(const Item& pod, bool ready, bool over, bool failed, const Life& life,
                                 WallTime now) const {
    json::Array statuses;
    const json::Array* containers = json::array_at(pod.value, {"spec", "containers"});
    const json::Array* before = json::array_at(pod.value, {"status", "containerStatuses"});
    if (!containers) return statuses;
    const bool crashed = life.stage == Stage::crashed;
    for (std::size_t i = 0; i < containers->size(); ++i) {
      const std::string_view image = json::string_at((*containers)[i], {"image"});
      const std::string_view container = json::string_at((*containers)[i], {"name"});
      const json::Value* old = before && i < before->size() ? &(*before)[i] : nullptr;
      std::string started = old ? std::string(json::string_at(*old, {"state", "running", "startedAt"})) : "";
      if (started.empty()) started = rfc3339(now);
      json::Object ended{{"exitCode", failed || crashed ? 1 : 0},
                         {"reason", failed || crashed ? "Error" : "Completed"},
                         {"startedAt", started},
                         {"finishedAt", rfc3339(now)}};
      json::Object state, last;
      if (over)
        state["terminated"] = ended;
      else if (crashed)
        state["waiting"] = json::Object{{"reason", "CrashLoopBackOff"}, {"message", back_off_text(pod)}};
      else
        state["running"] = json::Object{{"startedAt", started}};
      if (crashed)
        last["terminated"] = ended;
      else if (old)
        if (const json::Object* known = json::object_at(*old, {"lastState"})) last = *known;
      statuses.emplace_back(json::Object{{"name", container},
                                         {"image", image},
                                         {"imageID", std::string("docker.io/") + std::string(image)},
                                         {"ready", ready},
                                         {"started", !over && !crashed},
                                         {"restartCount", life.restarts},
                                         {"state", std::move(state)},
                                         {"lastState", std::move(last)}});
    }
    return statuses;
  }

  // Containers get their grace, then the pod goes for good.
  net::Task<Outcome> stop(ItemPtr pod) {
    Life& life = life_of(*pod);
    const WallTime now = api_.now();
    if (!life.stopping) life.stopping = now;
    const std::int64_t grace = json::int_at(pod->value, {"metadata", "deletionGracePeriodSeconds"}, 0);
    const milliseconds takes =
        std::min<milliseconds>(api_.pause(pod->key.name, shortest_stop, longest_stop), seconds(grace));
    const auto passed = std::chrono::duration_cast<milliseconds>(now - *life.stopping);
    if (passed < takes) co_return again(takes - passed);
    Write write = remove_write(*pod, user(*pod));
    write.grace_seconds = 0;
    auto gone = co_await api_.write(std::move(write));
    co_return gone || gone.error().code == 404 ? Outcome{} : retry();
  }

  Api& api_;
  std::unordered_map<std::string, Life> lives_;  // by uid
};

}  // namespace

std::unique_ptr<Controller> make_kubelet(Api& api) {
  return std::make_unique<Kubelet>(api);
}

}  // namespace gatepost::simulate
