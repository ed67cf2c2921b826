#include "kube/validation/warnings.h"

#include <array>
#include <map>
#include <set>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/field.h"
#include "kube/validation/validate.h"

// pkg/api/pod/warnings.go and the warnings of the kinds' strategies.
namespace gatepost::kube {
namespace {

struct Deprecated {
  std::string_view name, message;
};

constexpr std::array<Deprecated, 8> node_labels = {{
    {"beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"},
    {"beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"},
    {"failure-domain.beta.kubernetes.io/region",
     "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"},
    {"failure-domain.beta.kubernetes.io/zone", "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"},
    {"beta.kubernetes.io/instance-type", "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"},
    {"app.kubernetes.io/created-by", "deprecated since v1.9"},
    {"scheduler.alpha.kubernetes.io/preferAvoidPods", "deprecated since v1.22; use Taints and Tolerations instead"},
    {"node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"},
}};

constexpr std::array<Deprecated, 3> pod_annotations = {{
    {"scheduler.alpha.kubernetes.io/critical-pod",
     "non-functional in v1.16+; use the \"priorityClassName\" field instead"},
    {"security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"},
    {"security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"},
}};

constexpr std::array<Deprecated, 9> volume_kinds = {{
    {"photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"},
    {"gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"},
    {"scaleIO", "deprecated in v1.16, non-functional in v1.22+"},
    {"flocker", "deprecated in v1.22, non-functional in v1.25+"},
    {"storageos", "deprecated in v1.22, non-functional in v1.25+"},
    {"quobyte", "deprecated in v1.22, non-functional in v1.25+"},
    {"glusterfs", "deprecated in v1.25, non-functional in v1.26+"},
    {"cephfs", "deprecated in v1.28, non-functional in v1.31+"},
    {"rbd", "deprecated in v1.28, non-functional in v1.31+"},
}};

}  // namespace

void warn(Warnings& out, const Field& field, std::string_view text) {
  out.push_back(field.path() + ": " + std::string(text));
}

std::string_view node_label_message(std::string_view label) {
  for (const Deprecated& row : node_labels)
    if (row.name == label && !label.empty()) return row.message;
  return {};
}

namespace {

void warn_of_selectors(Warnings& out, const Field& spec) {
  Field selector = spec["nodeSelector"], spread = spec["topologySpreadConstraints"];
  if (selector.object())
    for (const auto& label : *selector.object())
      if (auto message = node_label_message(label.key()); !message.empty())
        warn(out, selector.key(label.key()), message);
  for_each(spread, [&](const Field& constraint) {
    Field key = constraint["topologyKey"];
    if (auto message = node_label_message(key.text()); !message.empty())
      warn(out, key, std::string(key.text()) + " is " + std::string(message));
    if (!constraint["labelSelector"].present())
      warn(out, constraint["labelSelector"], "a null labelSelector results in matching no pod");
  });
}

void warn_of_volumes(Warnings& out, const Field& spec) {
  Field volumes = spec["volumes"];
  for_each(volumes, [&](const Field& volume) {
    for (const Deprecated& kind : volume_kinds)
      if (volume[kind.name].present())
        warn(out, kind.name == "storageos" ? volume["storageOS"] : volume[kind.name], kind.message);
    Field projected = volume["projected"];
    Field sources = projected["sources"];
    for_each(sources, [&](const Field& source) {
      if (source.empty())
        out.push_back("volume " + shown(volume["name"].text()) + " (Projected) has no sources provided");
    });
  });
}

void warn_of_twins(Warnings& out, const Field& list, std::string_view name, std::string_view what) {
  std::set<std::string_view> seen;
  for_each(list, [&](const Field& item) {
    Field field = item[name];
    if (!seen.insert(field.text()).second)
      warn(out, field, "duplicate " + std::string(what) + " " + shown(field.text()));
  });
}

void warn_of_resources(Warnings& out, const Field& container) {
  Field resources = container["resources"];
  for (std::string_view name : {"memory", "ephemeral-storage"})
    for (std::string_view kind : {"limits", "requests"}) {
      Field list = resources[kind];
      Field amount = list.key(name);
      auto quantity = formats::Quantity::parse(amount.text());
      if (amount.present() && quantity && quantity->milli_value() % 1000 != 0)
        warn(out, amount, "fractional byte value " + shown(amount.text()) + " is invalid, must be an integer");
    }
}

void warn_of_environment(Warnings& out, const Field& container) {
  Field variables = container["env"];
  std::set<std::string_view> seen;
  for_each(variables, [&](const Field& variable) {
    std::string_view name = variable["name"].text(), value = variable["value"].text();
    if (seen.insert(name).second) return;
    // A variable that builds upon its earlier value is meant.
    std::string reference = "$(" + std::string(name) + ")";
    if (variable["valueFrom"].present() || value == reference || value.find(reference) == std::string_view::npos)
      warn(out, variable, "hides previous definition of " + shown(name) + ", which may be dropped when using apply");
  });
}

struct PortUse {
  std::string path, host_ip;
  std::int64_t host_port;
};

void warn_of_ports(Warnings& out, const Field& container, std::map<std::string, std::vector<PortUse>>& used) {
  Field ports = container["ports"];
  for_each(ports, [&](const Field& port) {
    std::string key = std::to_string(port["containerPort"].integer()) + "/" + std::string(port["protocol"].text());
    PortUse own{port.path(), std::string(port["hostIP"].text()), port["hostPort"].integer()};
    for (const PortUse& other : used[key]) {
      if (own.host_ip == other.host_ip && own.host_port == other.host_port)
        warn(out, port, "duplicate port definition with " + other.path);
      else if (own.host_port == 0 || other.host_port == 0)
        warn(out, port, "overlapping port definition with " + other.path);
      else if (own.host_port == other.host_port && own.host_ip.empty() != other.host_ip.empty())
        warn(out, port, "dangerously ambiguous port definition with " + other.path);
    }
    used[key].push_back(std::move(own));
  });
}

void warn_of_port_names(Warnings& out, const Field& container, std::map<std::string_view, std::string>& used) {
  Field ports = container["ports"];
  for_each(ports, [&](const Field& port) {
    std::string_view name = port["name"].text();
    if (name.empty()) return;
    auto [other, fresh] = used.emplace(name, port.path());
    if (!fresh)
      warn(out, port,
           "duplicate port name " + shown(name) + " with " + other->second +
               ", services and probes that select ports by name will use " + other->second);
  });
}

// A Pod, or a template at `holder`.
void warn_of_pod(Warnings& out, const Field& holder) {
  Field spec = holder["spec"], metadata = holder["metadata"];
  Field annotations = metadata["annotations"];
  warn_of_selectors(out, spec);
  for (const Deprecated& annotation : pod_annotations)
    if (annotations.key(annotation.name).value()) warn(out, annotations.key(annotation.name), annotation.message);
  warn_of_volumes(out, spec);
  warn_of_twins(out, spec["hostAliases"], "ip", "ip");
  Field secrets = spec["imagePullSecrets"];
  warn_of_twins(out, secrets, "name", "name");
  for_each(secrets, [&](const Field& secret) {
    if (secret["name"].text().empty()) warn(out, secret["name"], "invalid empty name \"\"");
  });
  std::map<std::string, std::vector<PortUse>> ports;
  for (std::string_view kind : {"initContainers", "containers"}) {
    Field containers = spec[kind];
    for_each(containers, [&](const Field& container) {
      warn_of_resources(out, container);
      warn_of_environment(out, container);
    });
  }
  for (std::string_view kind : {"initContainers", "containers"}) {
    Field containers = spec[kind];
    for_each(containers, [&](const Field& container) { warn_of_ports(out, container, ports); });
  }
  std::map<std::string_view, std::string> port_names;
  for (std::string_view kind : {"initContainers", "containers"}) {
    Field containers = spec[kind];
    for_each(containers, [&](const Field& container) { warn_of_port_names(out, container, port_names); });
  }
  Field grace = spec["terminationGracePeriodSeconds"];
  if (grace.integer() < 0) warn(out, grace, "must be >= 0; negative values are invalid and will be treated as 1");
}

void warn_of_name(Warnings& out, const Field& object, std::string_view used_in) {
  Field metadata = object["metadata"];
  auto complaints = formats::dns1123_label(metadata["name"].text());
  if (metadata["name"].text().empty() || complaints.empty()) return;
  out.push_back("metadata.name: this is used in " + std::string(used_in) +
                ", which can result in surprising behavior; a DNS label is recommended: [" +
                formats::joined(complaints, " ") + "]");
}

}  // namespace

std::vector<std::string> warnings_for(const json::Value& object, const ResourceInfo& resource) {
  Warnings out;
  Field root(&object);
  std::string_view kind = resource.kind;
  if (resource.group.empty() && kind == "Pod") {
    warn_of_name(out, root, "the Pod's hostname");
    warn_of_pod(out, root);
    return out;
  }
  static constexpr std::array<std::string_view, 8> with_templates = {
      "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "CronJob", "ReplicationController", "PodTemplate"};
  bool holds_pods = false;
  for (std::string_view name : with_templates) holds_pods |= name == kind;
  if (!holds_pods) {
    warn_of_kind(out, root, resource);
    return out;
  }
  if (kind == "Deployment" || kind == "ReplicaSet" || kind == "Job" || kind == "CronJob" ||
      kind == "ReplicationController")
    warn_of_name(out, root, "Pod names and hostnames");
  Field spec = root["spec"], own_template = root["template"], job_template = spec["jobTemplate"];
  Field job_spec = job_template["spec"];
  if (kind == "PodTemplate")
    warn_of_pod(out, own_template);
  else if (kind == "CronJob")
    warn_of_pod(out, job_spec["template"]);
  else
    warn_of_pod(out, spec["template"]);
  return out;
}

}  // namespace gatepost::kube
