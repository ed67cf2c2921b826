// Rows of the core group.
#include <algorithm>

#include "apiserver/table/cells.h"
#include "apiserver/table/pod_status.h"

namespace gatepost::apiserver {
namespace {

void named(const json::Value& object, Row& row) {
  row.text(name_of(object));
}

std::size_t size_at(const json::Value& object, std::initializer_list<std::string_view> path) {
  const json::Object* map = json::object_at(object, path);
  return map ? map->size() : 0;
}

void config_map(const json::Value& object, Row& row) {
  named(object, row);
  row.number(static_cast<std::int64_t>(size_at(object, {"data"}) + size_at(object, {"binaryData"})));
  row.age(created(object));
}

void secret(const json::Value& object, Row& row) {
  named(object, row);
  row.text(json::string_at(object, {"type"}));
  row.number(static_cast<std::int64_t>(size_at(object, {"data"})));
  row.age(created(object));
}

void name_and_age(const json::Value& object, Row& row) {
  named(object, row);
  row.age(created(object));
}

void name_space(const json::Value& object, Row& row) {
  named(object, row);
  row.text(json::string_at(object, {"status", "phase"}));
  row.age(created(object));
}

void pod(const json::Value& object, Row& row) {
  PodSummary summary = summarize_pod(object, row.now());
  named(object, row);
  row.text(std::to_string(summary.ready) + "/" + std::to_string(summary.total));
  row.text(summary.status);
  row.text(summary.restarts);
  row.age(created(object));
  auto or_none = [&](std::string_view text) { row.text(text.empty() ? "<none>" : text); };
  or_none(json::string_at(object, {"status", "podIP"}));
  or_none(json::string_at(object, {"spec", "nodeName"}));
  or_none(json::string_at(object, {"status", "nominatedNodeName"}));
  row.text(summary.readiness_gates);
}

void event(const json::Value& object, Row& row) {
  bool newer = json::string_at(object, {"apiVersion"}) == "events.k8s.io/v1";
  std::string_view first = json::string_at(object, {newer ? "deprecatedFirstTimestamp" : "firstTimestamp"});
  std::string_view last = json::string_at(object, {newer ? "deprecatedLastTimestamp" : "lastTimestamp"});
  std::string_view event_time = json::string_at(object, {"eventTime"});
  if (first.empty()) first = event_time;
  if (std::string_view series = json::string_at(object, {"series", "lastObservedTime"}); !series.empty()) last = series;
  if (last.empty()) last = first;
  std::int64_t count = json::int_at(object, {newer ? "deprecatedCount" : "count"});
  if (std::int64_t series = json::int_at(object, {"series", "count"})) count = series;
  if (count == 0) count = 1;
  const char* about = newer ? "regarding" : "involvedObject";
  std::string kind(json::string_at(object, {about, "kind"}));
  std::transform(kind.begin(), kind.end(), kind.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string_view name = json::string_at(object, {about, "name"});
  std::string target = name.empty() ? kind : kind + "/" + std::string(name);
  std::string source(json::string_at(object, {newer ? "deprecatedSource" : "source", "component"}));
  if (std::string_view host = json::string_at(object, {newer ? "deprecatedSource" : "source", "host"}); !host.empty())
    source += ", " + std::string(host);
  if (source.empty()) source = json::string_at(object, {newer ? "reportingController" : "reportingComponent"});
  std::string message(json::string_at(object, {newer ? "note" : "message"}));
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  row.age(last);
  row.text(json::string_at(object, {"type"}));
  row.text(json::string_at(object, {"reason"}));
  row.text(target);
  row.text(json::string_at(object, {about, "fieldPath"}));
  row.text(source);
  row.text(message);
  row.age(first);
  row.number(count);
  named(object, row);
}

void node(const json::Value& object, Row& row) {
  std::string status = "Unknown";
  if (const json::Array* conditions = json::array_at(object, {"status", "conditions"}))
    for (const json::Value& condition : *conditions)
      if (json::string_at(condition, {"type"}) == "Ready")
        status = json::string_at(condition, {"status"}) == "True" ? "Ready" : "NotReady";
  if (json::bool_at(object, {"spec", "unschedulable"})) status += ",SchedulingDisabled";
  std::vector<std::string> roles;
  constexpr std::string_view prefix = "node-role.kubernetes.io/";
  if (const json::Object* labels = json::object_at(object, {"metadata", "labels"}))
    for (const auto& label : *labels) {
      if (std::string_view key = label.key(); key.starts_with(prefix) && key.size() > prefix.size())
        roles.emplace_back(key.substr(prefix.size()));
      if (label.key() == "kubernetes.io/role" && label.value().is_string())
        roles.emplace_back(json::view(label.value().get_string()));
    }
  std::sort(roles.begin(), roles.end());
  auto address = [&](std::string_view type) -> std::string_view {
    if (const json::Array* addresses = json::array_at(object, {"status", "addresses"}))
      for (const json::Value& entry : *addresses)
        if (json::string_at(entry, {"type"}) == type) return json::string_at(entry, {"address"});
    return "<none>";
  };
  auto or_unknown = [&](std::string_view text) { row.text(text.empty() ? "<unknown>" : text); };
  named(object, row);
  row.text(status);
  row.text(joined(roles));
  row.age(created(object));
  row.text(json::string_at(object, {"status", "nodeInfo", "kubeletVersion"}));
  row.text(address("InternalIP"));
  row.text(address("ExternalIP"));
  or_unknown(json::string_at(object, {"status", "nodeInfo", "osImage"}));
  or_unknown(json::string_at(object, {"status", "nodeInfo", "kernelVersion"}));
  or_unknown(json::string_at(object, {"status", "nodeInfo", "containerRuntimeVersion"}));
}

// ReadWriteOnce -> RWO
std::string access_modes(const json::Array* modes) {
  std::vector<std::string> out;
  if (modes)
    for (const json::Value& mode : *modes) {
      std::string_view text = mode.is_string() ? json::view(mode.get_string()) : "";
      if (text == "ReadWriteOnce") out.emplace_back("RWO");
      if (text == "ReadOnlyMany") out.emplace_back("ROX");
      if (text == "ReadWriteMany") out.emplace_back("RWX");
      if (text == "ReadWriteOncePod") out.emplace_back("RWOP");
    }
  return joined(out, ",", "");
}

std::string_view phase_of(const json::Value& object) {
  if (!json::string_at(object, {"metadata", "deletionTimestamp"}).empty()) return "Terminating";
  return json::string_at(object, {"status", "phase"});
}

void or_unset(std::string_view text, Row& row) {
  row.text(text.empty() ? "<unset>" : text);
}

void volume_claim(const json::Value& object, Row& row) {
  bool bound = !json::string_at(object, {"spec", "volumeName"}).empty();
  named(object, row);
  row.text(phase_of(object));
  row.text(json::string_at(object, {"spec", "volumeName"}));
  row.text(bound ? json::string_at(object, {"status", "capacity", "storage"}) : "");
  row.text(bound ? access_modes(json::array_at(object, {"status", "accessModes"})) : "");
  row.text(json::string_at(object, {"spec", "storageClassName"}));
  or_unset(json::string_at(object, {"spec", "volumeAttributesClassName"}), row);
  row.age(created(object));
  or_unset(json::string_at(object, {"spec", "volumeMode"}), row);
}

void volume(const json::Value& object, Row& row) {
  std::string claim;
  if (json::object_at(object, {"spec", "claimRef"}))
    claim = std::string(json::string_at(object, {"spec", "claimRef", "namespace"})) + "/" +
            std::string(json::string_at(object, {"spec", "claimRef", "name"}));
  named(object, row);
  row.text(json::string_at(object, {"spec", "capacity", "storage"}));
  row.text(access_modes(json::array_at(object, {"spec", "accessModes"})));
  row.text(json::string_at(object, {"spec", "persistentVolumeReclaimPolicy"}));
  row.text(phase_of(object));
  row.text(claim);
  row.text(json::string_at(object, {"spec", "storageClassName"}));
  or_unset(json::string_at(object, {"spec", "volumeAttributesClassName"}), row);
  row.text(json::string_at(object, {"status", "reason"}));
  row.age(created(object));
  or_unset(json::string_at(object, {"spec", "volumeMode"}), row);
}

void quota(const json::Value& object, Row& row) {
  std::vector<std::string> requests, limits;
  if (const json::Object* hard = json::object_at(object, {"status", "hard"}))
    for (const auto& entry : *hard) {
      std::string name(entry.key());
      std::string used(json::string_at(object, {"status", "used", name}));
      std::string line = name + ": " + used + "/" + std::string(json::string_at(object, {"status", "hard", name}));
      (name.starts_with("limits.") ? limits : requests).push_back(std::move(line));
    }
  std::sort(requests.begin(), requests.end());
  std::sort(limits.begin(), limits.end());
  named(object, row);
  row.text(joined(requests, ", ", ""));
  row.text(joined(limits, ", ", ""));
  row.age(created(object));
}

void pod_template(const json::Value& object, Row& row) {
  named(object, row);
  const json::Value* spec = json::find_path(object, {"template", "spec"});
  container_cells(spec ? *spec : object, row);
  row.text(labels_cell(json::object_at(object, {"template", "metadata", "labels"})));
}

}  // namespace

std::vector<CellsEntry> core_cells() {
  return {{"/configmaps", config_map},
          {"/secrets", secret},
          {"/serviceaccounts", name_and_age},
          {"/namespaces", name_space},
          {"/pods", pod},
          {"/events", event},
          {"events.k8s.io/events", event},
          {"/nodes", node},
          {"/persistentvolumeclaims", volume_claim},
          {"/persistentvolumes", volume},
          {"/resourcequotas", quota},
          {"/podtemplates", pod_template}};
}

}  // namespace gatepost::apiserver
