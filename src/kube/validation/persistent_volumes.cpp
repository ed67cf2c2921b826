#include <array>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"
#include "kube/validation/structure.h"
#include "kube/validation/volume.h"

namespace gatepost::kube {
namespace {

constexpr std::size_t longest_iscsi_volume = 64;
constexpr Choices access_modes = {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"},
                  volume_modes = {"Block", "Filesystem"};

void validate_modes(Errors& errors, const Field& modes) {
  bool alone = false, others = false;
  for_each(modes, [&](const Field& mode) {
    if (!mode.is_one_of(access_modes)) errors.not_supported_shown(modes, shown(mode.text()), access_modes);
    alone |= mode.is("ReadWriteOncePod");
    others |= !mode.is("ReadWriteOncePod") && mode.is_one_of(access_modes);
  });
  if (alone && others) errors.forbidden(modes, "may not use ReadWriteOncePod with other access modes");
}

void validate_class_name(Errors& errors, const Field& name) {
  if (!name.text().empty()) errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
}

// What a claim's volume is filled from.
void validate_data_source(Errors& errors, const Field& source) {
  if (!source.present()) return;
  Field kind = source["kind"], group = source["apiGroup"], space = source["namespace"];
  require_text(errors, source["name"]);
  require_text(errors, kind);
  if (group.text().empty() && !kind.is("PersistentVolumeClaim"))
    errors.invalid_text(source, kind.text(), "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  if (!group.text().empty()) errors.invalid_each(group, group.text(), formats::dns1123_subdomain(group.text()));
  if (!space.text().empty()) errors.invalid_each(space, space.text(), formats::dns1123_label(space.text()));
}

// The two forms of the same thing must agree. What is shown is a path, which prints as an empty structure.
void validate_data_sources(Errors& errors, const Field& spec) {
  Field source = spec["dataSource"], reference = spec["dataSourceRef"];
  validate_data_source(errors, source);
  validate_data_source(errors, reference);
  if (!source.present() || !reference.present()) return;
  if (!reference["namespace"].text().empty()) {
    errors.invalid_shown(spec, "{}", "may not be specified when dataSourceRef.namespace is specified");
    return;
  }
  bool same = source["kind"].text() == reference["kind"].text() && source["name"].text() == reference["name"].text() &&
              source["apiGroup"].present() == reference["apiGroup"].present() &&
              source["apiGroup"].text() == reference["apiGroup"].text();
  if (!same) errors.invalid_shown(spec, "{}", "must match dataSourceRef");
}

void create_claim(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  validate_claim_spec(errors, spec);
}

void update_claim(Errors& errors, const Field& object, const Field& old_object) {
  Field spec = object["spec"], old_spec = old_object["spec"], status = object["status"];
  if (!spec.object() || !old_spec.object()) return;
  json::Value kept = *spec.value();
  json::Object& fields = kept.get_object();
  auto take = [&](std::string_view name) {
    fields.erase(name);
    if (const json::Value* old_value = old_spec[name].value()) fields[name] = *old_value;
  };
  if (old_spec["volumeName"].text().empty()) take("volumeName");
  if (status["phase"].is("Bound")) {
    take("resources");
    take("volumeAttributesClassName");
  }
  if (!equal(&kept, old_spec.value()))
    errors.forbidden(spec,
                     "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                     "bound claims");
}

void validate_glusterfs_volume(Errors& errors, const Field& source) {
  validate_glusterfs(errors, source);
  Field space = source["endpointsNamespace"];
  if (space.present() && space.text().empty())
    errors.invalid_text(space, "", "if the endpointnamespace is set, it must be a valid namespace name");
  else if (space.present())
    errors.invalid_each(space, space.text(), formats::dns1123_label(space.text()));
}

void validate_iscsi_volume(Errors& errors, const Field& source) {
  validate_iscsi(errors, source, "must be valid format");
  Field secret = source["secretRef"];
  if (secret.present()) require_text(errors, secret["name"]);
}

void validate_cinder_volume(Errors& errors, const Field& source) {
  validate_cinder(errors, source);
  require_secret_namespace(errors, source["secretRef"]);
}

void validate_azure_file_volume(Errors& errors, const Field& source) {
  validate_azure_file(errors, source);
  if (Field space = source["secretNamespace"]; space.present()) require_text(errors, space);
}

void validate_storage_os_volume(Errors& errors, const Field& source) {
  validate_storage_os(errors, source);
  require_secret_namespace(errors, source["secretRef"]);
}

void validate_local(Errors& errors, const Field& source) {
  Field path = source["path"];
  if (path.text().empty())
    errors.required(path);
  else if (climbs_up(path.text()))
    errors.invalid(path, "must not contain '..'");
}

void validate_csi_volume(Errors& errors, const Field& source) {
  validate_csi_driver_name(errors, source["driver"]);
  require_text(errors, source["volumeHandle"]);
  for (std::string_view name :
       {"controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"}) {
    Field reference = source[name];
    if (!reference.present()) continue;
    Field secret = reference["name"], space = reference["namespace"];
    require_text(errors, secret);
    validate_class_name(errors, secret);
    require_text(errors, space);
    if (!space.text().empty()) errors.invalid_each(space, space.text(), formats::dns1123_label(space.text()));
  }
}

constexpr std::array source_rules = {
    SourceRule{"hostPath", validate_host_path},
    SourceRule{"gcePersistentDisk", validate_gce_disk, "persistentDisk"},
    SourceRule{"awsElasticBlockStore", validate_aws_disk},
    SourceRule{"glusterfs", validate_glusterfs_volume},
    SourceRule{"flocker", validate_flocker},
    SourceRule{"nfs", validate_nfs},
    SourceRule{"rbd", validate_rbd},
    SourceRule{"quobyte", validate_quobyte},
    SourceRule{"cephfs", validate_cephfs, {}, "cephFS"},
    SourceRule{"iscsi", validate_iscsi_volume},
    SourceRule{"cinder", validate_cinder_volume},
    SourceRule{"fc", validate_fibre_channel},
    SourceRule{"flexVolume", validate_flex_volume},
    SourceRule{"azureFile", validate_azure_file_volume},
    SourceRule{"vsphereVolume", validate_vsphere},
    SourceRule{"photonPersistentDisk", validate_photon},
    SourceRule{"portworxVolume", validate_portworx},
    SourceRule{"azureDisk", validate_azure_disk},
    SourceRule{"scaleIO", validate_scale_io},
    SourceRule{"local", validate_local},
    SourceRule{"storageos", validate_storage_os_volume},
    SourceRule{"csi", validate_csi_volume},
};

void validate_capacity(Errors& errors, const Field& capacity) {
  if (capacity.empty()) errors.required(capacity);
  if (!capacity["storage"].present() || capacity.size() != 1)
    errors.not_supported_shown(capacity, shown_map(capacity), {"storage"});
  if (!capacity.object()) return;
  for (const auto& entry : *capacity.object()) {
    Field amount = capacity.key(entry.key());
    auto size = formats::Quantity::parse(amount.text());
    if (size && size->value() < 0) errors.invalid_number(amount, size->value(), "must be a valid resource quantity");
    if (size && size->sign() <= 0) errors.invalid(amount, "must be greater than zero");
  }
}

void validate_node_affinity(Errors& errors, const Field& affinity) {
  if (!affinity.present()) return;
  Field required = affinity["required"];
  if (required.present())
    validate_node_selector(errors, required);
  else
    errors.required(required, "must specify required node constraints");
}

// "/", "/./" and "//" are the same directory.
bool is_root(std::string_view path) {
  return path.starts_with('/') && path.find_first_not_of("/.") == std::string_view::npos &&
         path.find("...") == std::string_view::npos;
}

// What depends on more than the source itself.
void validate_source_in_volume(Errors& errors, const Field& spec, std::string_view volume_name) {
  Field iscsi = spec["iscsi"], host = spec["hostPath"], policy = spec["persistentVolumeReclaimPolicy"];
  std::string_view portal = iscsi["targetPortal"].text();
  if (iscsi["initiatorName"].present() && volume_name.size() + 1 + portal.size() > longest_iscsi_volume)
    errors.invalid_text(iscsi["targetportal"], portal,
                        "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
                        "iscsi.initiatorName is specified.");
  if (spec["local"].present() && !spec["nodeAffinity"].present())
    errors.required(spec["nodeAffinity"], "Local volume requires node affinity");
  if (host.present() && is_root(host["path"].text()) && policy.is("Recycle"))
    errors.forbidden(policy, "may not be 'recycle' for a hostPath mount of '/'");
}

void create_volume(Errors& errors, const Field& object) {
  Field spec = object["spec"], metadata = object["metadata"];
  Field modes = spec["accessModes"], policy = spec["persistentVolumeReclaimPolicy"], mode = spec["volumeMode"],
        attributes = spec["volumeAttributesClassName"];
  if (modes.empty()) errors.required(modes);
  validate_modes(errors, modes);
  validate_capacity(errors, spec["capacity"]);
  if (!policy.text().empty() && !policy.is_one_of({"Delete", "Recycle", "Retain"}))
    errors.not_supported(policy, {"Delete", "Recycle", "Retain"});
  validate_node_affinity(errors, spec["nodeAffinity"]);
  validate_sources(errors, spec, source_rules);
  validate_source_in_volume(errors, spec, metadata["name"].text());
  validate_class_name(errors, spec["storageClassName"]);
  if (mode.present() && !mode.is_one_of(volume_modes)) errors.not_supported(mode, volume_modes);
  if (!attributes.present()) return;
  if (attributes.text().empty()) errors.required(attributes, "an empty string is disallowed");
  validate_class_name(errors, attributes);
  if (!spec["csi"].present()) errors.required(spec["csi"], "has to be specified when using volumeAttributesClassName");
}

}  // namespace

void validate_claim_spec(Errors& errors, const Field& spec) {
  Field modes = spec["accessModes"], resources = spec["resources"], mode = spec["volumeMode"];
  if (modes.empty()) errors.required(modes, "at least 1 access mode is required");
  validate_label_selector(errors, spec["selector"]);
  validate_modes(errors, modes);
  Field requests = resources["requests"];
  Field storage = requests["storage"];
  Field place = resources.key("storage").with(storage.value());
  auto size = formats::Quantity::parse(storage.text());
  if (!storage.present())
    errors.required(place);
  else if (size && size->sign() <= 0)
    errors.invalid(place, "must be greater than zero");
  validate_class_name(errors, spec["storageClassName"]);
  if (mode.present() && !mode.is_one_of(volume_modes)) errors.not_supported(mode, volume_modes);
  validate_data_sources(errors, spec);
  validate_class_name(errors, spec["volumeAttributesClassName"]);
}

std::span<const KindRules> storage_rules() {
  static constexpr std::array rows = {
      KindRules{"", "PersistentVolumeClaim", create_claim, update_claim, true},
      KindRules{"", "PersistentVolume", create_volume, nullptr, true},
  };
  return rows;
}

}  // namespace gatepost::kube
