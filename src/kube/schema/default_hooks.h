// Defaults that depend on other fields: code behind the rules of data/defaults.rules. Each sees the structure its rule
// is written for.
#pragma once

#include <utility>

#include "json/value.h"

namespace gatepost::kube {

// Pods (default_pod.cpp)
void default_pod_spec(json::Object& spec);
void default_service_account(json::Object& spec);
void default_image_pull_policy(json::Object& container);
void default_image_volume_pull_policy(json::Object& image);
void default_volume_source(json::Object& volume);

// Quantities finer than a thousandth are rounded up to it.
void default_resource_list(json::Object& resources);

// Workloads (default_workload.cpp)
void default_deployment_strategy(json::Object& strategy);
void default_daemon_set_strategy(json::Object& strategy);
void default_template_generation(json::Object& annotations);
void default_stateful_set_strategy(json::Object& strategy);
void default_labels_of_template(json::Object& replication_controller);
void default_job_spec(json::Object& spec);
void default_autoscaler(json::Object& spec);
void default_autoscaler_v1_target(json::Object& autoscaler);

// Services, namespaces and the rest (default_hooks.cpp has these and the table of names)

// Small helpers of all of them.
std::string_view text_of(const json::Object& object, std::string_view key);
json::Object* object_of(json::Object& object, std::string_view key);
json::Object& made_object(json::Object& object, std::string_view key);
json::Array* array_of(json::Object& object, std::string_view key);
// `value` is built in the object's own memory, and only when it is needed.
template <class Value>
void set_missing(json::Object& object, std::string_view key, Value&& value) {
  if (!object.contains(key)) object.emplace(key, std::forward<Value>(value));
}

}  // namespace gatepost::kube
