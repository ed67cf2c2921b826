// Rows of admissionregistration.k8s.io, RBAC, leases, classes and the other kinds that mostly configure.
#include "apiserver/table/cells.h"
#include "apiserver/table/human_duration.h"

namespace gatepost::apiserver {
namespace {

std::int64_t size_at(const json::Value& object, std::initializer_list<std::string_view> path) {
  const json::Array* list = json::array_at(object, path);
  return list ? static_cast<std::int64_t>(list->size()) : 0;
}

void name_and_age(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.age(created(object));
}

void name_and_created(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.text(created(object));
}

void webhook_configuration(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.number(size_at(object, {"webhooks"}));
  row.age(created(object));
}

std::string param_kind(const json::Value& object) {
  if (!json::object_at(object, {"spec", "paramKind"})) return "<unset>";
  return std::string(json::string_at(object, {"spec", "paramKind", "apiVersion"})) + "/" +
         std::string(json::string_at(object, {"spec", "paramKind", "kind"}));
}

void validating_policy(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.number(size_at(object, {"spec", "validations"}));
  row.text(param_kind(object));
  row.age(created(object));
}

void mutating_policy(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.number(size_at(object, {"spec", "mutations"}));
  row.text(param_kind(object));
  row.age(created(object));
}

void policy_binding(const json::Value& object, Row& row) {
  std::string param = "<unset>";
  if (json::object_at(object, {"spec", "paramRef"})) {
    std::string_view ns = json::string_at(object, {"spec", "paramRef", "namespace"});
    std::string_view name = json::string_at(object, {"spec", "paramRef", "name"});
    const json::Value* selector = json::find_path(object, {"spec", "paramRef", "selector"});
    param = !name.empty() ? (ns.empty() ? "*" : std::string(ns)) + "/" + std::string(name) : selector_cell(selector);
  }
  row.text(name_of(object));
  row.text(json::string_at(object, {"spec", "policyName"}));
  row.text(param);
  row.age(created(object));
}

void role_binding(const json::Value& object, Row& row) {
  std::vector<std::string> users, groups, accounts;
  if (const json::Array* subjects = json::array_at(object, {"subjects"}))
    for (const json::Value& subject : *subjects) {
      std::string_view kind = json::string_at(subject, {"kind"});
      std::string name(json::string_at(subject, {"name"}));
      if (kind == "User") users.push_back(name);
      if (kind == "Group") groups.push_back(name);
      if (kind == "ServiceAccount")
        accounts.push_back(std::string(json::string_at(subject, {"namespace"})) + "/" + name);
    }
  row.text(name_of(object));
  row.text(std::string(json::string_at(object, {"roleRef", "kind"})) + "/" +
           std::string(json::string_at(object, {"roleRef", "name"})));
  row.age(created(object));
  row.text(joined(users, ", ", ""));
  row.text(joined(groups, ", ", ""));
  row.text(joined(accounts, ", ", ""));
}

void lease(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.text(json::string_at(object, {"spec", "holderIdentity"}));
  row.age(created(object));
}

void priority_class(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.number(json::int_at(object, {"value"}));
  row.boolean(json::bool_at(object, {"globalDefault"}));
  row.age(created(object));
  row.text(json::string_at(object, {"preemptionPolicy"}));
}

void storage_class(const json::Value& object, Row& row) {
  auto or_unset = [&](std::string_view text) { row.text(text.empty() ? "<unset>" : text); };
  std::string name(name_of(object));
  if (json::string_at(object, {"metadata", "annotations", "storageclass.kubernetes.io/is-default-class"}) == "true")
    name += " (default)";
  std::string_view reclaim = json::string_at(object, {"reclaimPolicy"});
  row.text(name);
  row.text(json::string_at(object, {"provisioner"}));
  row.text(reclaim.empty() ? "Delete" : reclaim);
  or_unset(json::string_at(object, {"volumeBindingMode"}));
  row.boolean(json::bool_at(object, {"allowVolumeExpansion"}));
  row.age(created(object));
}

void runtime_class(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.text(json::string_at(object, {"handler"}));
  row.age(created(object));
}

void api_service(const json::Value& object, Row& row) {
  std::string service = "Local", available = "Unknown";
  if (json::object_at(object, {"spec", "service"}))
    service = std::string(json::string_at(object, {"spec", "service", "namespace"})) + "/" +
              std::string(json::string_at(object, {"spec", "service", "name"}));
  if (const json::Array* conditions = json::array_at(object, {"status", "conditions"}))
    for (const json::Value& condition : *conditions)
      if (json::string_at(condition, {"type"}) == "Available") {
        available = json::string_at(condition, {"status"});
        if (available != "True") available += " (" + std::string(json::string_at(condition, {"reason"})) + ")";
      }
  row.text(name_of(object));
  row.text(service);
  row.text(available);
  row.age(created(object));
}

void signing_request(const json::Value& object, Row& row) {
  std::string condition = "Pending";
  bool approved = false, denied = false, failed = false;
  if (const json::Array* conditions = json::array_at(object, {"status", "conditions"}))
    for (const json::Value& entry : *conditions) {
      std::string_view type = json::string_at(entry, {"type"});
      approved |= type == "Approved";
      denied |= type == "Denied";
      failed |= type == "Failed";
    }
  if (denied) condition = "Denied";
  if (approved) condition = "Approved";
  if (failed) condition += ",Failed";
  if (!json::string_at(object, {"status", "certificate"}).empty()) condition += ",Issued";
  std::string duration = "<none>";
  if (auto seconds = json::int_at(object, {"spec", "expirationSeconds"}))
    duration = human_duration(std::chrono::seconds(seconds));
  row.text(name_of(object));
  row.age(created(object));
  row.text(json::string_at(object, {"spec", "signerName"}));
  row.text(json::string_at(object, {"spec", "username"}));
  row.text(duration);
  row.text(condition);
}

}  // namespace

std::vector<CellsEntry> policy_cells() {
  return {{"admissionregistration.k8s.io/validatingwebhookconfigurations", webhook_configuration},
          {"admissionregistration.k8s.io/mutatingwebhookconfigurations", webhook_configuration},
          {"admissionregistration.k8s.io/validatingadmissionpolicies", validating_policy},
          {"admissionregistration.k8s.io/mutatingadmissionpolicies", mutating_policy},
          {"admissionregistration.k8s.io/validatingadmissionpolicybindings", policy_binding},
          {"admissionregistration.k8s.io/mutatingadmissionpolicybindings", policy_binding},
          {"rbac.authorization.k8s.io/rolebindings", role_binding},
          {"rbac.authorization.k8s.io/clusterrolebindings", role_binding},
          {"rbac.authorization.k8s.io/roles", name_and_created},
          {"rbac.authorization.k8s.io/clusterroles", name_and_created},
          {"apiextensions.k8s.io/customresourcedefinitions", name_and_created},
          {"coordination.k8s.io/leases", lease},
          {"scheduling.k8s.io/priorityclasses", priority_class},
          {"storage.k8s.io/storageclasses", storage_class},
          {"node.k8s.io/runtimeclasses", runtime_class},
          {"apiregistration.k8s.io/apiservices", api_service},
          {"certificates.k8s.io/certificatesigningrequests", signing_request},
          {"resource.k8s.io/deviceclasses", name_and_age},
          {"resource.k8s.io/resourceclaimtemplates", name_and_age}};
}

}  // namespace gatepost::apiserver
