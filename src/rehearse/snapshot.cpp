#include "rehearse/snapshot.h"

#include "base/random.h"
#include "json/write.h"
#include "rehearse/input.h"

namespace gatepost::rehearse {
namespace {

enum class Need { required, optional };  // optional: what a cluster may lack

struct Part {
  const char* prefix;
  const char* resource;
  const char* api_version;
  const char* kind;
  Need need = Need::required;
};

constexpr Part parts[] = {
    {"/apis/admissionregistration.k8s.io/v1/", "validatingwebhookconfigurations", "admissionregistration.k8s.io/v1",
     "ValidatingWebhookConfiguration"},
    {"/apis/admissionregistration.k8s.io/v1/", "mutatingwebhookconfigurations", "admissionregistration.k8s.io/v1",
     "MutatingWebhookConfiguration"},
    {"/api/v1/", "namespaces", "v1", "Namespace"},
    {"/api/v1/", "nodes", "v1", "Node"},
    {"/api/v1/", "services", "v1", "Service"},
    {"/apis/discovery.k8s.io/v1/", "endpointslices", "discovery.k8s.io/v1", "EndpointSlice"},
    {"/apis/apps/v1/", "deployments", "apps/v1", "Deployment"},
    {"/apis/apps/v1/", "statefulsets", "apps/v1", "StatefulSet"},
    {"/apis/apps/v1/", "daemonsets", "apps/v1", "DaemonSet"},
    {"/apis/apps/v1/", "replicasets", "apps/v1", "ReplicaSet"},
    {"/api/v1/", "pods", "v1", "Pod"},
    {"/apis/policy/v1/", "poddisruptionbudgets", "policy/v1", "PodDisruptionBudget"},
    {"/apis/admissionregistration.k8s.io/v1/", "validatingadmissionpolicies", "admissionregistration.k8s.io/v1",
     "ValidatingAdmissionPolicy", Need::optional},
    {"/apis/admissionregistration.k8s.io/v1/", "validatingadmissionpolicybindings", "admissionregistration.k8s.io/v1",
     "ValidatingAdmissionPolicyBinding", Need::optional},
    {"/apis/admissionregistration.k8s.io/v1/", "mutatingadmissionpolicies", "admissionregistration.k8s.io/v1",
     "MutatingAdmissionPolicy", Need::optional},
    {"/apis/admissionregistration.k8s.io/v1/", "mutatingadmissionpolicybindings", "admissionregistration.k8s.io/v1",
     "MutatingAdmissionPolicyBinding", Need::optional},
};

// A ReplicaSet that a rollout left behind says nothing.
bool is_idle(const json::Value& object) {
  return json::string_at(object, {"kind"}) == "ReplicaSet" && json::int_at(object, {"spec", "replicas"}) == 0 &&
         json::int_at(object, {"status", "replicas"}) == 0;
}

// All pages of a list.
net::Task<Result<void>> read_part(client::Rest* rest, const Part* part, std::vector<json::Value>* into) {
  const std::string path = std::string(part->prefix) + part->resource;
  std::string next;
  do {
    auto reply = co_await rest->call("GET", path + "?limit=500" + (next.empty() ? "" : "&continue=" + next));
    if (!reply) co_return fail_with(std::move(reply.error()));
    if (reply->status != 200) co_return fail("GET " + path + ": " + reply->text);
    next = json::string_at(reply->body, {"metadata", "continue"});
    const json::Array* items = json::array_at(reply->body, {"items"});
    if (!items) break;
    for (const json::Value& item : *items) {
      json::Value whole(item, json::make_arena());
      if (!whole.is_object()) continue;
      whole.get_object()["kind"] = part->kind;
      whole.get_object()["apiVersion"] = part->api_version;
      if (!is_idle(whole)) into->push_back(kept_part(whole));
    }
  } while (!next.empty());
  co_return Result<void>{};
}

}  // namespace

net::Task<Result<Snapshot>> take_snapshot(client::Rest* rest, SnapshotOptions options) {
  Snapshot out;
  std::vector<json::Value> objects;
  for (const Part& part : parts) {
    auto read = co_await read_part(rest, &part, &objects);
    if (!read) {
      // Without configurations there is nothing to rehearse.
      if (std::string_view(part.resource).ends_with("webhookconfigurations"))
        co_return fail_with(std::move(read.error()));
      if (part.need == Need::required) out.unread.push_back(read.error().text);
    }
    if (options.progress) options.progress(part.resource, objects.size());
  }
  if (options.mask) mask_names(objects, random_uuid());
  json::Array unread;
  for (const std::string& line : out.unread) unread.emplace_back(line);
  json::Object head{{"schema", snapshot_schema},
                    {"takenAt", rfc3339(options.now)},
                    {"masked", options.mask},
                    {"unread", std::move(unread)}};
  out.text = json::write(json::Value(std::move(head)));
  out.text.pop_back();
  out.text += ",\"objects\":[\n";
  for (std::size_t i = 0; i < objects.size(); ++i) {
    json::write(objects[i], out.text);
    out.text += i + 1 < objects.size() ? ",\n" : "\n";
  }
  // Last, so that half a file is known by it.
  out.text += "],\"complete\":true}\n";
  out.objects = objects.size();
  co_return out;
}

}  // namespace gatepost::rehearse
