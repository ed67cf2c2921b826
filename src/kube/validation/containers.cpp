#include <algorithm>
#include <map>
#include <set>

#include "formats/names.h"
#include "kube/validation/container.h"
#include "kube/validation/pod.h"
#include "kube/validation/pod_resources.h"
#include "kube/validation/pod_security.h"

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

bool any_has(const Field& list, std::string_view member, std::string_view text) {
  bool found = false;
  for_each(list, [&](const Field& item) { found |= item[member].is(text); });
  return found;
}

// Of items of one name the last counts.
bool takes_path(const Field& list, std::string_view member, std::string_view path) {
  std::map<std::string_view, std::string_view> by_name;
  for_each(list, [&](const Field& item) { by_name[item["name"].text()] = item[member].text(); });
  return std::any_of(by_name.begin(), by_name.end(), [&](const auto& entry) { return entry.second == path; });
}

// The real path lacks the index of the mount.
void validate_recursive_read_only(Errors& errors, const Field& mount, const Field& mounts) {
  Field value = mount["recursiveReadOnly"], propagation = mount["mountPropagation"];
  Field place = mounts["recursiveReadOnly"].with(value.value());
  if (!value.present() || value.is("Disabled")) return;
  if (!value.is_one_of({"Enabled", "IfPossible"})) {
    errors.not_supported(place, {"Disabled", "Enabled", "IfPossible"});
    return;
  }
  if (!mount["readOnly"].truth()) errors.forbidden(place, "may only be specified when readOnly is true");
  if (propagation.present() && !propagation.is("None"))
    errors.forbidden(place, "may only be specified when mountPropagation is None or not specified");
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
    if (any_has(devices, "name", name.text())) errors.invalid(name, "must not already exist in volumeDevices");
    if (takes_path(devices, "devicePath", path.text()))
      errors.invalid(path, "must not already exist as a path in volumeDevices");
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
    validate_recursive_read_only(errors, mount, mounts);
  });
}

void validate_devices(Errors& errors, const Field& container, const Volumes& volumes) {
  Field devices = container["volumeDevices"], mounts = container["volumeMounts"];
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
    if (any_has(mounts, "name", name.text())) errors.invalid(name, "must not already exist in volumeMounts");
    if (takes_path(mounts, "mountPath", path.text()))
      errors.invalid(path, "must not already exist as a path in volumeMounts");
    if (!name.text().empty()) names.insert(name.text());
  });
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

}  // namespace

void validate_any_container(Errors& errors, const Field& container, const Field& spec, const Volumes& volumes,
                            const ClaimNames& claims) {
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
  validate_container_resources(errors, resources, claims);
  validate_resize_policy(errors, container["resizePolicy"], spec["restartPolicy"].is("Never"));
  HostUsers users = spec["hostUsers"].truth(true) ? HostUsers::shared : HostUsers::own;
  validate_container_security(errors, container["securityContext"], users);
}

namespace {

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

// Init containers run one by one; the path of a complaint always names the first.
void no_init_port_twice(Errors& errors, const Field& init_containers, const Field& container) {
  std::set<std::string> taken;
  Field first = init_containers.item(0).with(container.value());
  no_host_port_twice(errors, first, taken);
}

void validate_restart_rules(Errors& errors, const Field& rules) {
  constexpr std::size_t most_rules = 20, most_codes = 255;
  if (rules.size() > most_rules) errors.too_many(rules, rules.size(), most_rules);
  for_each(rules, [&](const Field& rule) {
    Field action = rule["action"], codes = rule["exitCodes"];
    if (!action.is_one_of({"Restart", "RestartAllContainers"}))
      errors.not_supported(action, {"Restart", "RestartAllContainers"});
    if (!codes.present()) {
      errors.required(codes, "must be specified");
      return;
    }
    Field op = codes["operator"], values = codes["values"];
    if (!op.is_one_of({"In", "NotIn"})) errors.not_supported(op, {"In", "NotIn"});
    if (values.size() > most_codes) errors.too_many(values, values.size(), most_codes);
  });
}

enum class ContainerRole { regular, initial };

void validate_restart_policy(Errors& errors, const Field& container, ContainerRole role) {
  Field policy = container["restartPolicy"], rules = container["restartPolicyRules"];
  if (!policy.present()) {
    if (rules.empty()) return;
    errors.required(policy, "must specify restartPolicy when restart rules are used");
    if (role == ContainerRole::initial) return;
  } else if (!policy.is_one_of({"Always", "OnFailure", "Never"})) {
    errors.not_supported(policy, {"Always", "Never", "OnFailure"});
  }
  validate_restart_rules(errors, rules);
}

}  // namespace

void validate_containers(Errors& errors, const Field& spec, const Volumes& volumes, const ClaimNames& claims) {
  Field containers = spec["containers"];
  if (containers.empty()) {
    errors.required(containers);
    return;
  }
  std::set<std::string_view> names;
  for_each(containers, [&](const Field& container) {
    validate_any_container(errors, container, spec, volumes, claims);
    Field name = container["name"];
    if (!names.insert(name.text()).second) errors.duplicate(name);
    validate_lifecycle_and_probes(errors, container, spec);
    validate_restart_policy(errors, container, ContainerRole::regular);
  });
  std::set<std::string> taken;
  for_each(containers, [&](const Field& container) { no_host_port_twice(errors, container, taken); });
}

void validate_init_containers(Errors& errors, const Field& spec, const Volumes& volumes, const ClaimNames& claims) {
  Field containers = spec["containers"], init_containers = spec["initContainers"];
  std::set<std::string_view> names;
  for_each(containers, [&](const Field& container) { names.insert(container["name"].text()); });
  for_each(init_containers, [&](const Field& container) {
    validate_any_container(errors, container, spec, volumes, claims);
    validate_restart_policy(errors, container, ContainerRole::initial);
    Field name = container["name"];
    if (!names.insert(name.text()).second && !name.text().empty()) errors.duplicate(name);
    no_init_port_twice(errors, init_containers, container);
    if (container["restartPolicy"].is("Always")) {
      validate_lifecycle_and_probes(errors, container, spec);
      return;
    }
    for (std::string_view forbidden : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"})
      if (Field field = container[forbidden]; field.present())
        errors.forbidden(field, "may not be set for init containers without restartPolicy=Always");
    Field policies = container["resizePolicy"];
    for_each(policies, [&](const Field& policy) {
      if (policy["restartPolicy"].is("RestartContainer"))
        errors.invalid(policy["restartPolicy"], "must not be set to 'RestartContainer' for non-sidecar initContainers");
    });
  });
}

}  // namespace gatepost::kube
