#include "kube/validation/metadata.h"

#include <algorithm>
#include <array>
#include <set>

#include "kube/apply/manager_name.h"
#include "kube/selector/selector.h"
#include "kube/validation/address.h"

namespace gatepost::kube {
namespace {

constexpr std::size_t annotations_limit = 256 << 10;
constexpr std::string_view orphan = "orphan", foreground = "foregroundDeletion";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  return out;
}

void validate_owner(Errors& errors, const Field& owner, const Field& owners) {
  std::string_view api_version = owner["apiVersion"].text();
  std::string_view version = api_version.substr(api_version.find('/') + 1);
  // `owner` names the list: the real rules give the list's path to each reference.
  auto require = [&](std::string_view name, std::string_view what) {
    if (owner[name].text().empty()) errors.invalid_text(owners[name], owner[name].text(), std::string(what));
  };
  if (version.empty()) errors.invalid_text(owners["apiVersion"], api_version, "version must not be empty");
  require("kind", "must not be empty");
  require("name", "must not be empty");
  require("uid", "must not be empty");
  if (api_version == "v1" && owner["kind"].is("Event"))
    errors.invalid_shown(owners, shown(owner.value()), "/v1, Kind=Event is disallowed from being an owner");
}

void validate_owners(Errors& errors, const Field& owners) {
  std::string controller;
  for_each(owners, [&](const Field& owner) {
    validate_owner(errors, owner, owners);
    if (!owner["controller"].truth()) return;
    std::string name = std::string(owner["kind"].text()) + "/" + std::string(owner["name"].text());
    if (controller.empty())
      controller = name;
    else
      errors.invalid(owners, "Only one reference can have Controller set to true. Found \"true\" in references for " +
                                 controller + " and " + name);
  });
}

void validate_finalizers(Errors& errors, const Field& finalizers) {
  bool orphans = false, deletes = false;
  for_each(finalizers, [&](const Field& finalizer) {
    errors.invalid_each(finalizers, finalizer.text(), formats::label_key(finalizer.text()));
    orphans |= finalizer.is(orphan);
    deletes |= finalizer.is(foreground);
  });
  if (orphans && deletes) errors.invalid(finalizers, "finalizer orphan and foregroundDeletion cannot be both set");
}

// What the core kinds ask beyond: a finalizer without a domain must be one of the known ones.
void validate_known_finalizers(Errors& errors, const Field& finalizers) {
  for_each(finalizers, [&](const Field& finalizer) {
    if (finalizer.text().find('/') == std::string_view::npos && formats::label_key(finalizer.text()).empty() &&
        !finalizer.is_one_of({"kubernetes", orphan, foreground}))
      errors.invalid(finalizer, "name is neither a standard finalizer name nor is it fully qualified");
  });
}

void validate_managed_fields(Errors& errors, const Field& managed) {
  for_each(managed, [&](const Field& entry) {
    Field operation = entry["operation"], type = entry["fieldsType"], manager = entry["manager"];
    if (!operation.is_one_of({"Apply", "Update"}))
      errors.invalid_text(operation, operation.text(), "must be `Apply` or `Update`");
    if (!type.text().empty() && !type.is("FieldsV1")) errors.invalid(type, "must be `FieldsV1`");
    if (manager.text().size() > apply::longest_manager_name) errors.too_long(manager, apply::longest_manager_name);
    for (const std::string& complaint : apply::unprintable_characters(manager.text()))
      errors.invalid(manager, complaint);
    constexpr std::size_t longest_subresource = 256;
    Field subresource = entry["subresource"];
    if (subresource.text().size() > longest_subresource) errors.too_long(subresource, longest_subresource);
  });
}

void no_new_finalizers(Errors& errors, const Field& now, const Field& before) {
  std::set<std::string> added;
  for_each(now, [&](const Field& finalizer) { added.emplace(finalizer.text()); });
  for_each(before, [&](const Field& finalizer) { added.erase(std::string(finalizer.text())); });
  if (added.empty()) return;
  std::string list;
  for (const std::string& finalizer : added) list += (list.empty() ? "" : ", ") + shown(std::string_view(finalizer));
  errors.forbidden(
      now,
      "no new finalizers can be added if the object is being deleted, found new finalizers []string{" + list + "}");
}

}  // namespace

NameForm name_form(const ResourceInfo& resource) {
  struct Row {
    std::string_view collection;
    NameForm form;
  };
  static constexpr std::array rows = {
      Row{"namespaces", formats::dns1123_label},
      Row{"services", formats::dns1123_label},
      Row{"apps/statefulsets", formats::dns1123_label},
      Row{"events", formats::path_segment},
      Row{"networking.k8s.io/ipaddresses", address_name},
      Row{"certificates.k8s.io/certificatesigningrequests", formats::path_segment},
      Row{"apiregistration.k8s.io/apiservices", formats::path_segment},
      Row{"policy/poddisruptionbudgets", formats::path_segment},
      Row{"rbac.authorization.k8s.io/roles", formats::path_segment},
      Row{"rbac.authorization.k8s.io/rolebindings", formats::path_segment},
      Row{"rbac.authorization.k8s.io/clusterroles", formats::path_segment},
      Row{"rbac.authorization.k8s.io/clusterrolebindings", formats::path_segment},
  };
  std::string name = resource.group.empty() ? resource.resource : resource.group + "/" + resource.resource;
  for (const Row& row : rows)
    if (row.collection == name) return row.form;
  return formats::dns1123_subdomain;
}

