#include "apiserver/selection.h"

#include <algorithm>

#include "apiserver/selectable_fields.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/crd/definition.h"

namespace gatepost::apiserver {
namespace {

bool is_key_field(std::string_view field) {
  return field == "metadata.name" || field == "metadata.namespace";
}

// Fields that the definition of a custom kind names beside the two that all have.
kube::ApiResult<std::string> custom_field(const kube::crd::Version& version, const std::string& field) {
  const auto& names = version.selectable_names;
  if (is_key_field(field) || std::find(names.begin(), names.end(), field) != names.end()) return field;
  return fail_with(kube::bad_request("field label not supported: " + field));
}

// The value at a dotted path as a field selector sees it: numbers and booleans as text, absent as what it defaults to.
std::string field_value(const json::Value& object, std::string_view field) {
  if (field == "source") {
    std::string_view component = json::string_at(object, {"source", "component"});
    return std::string(component.empty() ? json::string_at(object, {"reportingComponent"}) : component);
  }
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
    for (const auto& requirement : selection.fields_.requirements()) {
      auto stored = selection.version_ ? custom_field(*selection.version_, requirement.field)
                                       : stored_field(*call.resource, requirement.field);
      if (!stored) return fail_with(std::move(stored.error()));
      if (*stored != requirement.field) selection.renamed_.emplace_back(requirement.field, std::move(*stored));
    }
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
    if (version_) return custom_field_value(*version_, *document, field);
    for (const auto& [name, stored] : renamed_)
      if (name == field) return field_value(*document, stored);
    return field_value(*document, field);
  });
}

}  // namespace gatepost::apiserver
