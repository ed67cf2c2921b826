#include "kube/validation/validate.h"

#include <unordered_map>

#include "kube/crd/object.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"

namespace gatepost::kube {
namespace {

constexpr std::string_view admission_group = "admissionregistration.k8s.io", lease_group = "coordination.k8s.io";

using Table = std::unordered_map<std::string, const KindRules*>;

Table make_table() {
  Table table;
  for (auto rows :
       {webhook_rules(), policy_rules(),          pod_rules(),        service_rules(),     core_rules(),
        apps_rules(),    batch_rules(),           networking_rules(), autoscaling_rules(), rbac_rules(),
        cluster_rules(), custom_resource_rules(), quota_rules(),      node_rules(),        event_rules(),
        storage_rules(), storage_class_rules(),   flow_rules(),       certificate_rules(), service_network_rules()})
    for (const KindRules& row : rows) table.emplace(std::string(row.group) + "/" + std::string(row.kind), &row);
  return table;
}

const KindRules* rules_of(const ResourceInfo& resource) {
  static const Table table = make_table();
  auto found = table.find(resource.group + "/" + resource.kind);
  return found == table.end() ? nullptr : found->second;
}

Finalizers finalizers_of(const ResourceInfo& resource) {
  bool free = resource.group == admission_group || resource.group == lease_group ||
              (resource.group.empty() && resource.kind == "Event") || resource.kind == "PodDisruptionBudget";
  return free ? Finalizers::any : Finalizers::known;
}

}  // namespace

std::vector<FieldError> validate_create(const json::Value& object, const ResourceInfo& resource) {
  if (resource.definition) return crd::validate_create(object, resource);
  Errors errors;
  Field root(&object);
  const KindRules* rules = rules_of(resource);
  if (rules && rules->before_metadata) rules->before_metadata(errors, root);
  if (!errors.empty() && !rules->create) return errors.take();
  validate_metadata(errors, root["metadata"], resource.namespaced, name_form(resource), finalizers_of(resource));
  if (rules && rules->create) rules->create(errors, root);
  return errors.take();
}

std::vector<FieldError> validate_update(const json::Value& object, const json::Value& old_object,
                                        const ResourceInfo& resource, std::string_view subresource,
                                        std::vector<std::string>* warnings) {
  if (resource.definition) return crd::validate_update(object, old_object, resource, subresource, warnings);
  Errors errors;
  Field root(&object), old_root(&old_object);
  // What the API server asks of every change, before the kind's own rules.
  validate_metadata(errors, root["metadata"], resource.namespaced, formats::path_segment, Finalizers::any);
  validate_metadata_update(errors, root["metadata"], old_root["metadata"], Finalizers::any);
  const KindRules* rules = rules_of(resource);
  if (!rules || rules->update_judges_metadata)
    validate_metadata_update(errors, root["metadata"], old_root["metadata"], finalizers_of(resource));
  if (subresource == "ephemeralcontainers") update_ephemeral_containers(errors, root, old_root);
  if (!rules || !subresource.empty()) return errors.take();
  if (rules->update_judges_whole) {
    validate_metadata(errors, root["metadata"], resource.namespaced, name_form(resource), finalizers_of(resource));
    if (rules->create) rules->create(errors, root);
  }
  if (rules->update) rules->update(errors, root, old_root);
  return errors.take();
}

}  // namespace gatepost::kube
