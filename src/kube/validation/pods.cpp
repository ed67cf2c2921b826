#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/address.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"

namespace gatepost::kube {
namespace {

constexpr std::int64_t largest_int32 = std::numeric_limits<std::int32_t>::max();

void validate_name_of(Errors& errors, const Field& field, NameForm form) {
  if (!field.text().empty()) errors.invalid_each(field, field.text(), form(field.text()));
}

void validate_dns(Errors& errors, const Field& spec) {
  Field config = spec["dnsConfig"];
  Field servers = config["nameservers"], searches = config["searches"], options = config["options"];
  if (spec["dnsPolicy"].is("None")) {
    if (!config.present()) {
      errors.required(config, "must provide `dnsConfig` when `dnsPolicy` is None");
      return;
    }
    if (servers.empty()) {
      errors.required(servers, "must provide at least one DNS nameserver when `dnsPolicy` is None");
      return;
    }
  }
  if (servers.size() > 3) errors.invalid(servers, "must not have more than 3 nameservers");
  for_each(servers, [&](const Field& server) { validate_address(errors, server, server.text()); });
  if (searches.size() > 32) errors.invalid(searches, "must not have more than 32 search paths");
  std::size_t length = searches.empty() ? 0 : searches.size() - 1;
  for_each(searches, [&](const Field& search) { length += search.text().size(); });
  if (length > 2048)
    errors.invalid(searches, "must not have more than 2048 characters (including spaces) in the search list");
  for_each(searches, [&](const Field& search) {
    std::string_view text = search.text();
    if (text == ".") return;
    if (text.ends_with('.')) text.remove_suffix(1);
    errors.invalid_each(search, text, formats::dns1123_subdomain_with_underscore(text));
  });
  for_each(options, [&](const Field& option) {
    if (option["name"].text().empty()) errors.required(option, "must not be empty");
  });
}

void validate_pod_security(Errors& errors, const Field& spec) {
  Field context = spec["securityContext"];
  if (!context.present()) return;
  auto id = [&](const Field& field) {
    if (field.present() && (field.integer() < 0 || field.integer() > largest_int32))
      errors.invalid(field, formats::range_complaint(0, largest_int32));
  };
  id(context["fsGroup"]);
  validate_user_ids(errors, context);
  Field groups = context["supplementalGroups"], change = context["fsGroupChangePolicy"];
  for_each(groups, id);
  if (spec["hostPID"].truth() && spec["shareProcessNamespace"].truth())
    errors.invalid_shown(context["shareProcessNamespace"], "true",
                         "ShareProcessNamespace and HostPID cannot both be enabled");
  Field sysctls = context["sysctls"];
  std::set<std::string_view> names;
  for_each(sysctls, [&](const Field& sysctl) {
    Field name = sysctl["name"];
    if (name.text().empty())
      errors.required(name);
    else if (!names.insert(name.text()).second)
      errors.duplicate(name);
  });
  if (change.present() && !change.is_one_of({"Always", "OnRootMismatch"}))
    errors.not_supported(change, {"Always", "OnRootMismatch"});
  validate_seccomp_profile(errors, context["seccompProfile"]);
  Field policy = context["supplementalGroupsPolicy"];
  if (policy.present() && !policy.is_one_of({"Merge", "Strict"})) errors.not_supported(policy, {"Merge", "Strict"});
}

void validate_host_network(Errors& errors, const Field& spec, bool is_pod) {
  if (!spec["hostNetwork"].truth()) return;
  Field containers = spec["containers"];
  for_each(containers, [&](const Field& container) {
    Field ports = container["ports"];
    for_each(ports, [&](const Field& port) {
      Field host = port["hostPort"];
      if ((is_pod || host.integer() != 0) && host.integer() != port["containerPort"].integer())
        errors.invalid_number(host, host.integer(), "must match `containerPort` when `hostNetwork` is true");
    });
  });
}

void validate_host_users(Errors& errors, const Field& spec) {
  if (spec["hostUsers"].truth(true)) return;
  for (auto [name, shown_name] : {std::pair<std::string_view, std::string_view>{"hostNetwork", "hostNetwork"},
                                  {"hostPID", "HostPID"},
                                  {"hostIPC", "HostIPC"}})
    if (spec[name].truth()) errors.forbidden(spec[shown_name], "when `hostUsers` is false");
}

void validate_gates(Errors& errors, const Field& spec) {
  Field readiness = spec["readinessGates"], scheduling = spec["schedulingGates"];
  for_each(readiness, [&](const Field& gate) {
    Field type = gate["conditionType"];
    errors.invalid_each(type, type.text(), formats::label_key(type.text()));
  });
  std::set<std::string_view> names;
  for_each(scheduling, [&](const Field& gate) {
    std::string_view name = gate["name"].text();
    errors.invalid_each(gate, name, formats::label_key(name));
    if (!names.insert(name).second) errors.duplicate_shown(gate, shown(name));
  });
}

void validate_host_aliases(Errors& errors, const Field& aliases) {
  for_each(aliases, [&](const Field& alias) {
    Field ip = alias["ip"], names = alias["hostnames"];
    validate_address(errors, ip, ip.text());
    for_each(names, [&](const Field& name) {
      errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
    });
  });
}

void validate_hostname_override(Errors& errors, const Field& spec) {
  Field name = spec["hostnameOverride"];
  if (!name.present()) return;
  if (spec["setHostnameAsFQDN"].truth()) errors.forbidden(name, "may not be specified when setHostnameAsFQDN is true");
  if (spec["hostNetwork"].truth()) errors.forbidden(name, "may not be specified when hostNetwork is true");
  if (name.text().size() > 64) errors.too_long(name, 64);
  errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
}

void no_blanks_around_images(Errors& errors, const Field& containers) {
  static constexpr std::string_view space = " \t\n\r\v\f";
  for_each(containers, [&](const Field& container) {
    Field image = container["image"];
    std::string_view text = image.text();
    if (!text.empty() &&
        (space.find(text.front()) != std::string_view::npos || space.find(text.back()) != std::string_view::npos))
      errors.invalid(image, "must not have leading or trailing whitespace");
  });
}

// A Pod's own metadata and spec, for a new one and a changed one.
void validate_pod(Errors& errors, const Field& pod) {
  Field metadata = pod["metadata"], spec = pod["spec"];
  validate_pod_spec(errors, spec, &metadata);
  no_blanks_around_images(errors, spec["containers"]);
  no_blanks_around_images(errors, spec["initContainers"]);
}

void create_pod(Errors& errors, const Field& pod) {
  validate_pod(errors, pod);
  Field spec = pod["spec"];
  if (!spec["ephemeralContainers"].empty()) errors.forbidden(spec["ephemeralContainers"], "cannot be set on create");
  if (!spec["nodeName"].text().empty() && !spec["schedulingGates"].empty())
    errors.forbidden(spec["nodeName"], "cannot be set until all schedulingGates have been cleared");
}

// Whether containers changed in number; that ends the judgement.
bool containers_changed(Errors& errors, const Field& now, const Field& before) {
  if (now.size() == before.size()) return false;
  errors.forbidden(now, "pod updates may not add or remove containers");
  return true;
}

// The spec with everything taken over from the old one that may change.
json::Value without_changeable(const Field& spec, const Field& old_spec) {
  json::Value out = *spec.value();
  json::Object& object = out.get_object();
  for (std::string_view name : {"activeDeadlineSeconds", "schedulingGates", "tolerations"}) {
    const json::Value* old_value = old_spec[name].value();
    if (old_value)
      object[name] = *old_value;
    else
      object.erase(name);
  }
  for (std::string_view name : {"containers", "initContainers"}) {
    json::Value* list = object.if_contains(name);
    Field old_list = old_spec[name];
    if (!list || !list->is_array()) continue;
    for (std::size_t i = 0; i < list->get_array().size(); ++i) {
      Field old_container = old_list.item(i);
      const json::Value* image = old_container["image"].value();
      if (image && list->get_array()[i].is_object()) list->get_array()[i].get_object()["image"] = *image;
    }
  }
  return out;
}

void validate_deadline_update(Errors& errors, const Field& now, const Field& before) {
  if (!now.present()) {
    if (before.present()) errors.invalid(now, "must not update from a positive integer to nil value");
    return;
  }
  if (now.integer() < 0 || now.integer() > largest_int32)
    errors.invalid(now, formats::range_complaint(0, largest_int32));
  else if (before.present() && before.integer() < now.integer())
    errors.invalid(now, "must be less than or equal to previous value");
}

void tolerations_only_added(Errors& errors, const Field& now, const Field& before) {
  auto same_but_time = [](const json::Value& a, const json::Value& b) {
    for (std::string_view name : {"key", "operator", "value", "effect"})
      if (!equal(json::find(a, name), json::find(b, name))) return false;
    return true;
  };
  for (std::size_t i = 0; i < before.size(); ++i) {
    bool kept = false;
    for (std::size_t j = 0; j < now.size(); ++j) kept |= same_but_time((*before.array())[i], (*now.array())[j]);
    if (kept) continue;
    errors.forbidden(now, "existing toleration can not be modified except its tolerationSeconds");
    return;
  }
  validate_tolerations(errors, now);
}

void update_pod(Errors& errors, const Field& pod, const Field& old_pod) {
  validate_metadata(errors, pod["metadata"], true, formats::dns1123_subdomain);
  validate_pod(errors, pod);
  Field spec = pod["spec"], old_spec = old_pod["spec"];
  if (!spec.object()) return;
  for (std::string_view name : {"containers", "initContainers"})
    if (containers_changed(errors, spec[name], old_spec[name])) return;
  validate_deadline_update(errors, spec["activeDeadlineSeconds"], old_spec["activeDeadlineSeconds"]);
  tolerations_only_added(errors, spec["tolerations"], old_spec["tolerations"]);
  if (equal(spec, old_spec)) return;
  json::Value munged = without_changeable(spec, old_spec);
  if (!equal(&munged, old_spec.value()))
    errors.forbidden(
        spec,
        "pod updates may not change fields other than `spec.containers[*].image`,"
        "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to "
        "existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
        "previously negative)");
}

void create_template(Errors& errors, const Field& object) {
  validate_pod_template(errors, object["template"]);
}

}  // namespace

void validate_user_ids(Errors& errors, const Field& context) {
  for (std::string_view name : {"runAsUser", "runAsGroup"}) {
    Field id = context[name];
    if (id.present() && (id.integer() < 0 || id.integer() > largest_int32))
      errors.invalid(id, formats::range_complaint(0, largest_int32));
  }
}

void validate_seccomp_profile(Errors& errors, const Field& profile) {
  if (!profile.present()) return;
  Field type = profile["type"], file = profile["localhostProfile"];
  errors.choice(type, {"Localhost", "RuntimeDefault", "Unconfined"}, "type is required when seccompProfile is set");
  if (type.is("Localhost")) {
    if (!file.present())
      errors.required(file, "must be set when seccomp type is Localhost");
    else
      validate_relative_path(errors, file, file.text());
  } else if (file.present()) {
    std::string whole = "{\"Type\":" + shown(type.text()) + ",\"LocalhostProfile\":" + shown(file.text()) + "}";
    errors.invalid_shown(file, whole, "can only be set when seccomp type is Localhost");
  }
}

void validate_quantity(Errors& errors, const Field& field, std::string_view resource) {
  auto quantity = formats::Quantity::parse(field.text());
  if (!quantity) return;  // the decoder has refused it
  if (quantity->sign() < 0) errors.invalid(field, "must be greater than or equal to 0");
  bool counts = resource.find('/') != std::string_view::npos || resource.starts_with("count/");
  static constexpr std::array<std::string_view, 9> integers = {
      "pods",       "resourcequotas",         "services",           "replicationcontrollers", "secrets",
      "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"};
  counts |= std::find(integers.begin(), integers.end(), resource) != integers.end();
  if (counts && quantity->milli_value() % 1000 != 0) errors.invalid(field, "must be an integer");
}

void validate_port_or_name(Errors& errors, const Field& port) {
  if (port.value() && port.value()->is_string())
    errors.invalid_each(port, port.text(), formats::port_name(port.text()));
  else
    for (const std::string& complaint : formats::port_number(port.integer()))
      errors.invalid_number(port, port.integer(), complaint);
}

void validate_object_field(Errors& errors, const Field& reference, Choices supported) {
  Field version = reference["apiVersion"], path = reference["fieldPath"];
  if (version.text().empty()) return errors.required(version);
  if (path.text().empty()) return errors.required(path);
  std::string_view text = path.text();
  if (!version.is("v1")) {
    errors.invalid(path, "error converting fieldPath: unsupported pod version: " + std::string(version.text()));
    return;
  }
  if (std::size_t open = text.find("['"); open != std::string_view::npos && text.ends_with("']")) {
    std::string_view base = text.substr(0, open), key = text.substr(open + 2, text.size() - open - 4);
    if (base == "metadata.annotations" || base == "metadata.labels")
      errors.invalid_each(reference, key, formats::label_key(key));
    else
      errors.invalid(path, "error converting fieldPath: field label does not support subscript");
    return;
  }
  static constexpr Choices known = {
      "metadata.annotations", "metadata.labels", "metadata.name",      "metadata.namespace",
      "metadata.uid",         "spec.nodeName",   "spec.restartPolicy", "spec.serviceAccountName",
      "spec.schedulerName",   "status.phase",    "status.hostIP",      "status.hostIPs",
      "status.podIP",         "status.podIPs",   "spec.host"};
  if (!path.is_one_of(known))
    errors.invalid(path, "error converting fieldPath: field label not supported: " + std::string(text));
  else if (!path.is_one_of(supported))
    errors.not_supported(path, supported);
}

void validate_resource_field(Errors& errors, const Field& reference, ResourceFieldOf where) {
  static constexpr Choices known = {"limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
                                    "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
  Field resource = reference["resource"], container = reference["containerName"];
  std::string_view name = resource.text();
  if (where == ResourceFieldOf::volume && container.text().empty())
    errors.required(container);
  else if (name.empty())
    errors.required(resource);
  else if (!resource.is_one_of(known) && !name.starts_with("limits.hugepages-") &&
           !name.starts_with("requests.hugepages-"))
    errors.not_supported(resource, known);
}

void validate_pod_spec(Errors& errors, const Field& spec, const Field* pod_metadata) {
  if (!spec["terminationGracePeriodSeconds"].present()) errors.required(spec["terminationGracePeriodSeconds"]);
  Volumes volumes = validate_volumes(errors, spec["volumes"], pod_metadata);
  validate_containers(errors, spec, volumes);
  validate_init_containers(errors, spec, volumes);
  validate_host_network(errors, spec, pod_metadata != nullptr);
  errors.choice(spec["restartPolicy"], {"Always", "OnFailure", "Never"});
  errors.choice(spec["dnsPolicy"], {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
  validate_labels(errors, spec["nodeSelector"]);
  validate_pod_security(errors, spec);
  Field affinity = spec["affinity"];
  validate_pod_affinity(errors, affinity);
  validate_dns(errors, spec);
  validate_gates(errors, spec);
  validate_topology_spread(errors, spec["topologySpreadConstraints"]);
  validate_host_users(errors, spec);
  validate_hostname_override(errors, spec);
  validate_name_of(errors, spec["serviceAccountName"], formats::dns1123_subdomain);
  validate_name_of(errors, spec["nodeName"], formats::dns1123_subdomain);
  Field deadline = spec["activeDeadlineSeconds"];
  if (deadline.present() && (deadline.integer() < 1 || deadline.integer() > largest_int32))
    errors.invalid(deadline, formats::range_complaint(1, largest_int32));
  validate_name_of(errors, spec["hostname"], formats::dns1123_label);
  validate_name_of(errors, spec["subdomain"], formats::dns1123_label);
  validate_tolerations(errors, spec["tolerations"]);
  validate_host_aliases(errors, spec["hostAliases"]);
  validate_name_of(errors, spec["priorityClassName"], formats::dns1123_subdomain);
  if (Field runtime = spec["runtimeClassName"]; runtime.present())
    errors.invalid_each(runtime, runtime.text(), formats::dns1123_subdomain(runtime.text()));
  if (Field preemption = spec["preemptionPolicy"]; preemption.present())
    errors.choice(preemption, {"PreemptLowerPriority", "Never"});
  if (Field os = spec["os"]; os.present()) {
    Field name = os["name"];
    if (name.text().empty())
      errors.required(name);
    else if (!name.is_one_of({"linux", "windows"}))
      errors.not_supported_shown(os, shown(name.text()), {"linux", "windows"});
  }
}

void validate_pod_template(Errors& errors, const Field& pod_template) {
  Field metadata = pod_template["metadata"], spec = pod_template["spec"];
  // The real paths leave the metadata step out.
  validate_labels(errors, pod_template["labels"].with(metadata["labels"].value()));
  validate_annotations(errors, pod_template["annotations"].with(metadata["annotations"].value()));
  validate_pod_spec(errors, spec, nullptr);
  if (!spec["ephemeralContainers"].empty())
    errors.forbidden(spec["ephemeralContainers"], "ephemeral containers not allowed in pod template");
}

std::span<const KindRules> pod_rules() {
  static constexpr std::array rows = {
      KindRules{"", "Pod", create_pod, update_pod},
      KindRules{"", "PodTemplate", create_template, nullptr, true},
  };
  return rows;
}

}  // namespace gatepost::kube
