#include <array>

#include "base/base64.h"
#include "formats/quantity.h"
#include "kube/validation/address.h"
#include "kube/validation/warnings.h"
#include "net/tls/context.h"

// The warnings of the strategies of single kinds, and of pkg/api/{service,persistentvolume,storage,node}.
namespace gatepost::kube {
namespace {

void warn_of_address(Warnings& out, const Field& field) {
  auto ip = formats::parse_ip(field.text());
  if (!ip || !ip->v6 || ip->is_mapped_v4()) return;
  if (std::string canonical = formats::ip_text(*ip); canonical != field.text())
    warn(out, field,
         "IPv6 address " + shown(field.text()) + " should be in RFC 5952 canonical format (" +
             shown(std::string_view(canonical)) + ")");
}

void warn_of_block(Warnings& out, const Field& field) {
  auto block = formats::parse_prefix(field.text());
  if (!block || !block->ip.v6 || block->ip.is_mapped_v4()) return;
  if (std::string canonical = formats::prefix_text(*block); canonical != field.text())
    warn(out, field,
         "IPv6 CIDR value " + shown(field.text()) + " should be in RFC 5952 canonical format (" +
             shown(std::string_view(canonical)) + ")");
}

void warn_of_service(Warnings& out, const Field& service) {
  Field spec = service["spec"], metadata = service["metadata"];
  Field annotations = metadata["annotations"], addresses = spec["clusterIPs"], external = spec["externalIPs"],
        balancer = spec["loadBalancerIP"], ranges = spec["loadBalancerSourceRanges"];
  bool by_name = spec["type"].is("ExternalName");
  bool headless = spec["type"].is("ClusterIP") && spec["clusterIP"].is("None");
  static constexpr std::string_view hints = "service.kubernetes.io/topology-aware-hints";
  if (annotations.key(hints).value())
    out.push_back("annotation " + std::string(hints) +
                  " is deprecated, please use service.kubernetes.io/topology-mode instead");
  for_each(addresses, [&](const Field& address) { warn_of_address(out, address); });
  if (headless) {
    if (!balancer.text().empty()) out.emplace_back("spec.loadBalancerIP is ignored for headless services");
    if (!external.empty()) out.emplace_back("spec.externalIPs is ignored for headless services");
    if (!spec["sessionAffinity"].is("None")) out.emplace_back("spec.SessionAffinity is ignored for headless services");
  }
  for_each(external, [&](const Field& address) { warn_of_address(out, address); });
  if (!external.empty() && !headless && !by_name)
    out.emplace_back("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
  warn_of_address(out, balancer);
  for_each(ranges, [&](const Field& range) { warn_of_block(out, range); });
  if (by_name && !external.empty()) out.emplace_back("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
  if (!by_name && !spec["externalName"].text().empty())
    out.emplace_back("spec.externalName is ignored when spec.type is not \"ExternalName\"");
  if (spec["trafficDistribution"].is("PreferClose"))
    out.emplace_back("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
}

// The certificate and the key must be a pair.
void warn_of_secret(Warnings& out, const Field& secret) {
  if (!secret["type"].is("kubernetes.io/tls")) return;
  Field data = secret["data"];
  auto bytes = [&](std::string_view key) { return base64::decode(data.key(key).text()).value_or(std::string()); };
  auto context = net::tls::make_context(net::tls::Role::server, {});
  auto loaded = net::tls::use_identity(context.get(), bytes("tls.crt"), bytes("tls.key"));
  if (!loaded) out.push_back(loaded.error().text);
}

void warn_of_node_affinity(Warnings& out, const Field& volume) {
  Field spec = volume["spec"];
  Field affinity = spec["nodeAffinity"];
  Field required = affinity["required"];
  Field terms = required["nodeSelectorTerms"];
  for_each(terms, [&](const Field& term) {
    Field expressions = term["matchExpressions"];
    for_each(expressions, [&](const Field& expression) {
      Field key = expression["key"];
      if (auto message = node_label_message(key.text()); !message.empty())
        warn(out, key, std::string(key.text()) + " is " + std::string(message));
    });
  });
}

void warn_of_annotation(Warnings& out, const Field& object, std::string_view key, std::string_view message) {
  Field metadata = object["metadata"];
  Field annotations = metadata["annotations"];
  if (annotations.key(key).value()) warn(out, annotations.key(key), message);
}

constexpr std::string_view class_annotation = "volume.beta.kubernetes.io/storage-class",
                           class_message = "deprecated since v1.8; use \"storageClassName\" attribute instead";

void warn_of_volume(Warnings& out, const Field& volume) {
  struct Plugin {
    std::string_view name, shown_name, message;
  };
  static constexpr std::array plugins = {
      Plugin{"cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"},
      Plugin{"photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"},
      Plugin{"scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"},
      Plugin{"storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"},
      Plugin{"glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"},
      Plugin{"rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"},
  };
  Field spec = volume["spec"];
  warn_of_annotation(out, volume, class_annotation, class_message);
  warn_of_annotation(out, volume, "volume.beta.kubernetes.io/mount-options",
                     "deprecated since v1.31; use \"mountOptions\" attribute instead");
  if (Field policy = spec["persistentVolumeReclaimPolicy"]; policy.is("Recycle"))
    warn(out, policy,
         "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic "
         "provisioning.");
  warn_of_node_affinity(out, volume);
  for (const Plugin& plugin : plugins)
    if (spec[plugin.name].present()) warn(out, spec[plugin.shown_name], plugin.message);
}

void warn_of_claim(Warnings& out, const Field& claim) {
  Field spec = claim["spec"];
  Field resources = spec["resources"];
  warn_of_annotation(out, claim, class_annotation, class_message);
  for (std::string_view kind : {"requests", "limits"}) {
    Field list = resources[kind];
    Field storage = list.key("storage");
    auto amount = formats::Quantity::parse(storage.text());
    if (amount && amount->milli_value() % 1000 != 0)
      warn(out, storage, "fractional byte value " + shown(storage.text()) + " is invalid, must be an integer");
  }
}

void warn_of_storage_class(Warnings& out, const Field& storage_class) {
  Field topologies = storage_class["allowedTopologies"];
  for_each(topologies, [&](const Field& term) {
    Field expressions = term["matchLabelExpressions"];
    for_each(expressions, [&](const Field& expression) {
      Field key = expression["key"];
      if (auto message = node_label_message(key.text()); !message.empty()) warn(out, key, message);
    });
  });
}

void warn_of_driver(Warnings& out, const Field& driver) {
  Field spec = driver["spec"];
  if (!spec["tokenRequests"].empty() && !spec["serviceAccountTokenInSecrets"].present())
    out.emplace_back(
        "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible "
        "logging of tokens in volume attributes");
}

void warn_of_runtime_class(Warnings& out, const Field& runtime_class) {
  Field scheduling = runtime_class["scheduling"];
  Field selector = scheduling["nodeSelector"];
  if (!selector.object()) return;
  for (const auto& label : *selector.object())
    if (auto message = node_label_message(label.key()); !message.empty()) warn(out, selector, message);
}

void warn_of_node(Warnings& out, const Field& node) {
  Field spec = node["spec"];
  Field blocks = spec["podCIDRs"];
  if (spec["configSource"].present()) out.emplace_back("spec.configSource: the feature is removed");
  if (!spec["externalID"].text().empty())
    out.emplace_back("spec.externalID: this field is deprecated, and is unused by Kubernetes");
  for_each(blocks, [&](const Field& block) { warn_of_block(out, block); });
}

}  // namespace

void warn_of_kind(Warnings& out, const Field& object, const ResourceInfo& resource) {
  struct Row {
    std::string_view group, kind;
    void (*warn)(Warnings& out, const Field& object);
  };
  static constexpr std::array rows = {
      Row{"", "Service", warn_of_service},
      Row{"", "Secret", warn_of_secret},
      Row{"", "PersistentVolume", warn_of_volume},
      Row{"", "PersistentVolumeClaim", warn_of_claim},
      Row{"", "Node", warn_of_node},
      Row{"storage.k8s.io", "StorageClass", warn_of_storage_class},
      Row{"storage.k8s.io", "CSIDriver", warn_of_driver},
      Row{"node.k8s.io", "RuntimeClass", warn_of_runtime_class},
  };
  for (const Row& row : rows)
    if (row.kind == resource.kind && row.group == resource.group) return row.warn(out, object);
}

}  // namespace gatepost::kube
