#include "remedy/tell.h"

#include "base/random.h"
#include "base/time.h"

namespace gatepost::remedy {
namespace {

constexpr std::size_t longest_message = 1000;  // the API takes 1024 bytes

}  // namespace

net::Task<void> tell_object(Api* api, ObjectRef ref, json::Value object, Repair repair, std::string what) {
  const std::string ns = ref.ns.empty() ? "default" : ref.ns;
  const std::string now = rfc3339(std::chrono::system_clock::now());
  json::Object metadata;
  metadata["name"] = ref.name + ".gatepost-" + random_name_suffix() + random_name_suffix();
  metadata["namespace"] = ns;
  json::Object involved;
  involved["apiVersion"] = ref.api_version;
  involved["kind"] = ref.kind;
  involved["name"] = ref.name;
  if (!ref.ns.empty()) involved["namespace"] = ref.ns;
  involved["uid"] = uid_of(object);
  json::Object source;
  source["component"] = field_manager;
  json::Object event;
  event["apiVersion"] = "v1";
  event["kind"] = "Event";
  event["metadata"] = std::move(metadata);
  event["involvedObject"] = std::move(involved);
  event["reason"] = "Repaired";
  event["message"] = (repair.remedy + " for webhook " + repair.webhook + ": " + what).substr(0, longest_message);
  event["type"] = "Normal";
  event["source"] = std::move(source);
  event["firstTimestamp"] = now;
  event["lastTimestamp"] = now;
  event["count"] = 1;
  (void)co_await api->create({"v1", "Event", ns, ""}, json::Value(std::move(event)), DryRun::no);
}

}  // namespace gatepost::remedy
