#include "apiserver/selectable_fields.h"

#include <algorithm>
#include <vector>

namespace gatepost::apiserver {
namespace {

struct Field {
  std::string_view name, stored{};  // stored: where it differs
};

struct Row {
  std::string_view group, resource;
  std::vector<Field> fields;
  std::string_view refusal = "field label not supported: {}";
};

const std::vector<Row>& table() {
  static const std::vector<Row> rows{
      {"",
       "pods",
       {{"metadata.name"},
        {"metadata.namespace"},
        {"spec.nodeName"},
        {"spec.restartPolicy"},
        {"spec.schedulerName"},
        {"spec.serviceAccountName"},
        {"spec.hostNetwork"},
        {"status.phase"},
        {"status.podIP"},
        {"status.podIPs"},
        {"status.nominatedNodeName"},
        {"spec.host", "spec.nodeName"}}},
      {"", "nodes", {{"metadata.name"}, {"spec.unschedulable"}}},
      {"", "replicationcontrollers", {{"metadata.name"}, {"metadata.namespace"}, {"status.replicas"}}},
      {"",
       "events",
       {{"involvedObject.kind"},
        {"involvedObject.namespace"},
        {"involvedObject.name"},
        {"involvedObject.uid"},
        {"involvedObject.apiVersion"},
        {"involvedObject.resourceVersion"},
        {"involvedObject.fieldPath"},
        {"reason"},
        {"reportingComponent"},
        {"source"},
        {"type"},
        {"metadata.namespace"},
        {"metadata.name"}}},
      {"events.k8s.io",
       "events",
       {{"reason"},
        {"regarding.kind", "involvedObject.kind"},
        {"regarding.namespace", "involvedObject.namespace"},
        {"regarding.name", "involvedObject.name"},
        {"regarding.uid", "involvedObject.uid"},
        {"regarding.apiVersion", "involvedObject.apiVersion"},
        {"regarding.resourceVersion", "involvedObject.resourceVersion"},
        {"regarding.fieldPath", "involvedObject.fieldPath"},
        {"reportingController", "reportingComponent"},
        {"type"},
        {"metadata.namespace"},
        {"metadata.name"}}},
      {"", "namespaces", {{"status.phase"}, {"metadata.name"}}},
      {"", "secrets", {{"type"}, {"metadata.namespace"}, {"metadata.name"}}},
      {"", "services", {{"metadata.namespace"}, {"metadata.name"}, {"spec.clusterIP"}, {"spec.type"}}},
      {"batch",
       "jobs",
       {{"metadata.name"}, {"metadata.namespace"}, {"status.successful"}},
       "field label \"{}\" not supported for Job"},
      {"certificates.k8s.io", "certificatesigningrequests", {{"metadata.name"}, {"spec.signerName"}}},
      {"resource.k8s.io",
       "resourceslices",
       {{"metadata.name"}, {"spec.nodeName"}, {"spec.driver"}},
       "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: {}"},
  };
  return rows;
}

std::string filled(std::string_view text, const std::string& field) {
  std::string out(text);
  return out.replace(out.find("{}"), 2, field);
}

}  // namespace

kube::ApiResult<std::string> stored_field(const kube::ResourceInfo& resource, const std::string& field) {
  const auto& rows = table();
  auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& one) {
    return one.group == resource.group && one.resource == resource.resource;
  });
  if (row == rows.end()) {
    if (field == "metadata.name" || field == "metadata.namespace") return field;
    return fail_with(kube::bad_request(
        "\"" + field + "\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""));
  }
  auto found =
      std::find_if(row->fields.begin(), row->fields.end(), [&](const Field& one) { return one.name == field; });
  if (found == row->fields.end()) return fail_with(kube::bad_request(filled(row->refusal, field)));
  return std::string(found->stored.empty() ? found->name : found->stored);
}

}  // namespace gatepost::apiserver
