#include "apiserver/table/pod_status.h"

#include <algorithm>

#include "apiserver/table/human_duration.h"

namespace gatepost::apiserver {
namespace {

bool restartable_init(const json::Value& pod, std::string_view name) {
  if (const json::Array* containers = json::array_at(pod, {"spec", "initContainers"}))
    for (const json::Value& container : *containers)
      if (json::string_at(container, {"name"}) == name)
        return json::string_at(container, {"restartPolicy"}) == "Always";
  return false;
}

bool has_condition(const json::Value& pod, std::string_view type) {
  if (const json::Array* conditions = json::array_at(pod, {"status", "conditions"}))
    for (const json::Value& condition : *conditions)
      if (json::string_at(condition, {"type"}) == type) return json::string_at(condition, {"status"}) == "True";
  return false;
}

std::string terminated_reason(const json::Value& terminated) {
  std::string_view reason = json::string_at(terminated, {"reason"});
  if (!reason.empty()) return std::string(reason);
  if (auto signal = json::int_at(terminated, {"signal"})) return "Signal:" + std::to_string(signal);
  return "ExitCode:" + std::to_string(json::int_at(terminated, {"exitCode"}));
}

struct Restarts {
  std::int64_t count = 0;
  std::string_view last;  // RFC 3339: later times compare greater
  void add(const json::Value& container) {
    count += json::int_at(container, {"restartCount"});
    last = std::max(last, json::string_at(container, {"lastState", "terminated", "finishedAt"}));
  }
};

}  // namespace

PodSummary summarize_pod(const json::Value& pod, WallTime now) {
  PodSummary summary;
  if (const json::Array* containers = json::array_at(pod, {"spec", "containers"}))
    summary.total = static_cast<int>(containers->size());
  std::string_view phase = json::string_at(pod, {"status", "phase"});
  summary.status = phase;
  std::string_view pod_reason = json::string_at(pod, {"status", "reason"});
  if (!pod_reason.empty()) summary.status = pod_reason;
  if (const json::Array* conditions = json::array_at(pod, {"status", "conditions"}))
    for (const json::Value& condition : *conditions)
      if (json::string_at(condition, {"type"}) == "PodScheduled" &&
          json::string_at(condition, {"reason"}) == "SchedulingGated")
        summary.status = "SchedulingGated";

  Restarts restarts, restartable_restarts;
  const json::Array* init_specs = json::array_at(pod, {"spec", "initContainers"});
  std::size_t init_total = init_specs ? init_specs->size() : 0;
  for (std::size_t i = 0; i < init_total; ++i)
    if (json::string_at((*init_specs)[i], {"restartPolicy"}) == "Always") ++summary.total;
  bool initializing = false;
  if (const json::Array* statuses = json::array_at(pod, {"status", "initContainerStatuses"})) {
    for (std::size_t i = 0; i < statuses->size(); ++i) {
      const json::Value& container = (*statuses)[i];
      restarts.add(container);
      bool restartable = restartable_init(pod, json::string_at(container, {"name"}));
      if (restartable) restartable_restarts.add(container);
      const json::Value* terminated = json::find_path(container, {"state", "terminated"});
      std::string_view waiting = json::string_at(container, {"state", "waiting", "reason"});
      if (terminated && json::int_at(*terminated, {"exitCode"}) == 0) continue;
      if (restartable && json::bool_at(container, {"started"})) {
        if (json::bool_at(container, {"ready"})) ++summary.ready;
        continue;
      }
      if (terminated)
        summary.status = "Init:" + terminated_reason(*terminated);
      else if (!waiting.empty() && waiting != "PodInitializing")
        summary.status = "Init:" + std::string(waiting);
      else
        summary.status = "Init:" + std::to_string(i) + "/" + std::to_string(init_total);
      initializing = true;
      break;
    }
  }
  if (!initializing || has_condition(pod, "Initialized")) {
    restarts = restartable_restarts;
    bool has_running = false;
    if (const json::Array* statuses = json::array_at(pod, {"status", "containerStatuses"})) {
      for (std::size_t i = statuses->size(); i-- > 0;) {
        const json::Value& container = (*statuses)[i];
        restarts.add(container);
        std::string_view waiting = json::string_at(container, {"state", "waiting", "reason"});
        const json::Value* terminated = json::find_path(container, {"state", "terminated"});
        if (!waiting.empty()) {
          summary.status = waiting;
        } else if (terminated) {
          summary.status = terminated_reason(*terminated);
        } else if (json::bool_at(container, {"ready"}) && json::find_path(container, {"state", "running"})) {
          has_running = true;
          ++summary.ready;
        }
      }
    }
    if (summary.status == "Completed" && has_running)
      summary.status = has_condition(pod, "Ready") ? "Running" : "NotReady";
  }
  bool deleted = !json::string_at(pod, {"metadata", "deletionTimestamp"}).empty();
  if (deleted && pod_reason == "NodeLost")
    summary.status = "Unknown";
  else if (deleted && phase != "Failed" && phase != "Succeeded")
    summary.status = "Terminating";
  summary.restarts = std::to_string(restarts.count);
  if (restarts.count > 0 && !restarts.last.empty()) summary.restarts += " (" + age_of(restarts.last, now) + " ago)";

  summary.readiness_gates = "<none>";
  if (const json::Array* gates = json::array_at(pod, {"spec", "readinessGates"}); gates && !gates->empty()) {
    std::size_t passed = 0;
    for (const json::Value& gate : *gates) passed += has_condition(pod, json::string_at(gate, {"conditionType"}));
    summary.readiness_gates = std::to_string(passed) + "/" + std::to_string(gates->size());
  }
  return summary;
}

}  // namespace gatepost::apiserver
