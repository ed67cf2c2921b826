#include "diagnose/pods.h"

#include <algorithm>
#include <fmt/format.h>

#include "explain/grammar.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t longest_message = 300;

const json::Value* condition(const json::Value& pod, std::string_view type) {
  if (const json::Array* conditions = json::array_at(pod, {"status", "conditions"}))
    for (const json::Value& one : *conditions)
      if (json::string_at(one, {"type"}) == type) return &one;
  return nullptr;
}

std::string shortened(std::string_view text) {
  return std::string(text.substr(0, longest_message));
}

std::string describe(const json::Value& pod) {
  return fmt::format("kubectl -n {} describe pod {}", json::string_at(pod, {"metadata", "namespace"}),
                     json::string_at(pod, {"metadata", "name"}));
}

bool is_image_problem(std::string_view reason) {
  static constexpr std::string_view reasons[] = {"ImagePullBackOff",  "ErrImagePull",      "InvalidImageName",
                                                 "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable"};
  return std::find(std::begin(reasons), std::end(reasons), reason) != std::end(reasons);
}

std::string exit_text(const json::Value& status) {
  for (std::string_view state : {"lastState", "state"}) {
    const json::Value* ended = json::find_path(status, {state, "terminated"});
    if (!ended) continue;
    const std::string_view reason = json::string_at(*ended, {"reason"});
    return fmt::format("exit code {}{}{}", json::int_at(*ended, {"exitCode"}), reason.empty() ? "" : ", ", reason);
  }
  return "no exit code";
}

bool oom_killed(const json::Value& status) {
  return json::string_at(status, {"lastState", "terminated", "reason"}) == "OOMKilled" ||
         json::string_at(status, {"state", "terminated", "reason"}) == "OOMKilled";
}

// One entry of containerStatuses or initContainerStatuses.
void check_container(const json::Value& of, const json::Value& status, Case& out) {
  const std::string pod(json::string_at(of, {"metadata", "name"}));
  const std::string shown = describe(of);
  const std::string name = pod + "/" + std::string(json::string_at(status, {"name"}));
  const std::string_view waiting = json::string_at(status, {"state", "waiting", "reason"});
  const std::int64_t restarts = json::int_at(status, {"restartCount"});
  if (is_image_problem(waiting)) {
    out.fact("pod-image");
    out.see(
        "image", false,
        fmt::format("{}: {}: {}", name, waiting, shortened(json::string_at(status, {"state", "waiting", "message"}))),
        shown);
  } else if (oom_killed(status)) {
    out.fact("pod-oom-killed");
    out.see("memory", false,
            fmt::format("{} was killed for using more memory than its limit, {} restarts", name, restarts), shown);
    out.crashed.push_back({pod, std::string(json::string_at(status, {"name"}))});
  } else if (waiting == "CrashLoopBackOff" || json::find_path(status, {"state", "terminated"})) {
    const bool done = json::int_at(status, {"state", "terminated", "exitCode"}, -1) == 0 && waiting.empty();
    if (done) return;  // an init container that has finished
    out.fact("pod-crashes");
    out.see("restarts", false, fmt::format("{} crashes: {} restarts, {}", name, restarts, exit_text(status)), shown);
    out.crashed.push_back({pod, std::string(json::string_at(status, {"name"}))});
  } else if (!waiting.empty() && waiting != "ContainerCreating" && waiting != "PodInitializing") {
    out.fact("pod-unready");
    out.see(
        "container", false,
        fmt::format("{}: {}: {}", name, waiting, shortened(json::string_at(status, {"state", "waiting", "message"}))),
        shown);
  } else if (restarts > 0) {
    out.fact("pod-restarted");
    out.see("restarts", std::nullopt, fmt::format("{}: {} restarts, {}", name, restarts, exit_text(status)), shown);
  }
}

std::string_view event_text(const json::Value& event) {
  const std::string_view message = json::string_at(event, {"message"});
  return message.empty() ? json::string_at(event, {"note"}) : message;
}

// What the events of an unready pod tell; the status may be older than they are.
void check_events(std::string_view ns, std::string_view pod, const Cluster& cluster, Case& out) {
  for (const json::Value* event : cluster.events.in(ns)) {
    std::string_view about = json::string_at(*event, {"involvedObject", "name"});
    if (about.empty()) about = json::string_at(*event, {"regarding", "name"});
    if (about != pod) continue;
    const std::string_view reason = json::string_at(*event, {"reason"}), text = event_text(*event);
    if (reason == "FailedScheduling")
      out.fact("pod-unschedulable");
    else if (reason == "Failed" && text.find("pull") != std::string_view::npos)
      out.fact("pod-image");
    else if (reason == "BackOff" && text.find("restarting") != std::string_view::npos)
      out.fact("pod-crashes");
    else if (reason == "OOMKilling")
      out.fact("pod-oom-killed");
    else if (reason != "Unhealthy" && reason != "FailedMount" && reason != "Evicted" && reason != "FailedAttachVolume")
      continue;
    out.see("event", false, fmt::format("{}: {}: {}", pod, reason, shortened(text)),
            fmt::format("kubectl -n {} get events --field-selector involvedObject.name={}", ns, pod));
  }
}

}  // namespace

bool is_ready(const json::Value& pod) {
  const json::Value* ready = condition(pod, "Ready");
  return ready && json::string_at(*ready, {"status"}) == "True";
}

void check_pod(const json::Value& pod, const Cluster& cluster, Case& out) {
  const std::string name(json::string_at(pod, {"metadata", "name"}));
  for (std::string_view list : {"initContainerStatuses", "containerStatuses"})
    if (const json::Array* statuses = json::array_at(pod, {"status", list}))
      for (const json::Value& status : *statuses) check_container(pod, status, out);
  if (is_ready(pod)) return;
  out.fact("pod-unready");
  const json::Value* scheduled = condition(pod, "PodScheduled");
  if (scheduled && json::string_at(*scheduled, {"status"}) == "False") {
    out.fact("pod-unschedulable");
    out.see("scheduling", false, name + ": " + shortened(json::string_at(*scheduled, {"message"})), describe(pod));
  }
  if (json::string_at(pod, {"status", "reason"}) == "Evicted")
    out.see("evicted", false, name + ": " + shortened(json::string_at(pod, {"status", "message"})), describe(pod));
  check_events(json::string_at(pod, {"metadata", "namespace"}), name, cluster, out);
}

std::vector<std::string> refusing_webhooks(const Cluster& cluster, std::string_view ns, Case& out) {
  const auto& of_namespace = cluster.events.in(ns);
  std::vector<std::string> webhooks;
  for (const json::Value* event : of_namespace.empty() ? cluster.refusals.in(ns) : of_namespace) {
    if (json::string_at(*event, {"reason"}) != "FailedCreate") continue;
    const std::string_view about = json::string_at(*event, {"involvedObject", "name"});
    if (!out.workload.empty() && about != out.workload && !about.starts_with(out.workload + "-")) continue;
    const std::string_view text = event_text(*event);
    out.fact("pods-refused");
    out.see("event", false, fmt::format("{}: FailedCreate: {}", about, shortened(text)),
            fmt::format("kubectl -n {} get events --field-selector reason=FailedCreate", ns));
    for (const explain::Occurrence& error : explain::read_text(text))
      if (!error.webhook.empty()) webhooks.push_back(error.webhook);
  }
  return webhooks;
}

}  // namespace gatepost::diagnose
