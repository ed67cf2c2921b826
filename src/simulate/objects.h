// Reading and building of the objects that several controllers touch: pods, conditions, owner references.
#pragma once

#include <map>
#include <string>

#include "simulate/controller.h"

namespace gatepost::simulate {

// Annotations by which a pod (or its template) tells the kubelet stand-in how it behaves.
namespace behaviour {
inline constexpr std::string_view start_delay = "simulate.gatepost.dev/start-delay";  // a duration, such as 3s
inline constexpr std::string_view ready_delay = "simulate.gatepost.dev/ready-delay";  // after the start; "never"
inline constexpr std::string_view crash_after = "simulate.gatepost.dev/crash-after";  // a duration: then exit code 1
inline constexpr std::string_view run_for = "simulate.gatepost.dev/run-for";          // a duration: then exit code 0
inline constexpr std::string_view address = "simulate.gatepost.dev/address";          // the pod's IP: a real listener's
// On a node: its kubelet is gone.
inline constexpr std::string_view lost = "simulate.gatepost.dev/lost";
}  // namespace behaviour

std::string annotation(const json::Value& object, std::string_view name);

// The object of `item` in memory of its own, to be changed.
json::Value copy_of(const Item& item);
json::Object& child(json::Object& parent, std::string_view name);  // made where it is missing
json::Object& status_of(json::Value& object);

bool is_active(const Item& pod);    // neither ended nor being deleted
bool is_finished(const Item& pod);  // Succeeded or Failed
bool is_ready(const Item& pod);     // condition Ready is True
std::string_view phase_of(const Item& pod);
std::string_view condition_status(const json::Value& object, std::string_view type);
// Sets status.conditions[type]; true when status, reason or message are others than before. lastTransitionTime changes
// with the status alone.
bool set_condition(json::Value& object, std::string_view type, std::string_view status, std::string_view reason,
                   std::string_view message, WallTime now);
bool drop_condition(json::Value& object, std::string_view type);

// A pod made of a workload's template: labels, annotations, owner reference. `generate_name` or `name` is empty.
json::Value pod_of_template(const Item& owner, std::string_view api_version, std::string_view kind,
                            std::string generate_name, std::string name);

// The status of a node that is well: conditions, and room for 110 pods of any size.
json::Object node_status();

// A short hash of a template, as Kubernetes' names carry it; the same for the same template.
std::string template_hash(const json::Value& value);

// A number, or the percentage of `total` that a text says, rounded up or down.
enum class Rounding { up, down };
std::int64_t scaled(const json::Value* value, std::int64_t total, Rounding rounding, std::int64_t otherwise);

// "3s" and the like; `otherwise` where it is no duration.
std::chrono::milliseconds duration_or(std::string_view text, std::chrono::milliseconds otherwise);

// Whether two objects of a built-in kind are the same once the API server has read them: empty lists and absent ones
// are.
bool same_as_stored(const json::Value& a, const json::Value& b, std::string_view group, std::string_view version,
                    std::string_view kind);

Write update_write(const Item& item, json::Value object, std::string subresource, std::string user);
Write remove_write(const Item& item, std::string user);

// Creates pods for `owner` as ReplicaSets and Jobs do: in batches that double, stopping at the first failure, with the
// events they write. The result is the failure.
net::Task<kube::ApiResult<void>> create_pods(Api* api, ItemPtr owner, std::string api_version, std::string kind,
                                             std::string account, std::int64_t count);
// One deletion with its event.
net::Task<kube::ApiResult<void>> delete_pod(Api* api, ItemPtr owner, std::string api_version, std::string kind,
                                            std::string account, ItemPtr pod);

}  // namespace gatepost::simulate
