#include "kube/schema/default_hooks.h"

namespace gatepost::kube {
namespace {

json::Value scaling_policy(std::string_view type, int value) {
  constexpr int period_seconds = 15;
  return json::Object{{"type", type}, {"value", value}, {"periodSeconds", period_seconds}};
}

}  // namespace

void default_deployment_strategy(json::Object& strategy) {
  if (text_of(strategy, "type") != "RollingUpdate") return;
  json::Object& rolling = made_object(strategy, "rollingUpdate");
  set_missing(rolling, "maxUnavailable", "25%");
  set_missing(rolling, "maxSurge", "25%");
}

// The internal version holds it as a number, which every object of version 1 is converted from.
void default_template_generation(json::Object& annotations) {
  json::Value& generation = annotations["deprecated.daemonset.template.generation"];
  if (generation.is_null()) generation = "0";
}

void default_daemon_set_strategy(json::Object& strategy) {
  if (text_of(strategy, "type") != "RollingUpdate") return;
  json::Object& rolling = made_object(strategy, "rollingUpdate");
  set_missing(rolling, "maxUnavailable", 1);
  set_missing(rolling, "maxSurge", 0);
}

// A strategy that names RollingUpdate but says nothing of it stays so.
void default_stateful_set_strategy(json::Object& strategy) {
  if (text_of(strategy, "type").empty()) {
    strategy["type"] = "RollingUpdate";
    made_object(strategy, "rollingUpdate");
  }
  if (text_of(strategy, "type") != "RollingUpdate") return;
  if (json::Object* rolling = object_of(strategy, "rollingUpdate")) set_missing(*rolling, "partition", 0);
}

void default_labels_of_template(json::Object& controller) {
  json::Object& spec = made_object(controller, "spec");
  json::Object* pods = object_of(spec, "template");
  json::Object* metadata = pods ? object_of(*pods, "metadata") : nullptr;
  json::Object* labels = metadata ? object_of(*metadata, "labels") : nullptr;
  if (!labels) return;
  json::Value copied(*labels, labels->storage());
  json::Object* selector = object_of(spec, "selector");
  if (!selector || selector->empty()) spec["selector"] = copied;
  json::Object& own = made_object(controller, "metadata");
  json::Object* own_labels = object_of(own, "labels");
  if (!own_labels || own_labels->empty()) own["labels"] = copied;
}

void default_job_spec(json::Object& spec) {
  if (!spec.contains("completions") && !spec.contains("parallelism")) spec.emplace("completions", 1);
  set_missing(spec, "parallelism", 1);
  constexpr int unlimited = 2147483647, usual = 6;
  set_missing(spec, "backoffLimit", spec.contains("backoffLimitPerIndex") ? unlimited : usual);
  set_missing(spec, "completionMode", "NonIndexed");
  set_missing(spec, "suspend", false);
  set_missing(spec, "podReplacementPolicy", spec.contains("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
  set_missing(spec, "manualSelector", false);
}

void default_autoscaler(json::Object& spec) {
  constexpr int usual_utilization = 80;
  json::Array* metrics = array_of(spec, "metrics");
  if (!metrics || metrics->empty()) {
    json::Object target{{"type", "Utilization"}, {"averageUtilization", usual_utilization}};
    json::Object resource{{"name", "cpu"}, {"target", std::move(target)}};
    spec["metrics"] = json::Array{json::Object{{"type", "Resource"}, {"resource", std::move(resource)}}};
  }
  json::Object* behavior = object_of(spec, "behavior");
  if (!behavior) return;
  json::Object& up = made_object(*behavior, "scaleUp");
  set_missing(up, "stabilizationWindowSeconds", 0);
  set_missing(up, "selectPolicy", "Max");
  if (!up.contains("policies"))
    up.emplace("policies", json::Array{scaling_policy("Pods", 4), scaling_policy("Percent", 100)});
  json::Object& down = made_object(*behavior, "scaleDown");
  set_missing(down, "selectPolicy", "Max");
  if (!down.contains("policies")) down.emplace("policies", json::Array{scaling_policy("Percent", 100)});
}

// autoscaling/v1 holds other metrics in an annotation; without any, the target is the usual one.
void default_autoscaler_v1_target(json::Object& autoscaler) {
  constexpr int usual_utilization = 80;
  json::Object* metadata = object_of(autoscaler, "metadata");
  json::Object* annotations = metadata ? object_of(*metadata, "annotations") : nullptr;
  if (annotations && annotations->contains("autoscaling.alpha.kubernetes.io/metrics")) return;
  if (json::Object* spec = object_of(autoscaler, "spec"))
    set_missing(*spec, "targetCPUUtilizationPercentage", usual_utilization);
}

}  // namespace gatepost::kube
