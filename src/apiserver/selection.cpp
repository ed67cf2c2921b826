#include "apiserver/selection.h"

#include <algorithm>

#include "json/parse.h"
#include "json/write.h"
#include "kube/crd/definition.h"

namespace gatepost::apiserver {
namespace {

struct SelectableFields {
  std::string_view collection;
  std::vector<std::string_view> fields;
};

// Field labels beyond metadata.name and metadata.namespace (kube-apiserver's conversion functions and GetAttrs).
const std::vector<SelectableFields>& selectable_fields() {
  static const std::vector<SelectableFields> table{
      {"/pods",
       {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"}},
      {"/events",
       {"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
        "reportingComponent", "source", "type"}},
      {"/secrets", {"type"}},
      {"/namespaces", {"status.phase"}},
      {"/nodes", {"spec.unschedulable"}},
      {"/services", {"spec.clusterIP", "spec.type"}},
      {"/replicationcontrollers", {"status.replicas"}},
      {"apps/replicasets", {"status.replicas"}},
      {"batch/jobs", {"status.successful"}},
      {"certificates.k8s.io/certificatesigningrequests", {"spec.signerName"}},
  };
  return table;
}

bool is_key_field(std::string_view field) {
  return field == "metadata.name" || field == "metadata.namespace";
}

kube::ApiResult<void> check_fields(const kube::FieldSelector& selector, const kube::ResourceInfo& resource) {
  const auto& table = selectable_fields();
  auto row =
      std::find_if(table.begin(), table.end(), [&](const auto& r) { return r.collection == resource.collection; });
  for (const auto& requirement : selector.requirements()) {
    if (is_key_field(requirement.field)) continue;
    if (const kube::crd::Version* version = resource.version_of_definition) {
      const auto& names = version->selectable_names;
      if (std::find(names.begin(), names.end(), requirement.field) != names.end()) continue;
      return fail_with(kube::bad_request("field label not supported: " + requirement.field));
    }
    if (row == table.end())
      return fail_with(
          kube::bad_request("\"" + requirement.field +
                            "\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""));
    if (std::find(row->fields.begin(), row->fields.end(), requirement.field) == row->fields.end())
      return fail_with(kube::bad_request("field label not supported: " + requirement.field));
  }
  return {};
}

// The value at a dotted path as a field selector sees it: numbers and booleans as text, absent as what it defaults to.
std::string field_value(const json::Value& object, std::string_view field) {
  const json::Value* at = &object;
  std::string_view path = field;
  while (at && !path.empty()) {
    std::size_t dot = path.find('.');
    at = json::find(*at, path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  if (!at || at->is_null()) {
    if (field == "spec.unschedulable" || field == "spec.hostNetwork") return "false";
    if (field == "status.replicas" || field == "status.successful") return "0";
    return "";
  }
  if (at->is_string()) return std::string(json::view(at->get_string()));
  if (field == "source") return std::string(json::string_at(object, {"source", "component"}));
  return json::write(*at);
}

// The value of a selectable field of a custom resource, as Go prints it.
std::string custom_field_value(const kube::crd::Version& version, const json::Value& object, std::string_view field) {
  for (std::size_t i = 0; i < version.selectable_names.size(); ++i) {
    if (version.selectable_names[i] != field) continue;
    std::vector<const json::Value*> found = version.selectable[i].find(object);
    return found.empty() || found.front()->is_null() ? std::string() : kube::crd::printed(*found.front());
  }
  return {};
}

}  // namespace

kube::ApiResult<Selection> Selection::read(const Call& call) {
  Selection selection;
  selection.ns_ = call.resource->namespaced ? call.info.ns : "";
  selection.version_ = call.resource->version_of_definition;
  if (!call.info.label_selector.empty()) {
    auto labels = kube::LabelSelector::parse(call.info.label_selector);
    if (!labels) return fail_with(kube::bad_request(labels.error().text));
    selection.labels_ = std::move(*labels);
  }
  if (!call.info.field_selector.empty()) {
    auto fields = kube::FieldSelector::parse(call.info.field_selector);
    if (!fields) return fail_with(kube::bad_request(fields.error().text));
    selection.fields_ = std::move(*fields);
    if (auto known = check_fields(selection.fields_, *call.resource); !known)
      return fail_with(std::move(known.error()));
  }
  const auto& requirements = selection.fields_.requirements();
  selection.needs_document_ =
      !selection.labels_.everything() ||
      std::any_of(requirements.begin(), requirements.end(), [](const auto& r) { return !is_key_field(r.field); });
  return selection;
}

bool Selection::by_name_only(std::string& name) const {
  if (needs_document_ || ns_.empty()) return false;
  const auto& requirements = fields_.requirements();
  if (requirements.size() != 1 || requirements[0].field != "metadata.name" || !requirements[0].equals) return false;
  name = requirements[0].value;
  return true;
}

bool Selection::matches(const storage::Key& key, const std::string& bytes) const {
  if (everything()) return true;
  std::optional<json::Value> document;
  if (needs_document_) {
    auto parsed = json::parse(bytes, json::make_arena(bytes.size() * 2));
    if (!parsed) return false;
    document = std::move(*parsed);
    if (!labels_.matches(json::object_at(*document, {"metadata", "labels"}))) return false;
  }
  return fields_.matches([&](std::string_view field) -> std::string {
    if (field == "metadata.name") return key.name;
    if (field == "metadata.namespace") return key.ns;
    if (!document) return {};
    return version_ ? custom_field_value(*version_, *document, field) : field_value(*document, field);
  });
}

}  // namespace gatepost::apiserver
