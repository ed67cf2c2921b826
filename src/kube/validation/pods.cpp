#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/internal_types/print.h"
#include "kube/validation/address.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"
#include "kube/validation/pod_resources.h"
#include "kube/validation/pod_security.h"

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
  static constexpr const char* why = "when `hostUsers` is false";
  for (auto [name, shown_name] : {std::pair<std::string_view, std::string_view>{"hostNetwork", "hostNetwork"},
                                  {"hostPID", "HostPID"},
                                  {"hostIPC", "HostIPC"}})
    if (spec[name].truth()) errors.forbidden(spec[shown_name], why);
  for_each_container(spec, [&](const Field& container) {
    if (!container["volumeDevices"].empty()) errors.forbidden(container["volumeDevices"], why);
  });
}

// A variable from a file needs a volume that containers can write that file to.
void validate_file_volumes(Errors& errors, const Field& spec) {
  Field volumes = spec["volumes"];
  std::map<std::string_view, bool> empty_dirs;
  for_each(volumes, [&](const Field& volume) { empty_dirs[volume["name"].text()] = volume["emptyDir"].present(); });
  for_each_container(spec, [&](const Field& container) {
    Field variables = container["env"];
    for_each(variables, [&](const Field& variable) {
      Field from = variable["valueFrom"];
      Field reference = from["fileKeyRef"];
      if (!reference.present()) return;
      Field name = reference["volumeName"];
      auto found = empty_dirs.find(name.text());
      if (found == empty_dirs.end())
        errors.not_found(name, name.text());
      else if (!found->second)
        errors.invalid_text(name, name.text(), "referenced volume must be of type emptyDir");
    });
  });
}

void validate_scheduling_group(Errors& errors, const Field& group) {
  if (!group.present()) return;
  Field name = group["podGroupName"];
  if (!name.present())
    errors.invalid_shown(name, "null", "must specify one of: `podGroupName`");
  else
    errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
}

// Only a Pod with an account gets tokens of it.
void validate_token_sources(Errors& errors, const Field& spec) {
  if (!spec["serviceAccountName"].text().empty()) return;
  Field volumes = spec["volumes"];
  for_each(volumes, [&](const Field& volume) {
    Field projected = volume["projected"];
    Field sources = projected["sources"];
    for_each(sources, [&](const Field& source) {
      if (source["serviceAccountToken"].present())
        errors.forbidden(source["serviceAccountToken"], "must not be specified when serviceAccountName is not set");
    });
  });
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
  for_each(containers, [&](const Field& container) { no_blanks_around_image(errors, container["image"]); });
}

// A Pod's own metadata and spec, for a new one and a changed one.
void validate_pod(Errors& errors, const Field& pod) {
  Field metadata = pod["metadata"], spec = pod["spec"];
  validate_pod_annotations(errors, metadata["annotations"], spec);
  validate_pod_spec(errors, spec, &metadata);
  validate_token_sources(errors, spec);
  no_blanks_around_images(errors, spec["containers"]);
  no_blanks_around_images(errors, spec["initContainers"]);
}

void create_pod(Errors& errors, const Field& pod) {
  validate_pod(errors, pod);
  Field spec = pod["spec"];
  if (!spec["ephemeralContainers"].empty()) errors.forbidden(spec["ephemeralContainers"], "cannot be set on create");
  if (!spec["nodeName"].text().empty() && !spec["schedulingGates"].empty())
    errors.forbidden(spec["nodeName"], "cannot be set until all schedulingGates have been cleared");
  Field metadata = pod["metadata"];
  validate_profile_annotations(errors, metadata["annotations"], spec);
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
        "previously negative)\n" +
            internal_diff(old_spec.value(), &munged, "io.k8s.api.core.v1.PodSpec"));
}

void create_template(Errors& errors, const Field& object) {
  validate_pod_template(errors, object["template"]);
}

}  // namespace

void no_blanks_around_image(Errors& errors, const Field& image) {
  static constexpr std::string_view space = " \t\n\r\v\f";
  std::string_view text = image.text();
  if (!text.empty() &&
      (space.find(text.front()) != std::string_view::npos || space.find(text.back()) != std::string_view::npos))
    errors.invalid(image, "must not have leading or trailing whitespace");
}

void validate_quantity(Errors& errors, const Field& field, std::string_view resource) {
  auto quantity = formats::Quantity::parse(field.text());
  if (!quantity) return;  // the decoder has refused it
  if (quantity->sign() < 0) errors.invalid(field, "must be greater than or equal to 0");
  bool counts = is_extended_resource(resource);
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

void validate_pod_spec(Errors& errors, const Field& spec, const Field* pod_metadata) {
  if (!spec["terminationGracePeriodSeconds"].present()) errors.required(spec["terminationGracePeriodSeconds"]);
  Volumes volumes = validate_volumes(errors, spec["volumes"], pod_metadata);
  ClaimNames claims = validate_resource_claims(errors, spec["resourceClaims"], pod_metadata);
  validate_containers(errors, spec, volumes, claims);
  validate_init_containers(errors, spec, volumes, claims);
  validate_ephemeral_containers(errors, spec, volumes, claims);
  validate_pod_level_resources(errors, spec, claims);
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
  validate_host_processes(errors, spec);
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
  validate_overhead(errors, spec["overhead"]);
  validate_operating_system(errors, spec);
  validate_scheduling_group(errors, spec["schedulingGroup"]);
  validate_file_volumes(errors, spec);
}

void update_ephemeral_containers(Errors& errors, const Field& pod, const Field& old_pod) {
  validate_metadata(errors, pod["metadata"], true, formats::dns1123_subdomain);
  validate_pod(errors, pod);
  Field spec = pod["spec"], old_spec = old_pod["spec"];
  Field list = spec["ephemeralContainers"];
  for_each(old_spec["ephemeralContainers"], [&](const Field& before) {
    std::string name = shown(before["name"].text());
    const json::Value* now = nullptr;
    for_each(list, [&](const Field& container) {
      if (container["name"].is(before["name"].text())) now = container.value();
    });
    if (!now)
      errors.forbidden(list, "existing ephemeral containers " + name + " may not be removed\n");
    else if (!equal(now, before.value()))
      errors.forbidden(list, "existing ephemeral containers " + name + " may not be changed\n" +
                                 internal_diff(before.value(), now, "io.k8s.api.core.v1.EphemeralContainer"));
  });
}

void validate_pod_template(Errors& errors, const Field& pod_template) {
  Field metadata = pod_template["metadata"], spec = pod_template["spec"];
  // The real paths leave the metadata step out.
  Field annotations = pod_template["annotations"].with(metadata["annotations"].value());
  validate_labels(errors, pod_template["labels"].with(metadata["labels"].value()));
  validate_annotations(errors, annotations);
  validate_pod_annotations(errors, annotations, spec);
  validate_pod_spec(errors, spec, nullptr);
  validate_profile_annotations(errors, annotations, spec);
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
