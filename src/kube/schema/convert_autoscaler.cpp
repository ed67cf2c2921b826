#include <optional>

#include "formats/quantity.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/schema/convert_kinds.h"
#include "kube/schema/default_hooks.h"
#include "kube/schema/object.h"

namespace gatepost::kube {
namespace {

constexpr std::string_view metrics_annotation = "autoscaling.alpha.kubernetes.io/metrics";
constexpr std::string_view statuses_annotation = "autoscaling.alpha.kubernetes.io/current-metrics";
constexpr std::string_view conditions_annotation = "autoscaling.alpha.kubernetes.io/conditions";
constexpr std::string_view behavior_annotation = "autoscaling.alpha.kubernetes.io/behavior";
constexpr std::string_view round_trip_annotations[] = {
    metrics_annotation,
    statuses_annotation,
    conditions_annotation,
    behavior_annotation,
    "autoscaling.alpha.kubernetes.io/scale-down-tolerance",
    "autoscaling.alpha.kubernetes.io/scale-up-tolerance",
};

// Where a field of a metric stands: flat in version 1, in a structure in version 2. In the order of the Go types.
struct MetricField {
  std::string_view metric, v1, v2_structure, v2;  // v2_structure empty: beside it
  bool always = false;                            // version 1 prints it, as "0"
};

constexpr MetricField spec_fields[] = {
    {"object", "target", "", "describedObject"},
    {"object", "metricName", "metric", "name"},
    {"object", "targetValue", "target", "value", true},
    {"object", "selector", "metric", "selector"},
    {"object", "averageValue", "target", "averageValue"},
    {"pods", "metricName", "metric", "name"},
    {"pods", "targetAverageValue", "target", "averageValue", true},
    {"pods", "selector", "metric", "selector"},
    {"resource", "name", "", "name"},
    {"resource", "targetAverageUtilization", "target", "averageUtilization"},
    {"resource", "targetAverageValue", "target", "averageValue"},
    {"containerResource", "name", "", "name"},
    {"containerResource", "targetAverageUtilization", "target", "averageUtilization"},
    {"containerResource", "targetAverageValue", "target", "averageValue"},
    {"containerResource", "container", "", "container"},
    {"external", "metricName", "metric", "name"},
    {"external", "metricSelector", "metric", "selector"},
    {"external", "targetValue", "target", "value"},
    {"external", "targetAverageValue", "target", "averageValue"},
};

constexpr MetricField status_fields[] = {
    {"object", "target", "", "describedObject"},
    {"object", "metricName", "metric", "name"},
    {"object", "currentValue", "current", "value", true},
    {"object", "selector", "metric", "selector"},
    {"object", "averageValue", "current", "averageValue"},
    {"pods", "metricName", "metric", "name"},
    {"pods", "currentAverageValue", "current", "averageValue", true},
    {"pods", "selector", "metric", "selector"},
    {"resource", "name", "", "name"},
    {"resource", "currentAverageUtilization", "current", "averageUtilization"},
    {"resource", "currentAverageValue", "current", "averageValue", true},
    {"containerResource", "name", "", "name"},
    {"containerResource", "currentAverageUtilization", "current", "averageUtilization"},
    {"containerResource", "currentAverageValue", "current", "averageValue", true},
    {"containerResource", "container", "", "container"},
    {"external", "metricName", "metric", "name"},
    {"external", "metricSelector", "metric", "selector"},
    {"external", "currentValue", "current", "value", true},
    {"external", "currentAverageValue", "current", "averageValue"},
};

constexpr std::string_view metric_kinds[] = {"object", "pods", "resource", "containerResource", "external"};

bool is_zero(const json::Value& quantity) {
  if (!quantity.is_string()) return false;
  auto parsed = formats::Quantity::parse(json::view(quantity.get_string()));
  return parsed && parsed->is_zero();
}

// How the target of a version 1 metric is meant.
std::string_view target_type(std::string_view kind, json::Object& target) {
  if (kind == "pods") return "AverageValue";
  if (kind == "object") {
    if (!target.contains("averageValue")) return "Value";
    if (const json::Value* value = target.if_contains("value"); value && is_zero(*value)) target.erase("value");
    return "AverageValue";
  }
  if (kind == "external") return target.contains("value") ? "Value" : "AverageValue";
  return target.contains("averageUtilization") ? "Utilization" : "AverageValue";
}

template <std::size_t N>
json::Value metric_to_v2(const json::Value& metric, const MetricField (&fields)[N], bool is_spec) {
  json::Object made{{"type", json::string_at(metric, {"type"})}};
  for (std::string_view kind : metric_kinds) {
    const json::Object* flat = json::object_at(metric, {kind});
    if (!flat) continue;
    json::Object& source = made_object(made, kind);
    for (const MetricField& field : fields) {
      if (field.metric != kind) continue;
      const json::Value* value = flat->if_contains(field.v1);
      if (!value || value->is_null()) {
        if (!field.always) continue;
        static const json::Value zero("0");
        value = &zero;
      }
      json::Object& holder = field.v2_structure.empty() ? source : made_object(source, field.v2_structure);
      holder[field.v2] = *value;
    }
    if (!is_spec) continue;
    json::Object& target = made_object(source, "target");
    target["type"] = target_type(kind, target);
  }
  return made;
}

template <std::size_t N>
json::Value metric_to_v1(const json::Value& metric, const MetricField (&fields)[N]) {
  json::Object made{{"type", json::string_at(metric, {"type"})}};
  for (std::string_view kind : metric_kinds) {
    const json::Object* source = json::object_at(metric, {kind});
    if (!source) continue;
    json::Object& flat = made_object(made, kind);
    for (const MetricField& field : fields) {
      if (field.metric != kind) continue;
      const json::Value* holder = field.v2_structure.empty() ? nullptr : source->if_contains(field.v2_structure);
      const json::Value* value = field.v2_structure.empty() ? source->if_contains(field.v2)
                                 : holder                   ? json::find(*holder, field.v2)
                                                            : nullptr;
      if (value)
        flat.emplace(field.v1, *value);
      else if (field.always)
        flat.emplace(field.v1, "0");
    }
  }
  return made;
}

bool is_cpu_utilization(const json::Value& metric, std::string_view structure) {
  return json::string_at(metric, {"type"}) == "Resource" && json::string_at(metric, {"resource", "name"}) == "cpu" &&
         json::find_path(metric, {"resource", structure, "averageUtilization"});
}

// The annotation's JSON: the internal Go type, whose field names begin with a capital letter.
json::Value renamed_keys(const json::Value& value, bool capital) {
  if (value.is_array()) {
    json::Array items;
    for (const json::Value& item : value.get_array()) items.push_back(renamed_keys(item, capital));
    return items;
  }
  if (!value.is_object()) return value;
  json::Object renamed;
  for (const auto& entry : value.get_object()) {
    if (!capital && entry.value().is_null()) continue;
    std::string key(entry.key());
    char& first = key.front();
    if (capital && first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
    if (!capital && first >= 'A' && first <= 'Z') first = static_cast<char>(first - 'A' + 'a');
    renamed.emplace(key, renamed_keys(entry.value(), capital));
  }
  return renamed;
}

json::Value internal_behavior(const json::Object& behavior) {
  json::Object internal;
  for (const char* side : {"scaleUp", "scaleDown"}) {
    const json::Value* rules = behavior.if_contains(side);
    std::string name = side;
    name.front() = 'S';
    if (!rules || !rules->is_object()) {
      internal.emplace(name, nullptr);
      continue;
    }
    json::Object& made = internal.emplace(name, json::Object()).first->value().get_object();
    for (const char* field : {"stabilizationWindowSeconds", "selectPolicy", "policies", "tolerance"}) {
      const json::Value* value = rules->get_object().if_contains(field);
      std::string key = field;
      key.front() = static_cast<char>(key.front() - 'a' + 'A');
      made.emplace(key, value ? renamed_keys(*value, true) : json::Value(nullptr));
    }
  }
  return internal;
}

void drop_annotations(json::Object& autoscaler) {
  json::Object* metadata = object_of(autoscaler, "metadata");
  json::Object* annotations = metadata ? object_of(*metadata, "annotations") : nullptr;
  if (!annotations) return;
  for (std::string_view name : round_trip_annotations) annotations->erase(name);
  if (annotations->empty()) metadata->erase("annotations");
}

// What an annotation holds, when it can be read; as Kubernetes does, an unreadable one says nothing.
std::optional<json::Value> annotated(json::Object& autoscaler, std::string_view name) {
  constexpr json::ParseOptions options{.max_depth = 32};  // metrics nest eight deep
  json::Object* metadata = object_of(autoscaler, "metadata");
  json::Object* annotations = metadata ? object_of(*metadata, "annotations") : nullptr;
  if (!annotations || !annotations->contains(name)) return std::nullopt;
  auto parsed = json::parse(text_of(*annotations, name), autoscaler.storage(), options);
  if (!parsed) return std::nullopt;
  return std::move(*parsed);
}

// What came out of an annotation is decoded as if it stood at its place in version 2; nothing when it does not fit.
std::optional<json::Value> decoded(std::string_view section, std::string_view field, json::Value value) {
  json::Object part;
  part.emplace(field, std::move(value));
  json::Value probe(json::Object{});
  probe.get_object().emplace(section, std::move(part));
  if (!decode(probe, {"autoscaling", "v2", "HorizontalPodAutoscaler"}, FieldValidation::ignore)) return std::nullopt;
  const json::Value* kept = json::find_path(probe, {section, field});
  return kept ? std::optional<json::Value>(*kept) : std::nullopt;
}

// All of them before references into the object are taken: members move when one is added.
void make_sections(json::Object& autoscaler) {
  for (const char* section : {"metadata", "spec", "status"}) made_object(autoscaler, section);
}

void annotate(json::Object& autoscaler, std::string_view name, const json::Value& value) {
  std::string text;
  json::write(value, text);
  made_object(made_object(autoscaler, "metadata"), "annotations")[name] = text;
}

json::Value cpu_metric(std::string_view structure, json::Object measured) {
  json::Object resource{{"name", "cpu"}};
  resource.emplace(structure, std::move(measured));
  return json::Object{{"type", "Resource"}, {"resource", std::move(resource)}};
}

}  // namespace

void autoscaler_to_v2(json::Object& autoscaler) {
  constexpr int usual_utilization = 80;
  make_sections(autoscaler);
  json::Object& spec = *object_of(autoscaler, "spec");
  json::Object& status = *object_of(autoscaler, "status");
  json::Array metrics;
  if (auto others = annotated(autoscaler, metrics_annotation); others && others->is_array()) {
    for (const json::Value& metric : others->get_array()) metrics.push_back(metric_to_v2(metric, spec_fields, true));
    auto fitting = decoded("spec", "metrics", std::move(metrics));
    metrics = fitting && fitting->is_array() ? std::move(fitting->get_array()) : json::Array();
  }
  const json::Value* target = spec.if_contains("targetCPUUtilizationPercentage");
  if (target || metrics.empty())
    metrics.push_back(cpu_metric(
        "target",
        {{"type", "Utilization"}, {"averageUtilization", target ? *target : json::Value(usual_utilization)}}));
  spec.erase("targetCPUUtilizationPercentage");
  spec["metrics"] = std::move(metrics);
  if (auto behavior = annotated(autoscaler, behavior_annotation); behavior && behavior->is_object())
    if (auto fitting = decoded("spec", "behavior", renamed_keys(*behavior, false));
        fitting && fitting->is_object() && !fitting->get_object().empty())
      spec["behavior"] = std::move(*fitting);

  json::Value current(nullptr);
  if (const json::Value* utilization = status.if_contains("currentCPUUtilizationPercentage"))
    current = json::Array{cpu_metric("current", {{"averageUtilization", *utilization}})};
  if (auto statuses = annotated(autoscaler, statuses_annotation); statuses && statuses->is_array()) {
    json::Array converted;
    for (const json::Value& metric : statuses->get_array())
      converted.push_back(metric_to_v2(metric, status_fields, false));
    if (auto fitting = decoded("status", "currentMetrics", std::move(converted))) current = std::move(*fitting);
  }
  status.erase("currentCPUUtilizationPercentage");
  if (const json::Value* replicas = status.if_contains("currentReplicas"); replicas && *replicas == json::Value(0))
    status.erase("currentReplicas");
  set_missing(status, "desiredReplicas", 0);
  status["currentMetrics"] = std::move(current);
  if (auto conditions = annotated(autoscaler, conditions_annotation); conditions && conditions->is_array())
    if (auto fitting = decoded("status", "conditions", std::move(*conditions)))
      status["conditions"] = std::move(*fitting);
  drop_annotations(autoscaler);
}

void autoscaler_to_v1(json::Object& autoscaler) {
  drop_annotations(autoscaler);
  make_sections(autoscaler);
  json::Object& spec = *object_of(autoscaler, "spec");
  json::Object& status = *object_of(autoscaler, "status");
  json::Array others;
  if (json::Array* metrics = array_of(spec, "metrics")) {
    for (const json::Value& metric : *metrics) {
      if (!is_cpu_utilization(metric, "target"))
        others.push_back(metric_to_v1(metric, spec_fields));
      else if (!spec.contains("targetCPUUtilizationPercentage"))
        spec["targetCPUUtilizationPercentage"] = *json::find_path(metric, {"resource", "target", "averageUtilization"});
    }
  }
  spec.erase("metrics");
  if (!others.empty()) annotate(autoscaler, metrics_annotation, others);

  json::Array statuses;
  if (json::Array* metrics = array_of(status, "currentMetrics")) {
    for (const json::Value& metric : *metrics) {
      statuses.push_back(metric_to_v1(metric, status_fields));
      if (is_cpu_utilization(metric, "current"))
        status["currentCPUUtilizationPercentage"] =
            *json::find_path(metric, {"resource", "current", "averageUtilization"});
    }
  }
  status.erase("currentMetrics");
  if (!statuses.empty()) annotate(autoscaler, statuses_annotation, statuses);
  if (json::Object* behavior = object_of(spec, "behavior")) {
    annotate(autoscaler, behavior_annotation, internal_behavior(*behavior));
    spec.erase("behavior");
  }
  if (json::Array* conditions = array_of(status, "conditions"); conditions && !conditions->empty())
    annotate(autoscaler, conditions_annotation, *conditions);
  status.erase("conditions");
  set_missing(status, "currentReplicas", 0);
  set_missing(status, "desiredReplicas", 0);
}

}  // namespace gatepost::kube