namespace {

// Whether keys and values of a selector are those of labels.
bool is_readable(const Field& selector) {
  Errors errors;
  validate_label_selector(errors, selector);
  return errors.empty();
}

}  // namespace

Selection select(const Field& selector, const Field& labels) {
  if (!selector.present()) return Selection::passes_by;
  if (!is_readable(selector)) return Selection::unreadable;
  auto compiled = LabelSelector::from_object(*selector.value());
  if (!compiled) return Selection::unreadable;
  return compiled->matches(labels.object()) ? Selection::selects : Selection::passes_by;
}

void validate_labels(Errors& errors, const Field& labels) {
  if (!labels.object()) return;
  for (const auto& label : *labels.object()) {
    errors.invalid_each(labels, label.key(), formats::label_key(label.key()));
    std::string_view value = label.value().is_string() ? json::view(label.value().get_string()) : "";
    errors.invalid_each(labels, value, formats::label_value(value));
  }
}

void validate_annotations(Errors& errors, const Field& annotations) {
  if (!annotations.object()) return;
  std::size_t size = 0;
  for (const auto& annotation : *annotations.object()) {
    errors.invalid_each(annotations, annotation.key(), formats::label_key(lower(annotation.key())));
    size += annotation.key().size() + (annotation.value().is_string() ? annotation.value().get_string().size() : 0);
  }
  if (size > annotations_limit) errors.too_long(annotations, annotations_limit);
}

void validate_metadata(Errors& errors, const Field& metadata, bool namespaced, NameForm form, Finalizers check) {
  Field generate = metadata["generateName"], name = metadata["name"], space = metadata["namespace"];
  if (!generate.text().empty())
    errors.invalid_each(generate, generate.text(), form(formats::without_trailing_dash(generate.text())));
  if (name.text().empty())
    errors.required(name, "name or generateName is required");
  else
    errors.invalid_each(name, name.text(), form(name.text()));
  if (namespaced) {
    if (space.text().empty())
      errors.required(space);
    else
      errors.invalid_each(space, space.text(), formats::dns1123_label(space.text()));
  } else if (!space.text().empty()) {
    errors.forbidden(space, "not allowed on this type");
  }
  errors.non_negative(metadata["generation"]);
  validate_labels(errors, metadata["labels"]);
  validate_annotations(errors, metadata["annotations"]);
  Field owners = metadata["ownerReferences"], finalizers = metadata["finalizers"], managed = metadata["managedFields"];
  validate_owners(errors, owners);
  validate_finalizers(errors, finalizers);
  validate_managed_fields(errors, managed);
  if (check == Finalizers::known) validate_known_finalizers(errors, finalizers);
}

void validate_template_metadata(Errors& errors, const Field& metadata) {
  validate_labels(errors, metadata["labels"]);
  validate_annotations(errors, metadata["annotations"]);
  Field finalizers = metadata["finalizers"];
  for_each(finalizers, [&](const Field& finalizer) {
    errors.invalid_each(finalizer, finalizer.text(), formats::label_key(finalizer.text()));
  });
  validate_known_finalizers(errors, finalizers);
}

void validate_metadata_update(Errors& errors, const Field& metadata, const Field& old_metadata, Finalizers check) {
  Field finalizers = metadata["finalizers"], generation = metadata["generation"], version = metadata["resourceVersion"];
  if (old_metadata["deletionTimestamp"].present()) no_new_finalizers(errors, finalizers, old_metadata["finalizers"]);
  if (version.text().empty()) errors.invalid_text(version, "", "must be specified for an update");
  if (generation.integer() < old_metadata["generation"].integer())
    errors.invalid_number(generation, generation.integer(), "must not be decremented");
  for (std::string_view name : {"name", "namespace", "uid"})
    if (metadata[name].text() != old_metadata[name].text())
      errors.invalid_text(metadata[name], metadata[name].text(), "field is immutable");
  for (std::string_view name : {"creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"})
    immutable_unless_equal(errors, metadata[name], old_metadata[name]);
  validate_labels(errors, metadata["labels"]);
  validate_annotations(errors, metadata["annotations"]);
  Field owners = metadata["ownerReferences"], managed = metadata["managedFields"];
  validate_owners(errors, owners);
  validate_managed_fields(errors, managed);
  if (check == Finalizers::known) validate_known_finalizers(errors, finalizers);
}

void validate_label_selector(Errors& errors, const Field& selector, SelectorValues check) {
  validate_labels(errors, selector["matchLabels"]);
  Field expressions = selector["matchExpressions"];
  for_each(expressions, [&](const Field& expression) {
    Field op = expression["operator"], values = expression["values"], key = expression["key"];
    if (op.is_one_of({"In", "NotIn"})) {
      if (values.empty()) errors.required(values, "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op.is_one_of({"Exists", "DoesNotExist"})) {
      if (!values.empty())
        errors.forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else {
      errors.invalid_text(op, op.text(), "not a valid selector operator");
    }
    errors.invalid_each(key, key.text(), formats::label_key(key.text()));
    if (check == SelectorValues::any) return;
    for_each(values,
             [&](const Field& value) { errors.invalid_each(value, value.text(), formats::label_value(value.text())); });
  });
}

}  // namespace gatepost::kube
