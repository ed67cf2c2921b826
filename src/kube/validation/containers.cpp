#include <algorithm>
#include <array>
#include <set>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/pod.h"

namespace gatepost::kube {
namespace {

void validate_ports(Errors& errors, const Field& ports) {
  std::set<std::string_view> names;
  for_each(ports, [&](const Field& port) {
    Field name = port["name"], number = port["containerPort"], host = port["hostPort"];
    if (!name.text().empty()) {
      auto complaints = formats::port_name(name.text());
      errors.invalid_each(name, name.text(), complaints);
      if (complaints.empty() && !names.insert(name.text()).second) errors.duplicate(name);
    }
    if (number.integer() == 0)
      errors.required(number);
    else
      for (const std::string& complaint : formats::port_number(number.integer())) errors.invalid(number, complaint);
    if (host.integer() != 0)
      for (const std::string& complaint : formats::port_number(host.integer())) errors.invalid(host, complaint);
    errors.choice(port["protocol"], {"SCTP", "TCP", "UDP"});
  });
}

constexpr Choices environment_fields = {
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};

void validate_key_reference(Errors& errors, const Field& reference) {
  Field name = reference["name"], key = reference["key"];
  errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
  if (key.text().empty())
    errors.required(key);
  else
    errors.invalid_each(key, key.text(), formats::config_map_key(key.text()));
}

void validate_value_from(Errors& errors, const Field& variable) {
  Field from = variable["valueFrom"];
  if (!from.present()) return;
  int sources = 0;
  auto source = [&](std::string_view name) {
    bool present = from[name].present();
    sources += present;
    return present;
  };
  if (source("fieldRef")) {
    Field reference = from["fieldRef"];
    validate_object_field(errors, reference, environment_fields);
  }
  if (source("resourceFieldRef")) {
    Field reference = from["resourceFieldRef"];
    validate_resource_field(errors, reference, ResourceFieldOf::container);
  }
  for (std::string_view name : {"configMapKeyRef", "secretKeyRef"})
    if (source(name)) {
      Field reference = from[name];
      validate_key_reference(errors, reference);
    }
  source("fileKeyRef");
  if (sources == 0)
    errors.invalid_text(from, "",
                        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                        "`fileKeyRef`");
  else if (!variable["value"].text().empty())
    errors.invalid_text(from, "", "may not be specified when `value` is not empty");
  else if (sources > 1)
    errors.invalid_text(from, "", "may not have more than one field specified at a time");
}

void validate_environment(Errors& errors, const Field& container) {
  Field variables = container["env"], sources = container["envFrom"];
  for_each(variables, [&](const Field& variable) {
    Field name = variable["name"];
    if (name.text().empty())
      errors.required(name);
    else
      errors.invalid_each(name, name.text(), formats::environment_variable(name.text()));
    validate_value_from(errors, variable);
  });
  for_each(sources, [&](const Field& source) {
    Field prefix = source["prefix"];
    if (!prefix.text().empty())
      errors.invalid_each(prefix, prefix.text(), formats::environment_variable(prefix.text()));
    int count = 0;
    for (std::string_view kind : {"configMapRef", "secretRef"}) {
      Field reference = source[kind];
      if (!reference.present()) continue;
      ++count;
      Field name = reference["name"];
      if (name.text().empty())
        errors.required(name);
      else
        errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
    }
    if (count == 0) errors.invalid_text(sources, "", "must specify one of: `configMapRef` or `secretRef`");
    if (count > 1) errors.invalid_text(sources, "", "may not have more than one field specified at a time");
  });
}

void validate_mounts(Errors& errors, const Field& container, const Volumes& volumes) {
  Field mounts = container["volumeMounts"], devices = container["volumeDevices"];
  std::set<std::string_view> paths;
  for_each(mounts, [&](const Field& mount) {
    Field name = mount["name"], path = mount["mountPath"], sub = mount["subPath"], expression = mount["subPathExpr"],
          propagation = mount["mountPropagation"];
    if (name.text().empty()) errors.required(name);
    if (!volumes.contains(name.text())) errors.not_found(name, name.text());
    if (path.text().empty()) errors.required(path);
    if (!paths.insert(path.text()).second) errors.invalid(path, "must be unique");
    for_each(devices, [&](const Field& device) {
      if (device["name"].is(name.text())) errors.invalid(name, "must not already exist in volumeDevices");
      if (device["devicePath"].is(path.text()))
        errors.invalid(path, "must not already exist as a path in volumeDevices");
    });
    // The paths of these complaints lack the index, as the real ones do.
    if (!sub.text().empty()) validate_relative_path(errors, mounts["subPath"], sub.text());
    if (!expression.text().empty()) {
      if (!sub.text().empty()) errors.invalid(expression, "subPathExpr and subPath are mutually exclusive");
      validate_relative_path(errors, mounts["subPathExpr"], expression.text());
    }
    if (propagation.present()) {
      static constexpr Choices modes = {"Bidirectional", "HostToContainer", "None"};
      Field place = mounts["mountPropagation"], context = container["securityContext"];
      if (!propagation.is_one_of(modes)) errors.not_supported_shown(place, shown(propagation.value()), modes);
      if (propagation.is("Bidirectional") && !context["privileged"].truth())
        errors.forbidden(place, "Bidirectional mount propagation is available only to privileged containers");
    }
  });
}

void validate_devices(Errors& errors, const Field& container, const Volumes& volumes) {
  Field devices = container["volumeDevices"];
  std::set<std::string_view> names, paths;
  for_each(devices, [&](const Field& device) {
    Field name = device["name"], path = device["devicePath"];
    auto volume = volumes.find(name.text());
    if (name.text().empty()) errors.required(name);
    if (names.contains(name.text())) errors.invalid(name, "must be unique");
    if (volume == volumes.end())
      errors.not_found(name, name.text());
    else if (!json::find(*volume->second, "persistentVolumeClaim") && !json::find(*volume->second, "ephemeral"))
      errors.invalid(name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
    if (path.text().empty()) errors.required(path);
    if (paths.contains(path.text())) errors.invalid(path, "must be unique");
    if (climbs_up(path.text()))
      errors.invalid(path, "can not contain backsteps ('..')");
    else
      paths.insert(path.text());
    if (!name.text().empty()) names.insert(name.text());
  });
}

bool is_standard_container_resource(std::string_view name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-");
}

bool is_native(std::string_view name) {
  return name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
}

bool overcommit_allowed(std::string_view name) {
  return is_native(name) && !name.starts_with("hugepages-");
}

void validate_resource_name(Errors& errors, const Field& place, std::string_view name) {
  auto complaints = formats::label_key(name);
  errors.invalid_each(place, name, complaints);
  if (!complaints.empty()) return;
  if (name.find('/') == std::string_view::npos) {
    if (is_standard_container_resource(name)) return;
    static constexpr std::array<std::string_view, 16> standard = {"storage",
                                                                  "requests.cpu",
                                                                  "requests.memory",
                                                                  "requests.storage",
                                                                  "requests.ephemeral-storage",
                                                                  "limits.cpu",
                                                                  "limits.memory",
                                                                  "limits.ephemeral-storage",
                                                                  "pods",
                                                                  "resourcequotas",
                                                                  "services",
                                                                  "replicationcontrollers",
                                                                  "secrets",
                                                                  "persistentvolumeclaims",
                                                                  "configmaps",
                                                                  "services.nodeports"};
    if (std::find(standard.begin(), standard.end(), name) == standard.end() && name != "services.loadbalancers")
      errors.invalid_text(place, name, "must be a standard resource type or fully qualified");
    errors.invalid_text(place, name, "must be a standard resource for containers");
  } else if (!is_native(name)) {
    if (name.starts_with("requests.") || !formats::label_key("requests." + std::string(name)).empty())
      errors.invalid_text(place, name, "doesn't follow extended resource name standard");
  }
}

void validate_resources(Errors& errors, const Field& resources) {
  Field limits = resources["limits"], requests = resources["requests"];
  bool compute = false, huge_pages = false;
  auto each = [&](const Field& list, auto check) {
    if (!list.object()) return;
    for (const auto& entry : *list.object()) {
      Field place = list.key(entry.key());
      validate_resource_name(errors, place, entry.key());
      validate_quantity(errors, place, entry.key());
      std::string_view name = entry.key();
      huge_pages |= name.starts_with("hugepages-");
      compute |= name == "cpu" || name == "memory";
      check(name, place);
    }
  };
  each(limits, [](std::string_view, const Field&) {});
  each(requests, [&](std::string_view name, const Field& request) {
    Field limit = limits.key(name);
    if (!limit.present()) {
      if (!overcommit_allowed(name)) errors.required(limits, "Limit must be set for non overcommitable resources");
      return;
    }
    auto wanted = formats::Quantity::parse(request.text()), most = formats::Quantity::parse(limit.text());
    if (!wanted || !most) return;
    int order = wanted->compare(*most);
    std::string of = std::string(name) + " limit of " + std::string(limit.text());
    if (order != 0 && !overcommit_allowed(name))
      errors.invalid_text(requests, request.text(), "must be equal to " + of);
    else if (order > 0)
      errors.invalid_text(requests, request.text(), "must be less than or equal to " + of);
  });
  if (huge_pages && !compute) errors.forbidden(resources, "HugePages require cpu or memory");
}

// The real rules complain of the list, not of its item.
void validate_resize_policy(Errors& errors, const Field& policies, bool pod_never_restarts) {
  std::set<std::string_view> resources;
  for_each(policies, [&](const Field& policy) {
    Field resource = policy["resourceName"], restart = policy["restartPolicy"];
    if (!resources.insert(resource.text()).second) errors.duplicate_shown(policy, shown(resource.text()));
    errors.choice(policies.with(resource.value()), {"cpu", "memory"});
    errors.choice(policies.with(restart.value()), {"NotRequired", "RestartContainer"});
    if (pod_never_restarts && !restart.is("NotRequired"))
      errors.invalid_text(policies, restart.text(), "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
  });
}

void validate_security_context(Errors& errors, const Field& context) {
  if (!context.present()) return;
  validate_user_ids(errors, context);
  Field mount = context["procMount"], escalation = context["allowPrivilegeEscalation"],
        profile = context["seccompProfile"];
  if (mount.present() && !mount.is_one_of({"Default", "Unmasked"}))
    errors.not_supported(mount, {"Default", "Unmasked"});
  else if (mount.is("Unmasked"))
    errors.invalid(mount, "`hostUsers` must be false to use `Unmasked`");
  validate_seccomp_profile(errors, profile);
  if (!escalation.present() || escalation.truth()) return;
  if (context["privileged"].truth())
    errors.invalid(context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
  Field capabilities = context["capabilities"];
  Field added = capabilities["add"];
  for_each(added, [&](const Field& capability) {
    if (capability.is("CAP_SYS_ADMIN"))
      errors.invalid(context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
  });
}

void validate_http_get(Errors& errors, const Field& action) {
  if (action["path"].text().empty()) errors.required(action["path"]);
  validate_port_or_name(errors, action["port"]);
  Field scheme = action["scheme"];
  if (!scheme.is_one_of({"HTTP", "HTTPS"})) errors.not_supported(scheme, {"HTTP", "HTTPS"});
  Field headers = action["httpHeaders"];
  for_each(headers, [&](const Field& header) {
    std::string_view name = header["name"].text();
    errors.invalid_each(headers, name, formats::http_header_name(name));
  });
}

void validate_handler(Errors& errors, const Field& handler, const Field& grace) {
  int count = 0;
  for (std::string_view kind : {"exec", "httpGet", "tcpSocket", "grpc", "sleep"}) {
    Field action = handler[kind];
    if (!action.present()) continue;
    if (count > 0) {
      errors.forbidden(action, "may not specify more than 1 handler type");
      continue;
    }
    ++count;
    if (kind == "exec" && action["command"].empty()) errors.required(action["command"]);
    if (kind == "httpGet") validate_http_get(errors, action);
    if (kind == "tcpSocket" || kind == "grpc") validate_port_or_name(errors, action["port"]);
    if (kind == "sleep" && grace.present()) {
      std::int64_t seconds = action["seconds"].integer();
      if (seconds < 0 || seconds > grace.integer())
        errors.invalid_number(action, seconds,
                              "must be non-negative and less than terminationGracePeriodSeconds (" +
                                  std::to_string(grace.integer()) + ")");
    }
  }
  if (count == 0) errors.required(handler, "must specify a handler type");
}

void validate_probe(Errors& errors, const Field& probe, const Field& grace, bool readiness) {
  if (!probe.present()) return;
  validate_handler(errors, probe, grace);
  for (std::string_view name :
       {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"})
    errors.non_negative(probe[name]);
  Field own_grace = probe["terminationGracePeriodSeconds"], success = probe["successThreshold"];
  if (own_grace.present() && own_grace.integer() <= 0) errors.invalid(own_grace, "must be greater than 0");
  if (readiness) {
    if (own_grace.present()) errors.invalid(own_grace, "must not be set for readinessProbes");
  } else if (success.integer() != 1) {
    errors.invalid_number(success, success.integer(), "must be 1");
  }
}

void validate_lifecycle_and_probes(Errors& errors, const Field& container, const Field& grace) {
  Field lifecycle = container["lifecycle"];
  for (std::string_view name : {"postStart", "preStop"})
    if (Field handler = lifecycle[name]; handler.present()) validate_handler(errors, handler, grace);
  validate_probe(errors, container["livenessProbe"], grace, false);
  validate_probe(errors, container["readinessProbe"], grace, true);
  validate_probe(errors, container["startupProbe"], grace, false);
}

void validate_common(Errors& errors, const Field& container, const Field& spec, const Volumes& volumes) {
  Field name = container["name"], image = container["image"];
  if (name.text().empty())
    errors.required(name);
  else
    errors.invalid_each(name, name.text(), formats::dns1123_label(name.text()));
  if (image.text().empty()) errors.required(image);
  errors.choice(container["terminationMessagePolicy"], {"File", "FallbackToLogsOnError"});
  validate_ports(errors, container["ports"]);
  validate_environment(errors, container);
  validate_mounts(errors, container, volumes);
  validate_devices(errors, container, volumes);
  errors.choice(container["imagePullPolicy"], {"Always", "IfNotPresent", "Never"});
  Field resources = container["resources"];
  validate_resources(errors, resources);
  validate_resize_policy(errors, container["resizePolicy"], spec["restartPolicy"].is("Never"));
  validate_security_context(errors, container["securityContext"]);
}

void no_host_port_twice(Errors& errors, const Field& container, std::set<std::string>& taken) {
  Field ports = container["ports"];
  for_each(ports, [&](const Field& port) {
    Field host = port["hostPort"];
    if (host.integer() == 0) return;
    std::string key = std::string(port["protocol"].text()) + "/" + std::string(port["hostIP"].text()) + "/" +
                      std::to_string(host.integer());
    if (!taken.insert(key).second) errors.duplicate_shown(host, shown(std::string_view(key)));
  });
}

void validate_restart_policy(Errors& errors, const Field& container) {
  Field policy = container["restartPolicy"], rules = container["restartPolicyRules"];
  if (!policy.present()) {
    if (!rules.empty()) errors.required(policy, "must specify restartPolicy when restart rules are used");
    return;
  }
  if (!policy.is_one_of({"Always", "OnFailure", "Never"}))
    errors.not_supported(policy, {"Always", "Never", "OnFailure"});
}

}  // namespace

void validate_containers(Errors& errors, const Field& spec, const Volumes& volumes) {
  Field containers = spec["containers"], grace = spec["terminationGracePeriodSeconds"];
  if (containers.empty()) {
    errors.required(containers);
    return;
  }
  std::set<std::string_view> names;
  for_each(containers, [&](const Field& container) {
    validate_common(errors, container, spec, volumes);
    Field name = container["name"];
    if (!names.insert(name.text()).second) errors.duplicate(name);
    validate_lifecycle_and_probes(errors, container, grace);
    validate_restart_policy(errors, container);
  });
  std::set<std::string> taken;
  for_each(containers, [&](const Field& container) { no_host_port_twice(errors, container, taken); });
}

void validate_init_containers(Errors& errors, const Field& spec, const Volumes& volumes) {
  Field containers = spec["containers"], init_containers = spec["initContainers"],
        grace = spec["terminationGracePeriodSeconds"];
  std::set<std::string_view> names;
  for_each(containers, [&](const Field& container) { names.insert(container["name"].text()); });
  for_each(init_containers, [&](const Field& container) {
    validate_common(errors, container, spec, volumes);
    validate_restart_policy(errors, container);
    Field name = container["name"];
    if (!names.insert(name.text()).second && !name.text().empty()) errors.duplicate(name);
    std::set<std::string> taken;
    no_host_port_twice(errors, container, taken);
    if (container["restartPolicy"].is("Always")) {
      validate_lifecycle_and_probes(errors, container, grace);
      return;
    }
    for (std::string_view forbidden : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"})
      if (Field field = container[forbidden]; field.present())
        errors.forbidden(field, "may not be set for init containers without restartPolicy=Always");
  });
}

}  // namespace gatepost::kube
