// Rows of apps, batch, autoscaling, policy.
#include <chrono>
#include <ctime>

#include "apiserver/table/cells.h"
#include "apiserver/table/human_duration.h"

namespace gatepost::apiserver {
namespace {

const json::Value& at(const json::Value& object, std::initializer_list<std::string_view> path) {
  static const json::Value nothing;
  const json::Value* value = json::find_path(object, path);
  return value ? *value : nothing;
}

std::string ratio(std::int64_t a, std::int64_t b) {
  return std::to_string(a) + "/" + std::to_string(b);
}

void deployment(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.text(ratio(json::int_at(object, {"status", "readyReplicas"}), json::int_at(object, {"spec", "replicas"})));
  row.number(json::int_at(object, {"status", "updatedReplicas"}));
  row.number(json::int_at(object, {"status", "availableReplicas"}));
  row.age(created(object));
  container_cells(at(object, {"spec", "template", "spec"}), row);
  row.text(selector_cell(json::find_path(object, {"spec", "selector"})));
}

void replicas_of(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.number(json::int_at(object, {"spec", "replicas"}));
  row.number(json::int_at(object, {"status", "replicas"}));
  row.number(json::int_at(object, {"status", "readyReplicas"}));
  row.age(created(object));
  container_cells(at(object, {"spec", "template", "spec"}), row);
}

void replica_set(const json::Value& object, Row& row) {
  replicas_of(object, row);
  row.text(selector_cell(json::find_path(object, {"spec", "selector"})));
}

void replication_controller(const json::Value& object, Row& row) {
  replicas_of(object, row);
  row.text(labels_cell(json::object_at(object, {"spec", "selector"})));
}

void stateful_set(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.text(ratio(json::int_at(object, {"status", "readyReplicas"}), json::int_at(object, {"spec", "replicas"})));
  row.age(created(object));
  container_cells(at(object, {"spec", "template", "spec"}), row);
}

void daemon_set(const json::Value& object, Row& row) {
  row.text(name_of(object));
  for (const char* field :
       {"desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled", "numberAvailable"})
    row.number(json::int_at(object, {"status", field}));
  row.text(labels_cell(json::object_at(object, {"spec", "template", "spec", "nodeSelector"})));
  row.age(created(object));
  container_cells(at(object, {"spec", "template", "spec"}), row);
  row.text(selector_cell(json::find_path(object, {"spec", "selector"})));
}

std::time_t parse_time(std::string_view text) {
  std::tm parts{};
  std::string copy(text);
  return strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) ? timegm(&parts) : 0;
}

bool has_condition(const json::Value& object, std::string_view type) {
  if (const json::Array* conditions = json::array_at(object, {"status", "conditions"}))
    for (const json::Value& condition : *conditions)
      if (json::string_at(condition, {"type"}) == type && json::string_at(condition, {"status"}) == "True") return true;
  return false;
}

void job(const json::Value& object, Row& row) {
  std::string status = "Running";
  if (has_condition(object, "Complete"))
    status = "Complete";
  else if (has_condition(object, "Failed"))
    status = "Failed";
  else if (!json::string_at(object, {"metadata", "deletionTimestamp"}).empty())
    status = "Terminating";
  else if (has_condition(object, "Suspended"))
    status = "Suspended";
  else if (has_condition(object, "FailureTarget"))
    status = "FailureTarget";
  else if (has_condition(object, "SuccessCriteriaMet"))
    status = "SuccessCriteriaMet";
  std::int64_t succeeded = json::int_at(object, {"status", "succeeded"});
  std::string completions;
  std::int64_t parallelism = json::int_at(object, {"spec", "parallelism"});
  if (const json::Value* wanted = json::find_path(object, {"spec", "completions"}); wanted && wanted->is_int64())
    completions = ratio(succeeded, wanted->get_int64());
  else
    completions = std::to_string(succeeded) + (parallelism > 1 ? "/1 of " + std::to_string(parallelism) : "/1");
  std::string duration;
  std::string_view start = json::string_at(object, {"status", "startTime"});
  if (!start.empty()) {
    std::string_view end = json::string_at(object, {"status", "completionTime"});
    std::time_t until = end.empty() ? std::chrono::system_clock::to_time_t(row.now()) : parse_time(end);
    duration = human_duration(std::chrono::seconds(until - parse_time(start)));
  }
  row.text(name_of(object));
  row.text(status);
  row.text(completions);
  row.text(duration);
  row.age(created(object));
  container_cells(at(object, {"spec", "template", "spec"}), row);
  row.text(selector_cell(json::find_path(object, {"spec", "selector"})));
}

void cron_job(const json::Value& object, Row& row) {
  std::string_view last = json::string_at(object, {"status", "lastScheduleTime"});
  std::string_view zone = json::string_at(object, {"spec", "timeZone"});
  const json::Array* active = json::array_at(object, {"status", "active"});
  row.text(name_of(object));
  row.text(json::string_at(object, {"spec", "schedule"}));
  row.text(zone.empty() ? "<none>" : zone);
  row.text(json::bool_at(object, {"spec", "suspend"}) ? "True" : "False");
  row.number(active ? static_cast<std::int64_t>(active->size()) : 0);
  row.text(last.empty() ? "<none>" : age_of(last, row.now()));
  row.age(created(object));
  container_cells(at(object, {"spec", "jobTemplate", "spec", "template", "spec"}), row);
  row.text(selector_cell(json::find_path(object, {"spec", "jobTemplate", "spec", "selector"})));
}

void controller_revision(const json::Value& object, Row& row) {
  std::string controller = "<none>";
  if (const json::Array* owners = json::array_at(object, {"metadata", "ownerReferences"}))
    for (const json::Value& owner : *owners)
      if (json::bool_at(owner, {"controller"}))
        controller =
            std::string(json::string_at(owner, {"kind"})) + "/" + std::string(json::string_at(owner, {"name"}));
  row.text(name_of(object));
  row.text(controller);
  row.number(json::int_at(object, {"revision"}));
  row.age(created(object));
}

std::string int_or_string(const json::Value* value, std::string_view none) {
  if (!value) return std::string(none);
  if (value->is_int64()) return std::to_string(value->get_int64());
  return value->is_string() ? std::string(json::view(value->get_string())) : std::string(none);
}

void disruption_budget(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.text(int_or_string(json::find_path(object, {"spec", "minAvailable"}), "N/A"));
  row.text(int_or_string(json::find_path(object, {"spec", "maxUnavailable"}), "N/A"));
  row.number(json::int_at(object, {"status", "disruptionsAllowed"}));
  row.age(created(object));
}

// "<current>/<target>" of one metric, as autoscaling's printer writes it.
std::string metric_text(const json::Value& spec, const json::Value* status) {
  std::string_view type = json::string_at(spec, {"type"});
  const char* field = type == "Resource" ? "resource" : type == "ContainerResource" ? "containerResource" : nullptr;
  if (!field) return "<unknown>";
  std::string name(json::string_at(spec, {field, "name"}));
  if (std::string_view average = json::string_at(spec, {field, "target", "averageValue"}); !average.empty()) {
    std::string current = status ? std::string(json::string_at(*status, {field, "current", "averageValue"})) : "";
    return name + ": " + (current.empty() ? "<unknown>" : current) + "/" + std::string(average);
  }
  std::string current = "<unknown>", target = "<auto>";
  if (const json::Value* used = status ? json::find_path(*status, {field, "current", "averageUtilization"}) : nullptr)
    current = int_or_string(used, "<unknown>") + "%";
  if (const json::Value* wanted = json::find_path(spec, {field, "target", "averageUtilization"}))
    target = int_or_string(wanted, "<auto>") + "%";
  return name + ": " + current + "/" + target;
}

void autoscaler(const json::Value& object, Row& row) {
  std::vector<std::string> targets;
  if (const json::Array* metrics = json::array_at(object, {"spec", "metrics"})) {
    const json::Array* current = json::array_at(object, {"status", "currentMetrics"});
    for (std::size_t i = 0; i < metrics->size(); ++i)
      targets.push_back(metric_text((*metrics)[i], current && i < current->size() ? &(*current)[i] : nullptr));
  } else if (const json::Value* percent = json::find_path(object, {"spec", "targetCPUUtilizationPercentage"})) {
    const json::Value* current = json::find_path(object, {"status", "currentCPUUtilizationPercentage"});
    targets.push_back("cpu: " + (current ? int_or_string(current, "") + "%" : "<unknown>") + "/" +
                      int_or_string(percent, "") + "%");
  }
  constexpr std::size_t shown = 2;
  if (targets.size() > shown) {
    std::size_t more = targets.size() - shown;
    targets.resize(shown);
    targets.back() += " + " + std::to_string(more) + " more...";
  }
  row.text(name_of(object));
  row.text(std::string(json::string_at(object, {"spec", "scaleTargetRef", "kind"})) + "/" +
           std::string(json::string_at(object, {"spec", "scaleTargetRef", "name"})));
  row.text(joined(targets, ", "));
  row.text(int_or_string(json::find_path(object, {"spec", "minReplicas"}), "<unset>"));
  row.number(json::int_at(object, {"spec", "maxReplicas"}));
  row.number(json::int_at(object, {"status", "currentReplicas"}));
  row.age(created(object));
}

}  // namespace

std::vector<CellsEntry> workload_cells() {
  return {{"apps/deployments", deployment},
          {"apps/replicasets", replica_set},
          {"/replicationcontrollers", replication_controller},
          {"apps/statefulsets", stateful_set},
          {"apps/daemonsets", daemon_set},
          {"apps/controllerrevisions", controller_revision},
          {"batch/jobs", job},
          {"batch/cronjobs", cron_job},
          {"policy/poddisruptionbudgets", disruption_budget},
          {"autoscaling/horizontalpodautoscalers", autoscaler}};
}

}  // namespace gatepost::apiserver
