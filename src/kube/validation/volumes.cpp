#include <algorithm>
#include <array>
#include <set>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"
#include "kube/validation/volume.h"

namespace gatepost::kube {
namespace {

constexpr std::size_t longest_iscsi_volume = 64;

void validate_keyed_source(Errors& errors, const Field& source, std::string_view name) {
  require_text(errors, source[name]);
  validate_file_mode(errors, source["defaultMode"]);
  Field items = source["items"];
  for_each(items, [&](const Field& item) { validate_key_path(errors, item); });
}

void validate_secret(Errors& errors, const Field& source) {
  validate_keyed_source(errors, source, "secretName");
}

void validate_config_map(Errors& errors, const Field& source) {
  validate_keyed_source(errors, source, "name");
}

void validate_empty_dir(Errors& errors, const Field& source) {
  Field limit = source["sizeLimit"];
  auto size = formats::Quantity::parse(limit.text());
  if (limit.present() && size && size->sign() < 0)
    errors.forbidden(limit, "SizeLimit field must be a valid resource quantity");
}

void validate_claim(Errors& errors, const Field& source) {
  require_text(errors, source["claimName"]);
}

void validate_downward(Errors& errors, const Field& source) {
  validate_file_mode(errors, source["defaultMode"]);
  Field items = source["items"];
  for_each(items, [&](const Field& item) { validate_downward_file(errors, item, source); });
}

void validate_pod_iscsi(Errors& errors, const Field& source) {
  validate_iscsi(errors, source, "must be valid format starting with iqn, eui, or naa");
}

void validate_csi(Errors& errors, const Field& source) {
  validate_csi_driver_name(errors, source["driver"]);
  Field secret = source["nodePublishSecretRef"];
  if (!secret.present()) return;
  Field name = secret["name"];
  if (name.text().empty())
    errors.required(name);
  else
    errors.invalid_each(source["name"], name.text(), formats::dns1123_subdomain(name.text()));
}

// The metadata of a claim's template may hold labels and annotations only.
void validate_claim_metadata(Errors& errors, const Field& metadata) {
  validate_annotations(errors, metadata["annotations"]);
  validate_labels(errors, metadata["labels"]);
  auto forbid = [&](std::string_view name, std::string_view shown_name) {
    Field field = metadata[name];
    bool zero = !field.present() || (field.value()->is_string() && field.text().empty()) ||
                (name == "generation" && field.integer() == 0);
    if (!zero) errors.forbidden(metadata[shown_name], "cannot be set");
  };
  for (std::string_view name : {"name", "generateName", "namespace", "selfLink"}) forbid(name, name);
  forbid("uid", "uID");
  for (std::string_view name : {"resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
                                "deletionGracePeriodSeconds", "ownerReferences", "finalizers", "managedFields"})
    forbid(name, name);
}

void validate_ephemeral(Errors& errors, const Field& source) {
  Field claim = source["volumeClaimTemplate"];
  if (!claim.present()) {
    errors.required(claim);
    return;
  }
  validate_claim_metadata(errors, claim["metadata"]);
  validate_claim_spec(errors, claim["spec"]);
}

void validate_template_image(Errors& errors, const Field& source) {
  errors.choice(source["pullPolicy"], {"Always", "IfNotPresent", "Never"});
}

void validate_pod_image(Errors& errors, const Field& source) {
  require_text(errors, source["reference"]);
  validate_template_image(errors, source);
}

constexpr std::array source_rules = {
    SourceRule{"emptyDir", validate_empty_dir},
    SourceRule{"hostPath", validate_host_path},
    SourceRule{"gitRepo", validate_git_repo},
    SourceRule{"gcePersistentDisk", validate_gce_disk, "persistentDisk"},
    SourceRule{"awsElasticBlockStore", validate_aws_disk},
    SourceRule{"secret", validate_secret},
    SourceRule{"nfs", validate_nfs},
    SourceRule{"iscsi", validate_pod_iscsi},
    SourceRule{"glusterfs", validate_glusterfs},
    SourceRule{"flocker", validate_flocker},
    SourceRule{"persistentVolumeClaim", validate_claim},
    SourceRule{"rbd", validate_rbd},
    SourceRule{"cinder", validate_cinder},
    SourceRule{"cephfs", validate_cephfs, {}, "cephFS"},
    SourceRule{"quobyte", validate_quobyte},
    SourceRule{"downwardAPI", validate_downward, {}, "downwarAPI"},
    SourceRule{"fc", validate_fibre_channel},
    SourceRule{"flexVolume", validate_flex_volume},
    SourceRule{"configMap", validate_config_map},
    SourceRule{"azureFile", validate_azure_file},
    SourceRule{"vsphereVolume", validate_vsphere},
    SourceRule{"photonPersistentDisk", validate_photon},
    SourceRule{"portworxVolume", validate_portworx},
    SourceRule{"azureDisk", validate_azure_disk},
    SourceRule{"storageos", validate_storage_os},
    SourceRule{"projected", validate_projected},
    SourceRule{"scaleIO", validate_scale_io},
    SourceRule{"csi", validate_csi},
    SourceRule{"ephemeral", validate_ephemeral},
};

constexpr auto with_image(void (*validate)(Errors&, const Field&)) {
  std::array<SourceRule, source_rules.size() + 1> out{};
  std::copy(source_rules.begin(), source_rules.end(), out.begin());
  out.back() = {"image", validate};
  return out;
}

constexpr auto pod_sources = with_image(validate_pod_image), template_sources = with_image(validate_template_image);

// What depends on the name of the volume, or of the pod.
void validate_names_of_source(Errors& errors, const Field& volume, std::string_view pod_name) {
  Field iscsi = volume["iscsi"], name = volume["name"];
  std::string_view portal = iscsi["targetPortal"].text();
  if (iscsi["initiatorName"].present() && name.text().size() + 1 + portal.size() > longest_iscsi_volume)
    errors.invalid_text(name, name.text(),
                        "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
                        "iscsi.initiatorName is specified.");
  if (!volume["ephemeral"].present() || pod_name.empty() || name.text().empty()) return;
  std::string claim = std::string(pod_name) + "-" + std::string(name.text());
  for (const std::string& complaint : formats::dns1123_subdomain(claim))
    errors.invalid(name, "PVC name " + shown(std::string_view(claim)) + ": " + complaint);
}

std::set<std::string> claims_made_for(const Field& volumes, std::string_view pod_name) {
  std::set<std::string> out;
  if (pod_name.empty()) return out;
  for_each(volumes, [&](const Field& volume) {
    if (volume["ephemeral"].present()) out.insert(std::string(pod_name) + "-" + std::string(volume["name"].text()));
  });
  return out;
}

}  // namespace

bool climbs_up(std::string_view path) {
  for (;;) {
    std::size_t slash = path.find('/');
    if (path.substr(0, slash) == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
}

void validate_relative_path(Errors& errors, const Field& path, std::string_view text) {
  if (text.starts_with('/')) errors.invalid_text(path, text, "must be a relative path");
  if (climbs_up(text)) errors.invalid_text(path, text, "must not contain '..'");
}

void validate_local_path(Errors& errors, const Field& path) {
  validate_relative_path(errors, path, path.text());
  if (path.text().starts_with("..") && !path.text().starts_with("../"))
    errors.invalid(path, "must not start with '..'");
}

void validate_file_mode(Errors& errors, const Field& mode) {
  if (mode.present() && (mode.integer() > 0777 || mode.integer() < 0))
    errors.invalid(mode, "must be a number between 0 and 0777 (octal), both inclusive");
}

void validate_key_path(Errors& errors, const Field& item) {
  require_text(errors, item["key"]);
  require_text(errors, item["path"]);
  validate_local_path(errors, item["path"]);
  validate_file_mode(errors, item["mode"]);
}

// Complaints are placed at what holds the files, as the real ones are.
void validate_downward_file(Errors& errors, const Field& file, const Field& place) {
  static constexpr Choices known = {"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace",
                                    "metadata.uid"};
  auto at_place = [&](std::string_view name) { return place[name].with(file[name].value()); };
  Field field = at_place("fieldRef"), resource = at_place("resourceFieldRef"), path = at_place("path");
  if (path.text().empty()) errors.required(path);
  validate_local_path(errors, path);
  if (field.present()) {
    validate_object_field(errors, field, known);
    if (resource.present())
      errors.invalid_text(place, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
  } else if (resource.present()) {
    validate_resource_field(errors, resource, ResourceFieldOf::volume);
  } else {
    errors.required(place, "one of fieldRef and resourceFieldRef is required");
  }
  validate_file_mode(errors, at_place("mode"));
}

Volumes validate_volumes(Errors& errors, const Field& volumes, const Field* pod_metadata) {
  Volumes out;
  std::string_view pod_name = pod_metadata ? (*pod_metadata)["name"].text() : std::string_view{};
  std::set<std::string> made_claims = claims_made_for(volumes, pod_name);
  std::span<const SourceRule> rules = template_sources;
  if (pod_metadata) rules = pod_sources;
  for_each(volumes, [&](const Field& volume) {
    std::size_t before = errors.size();
    Field name = volume["name"];
    validate_sources(errors, volume, rules);
    validate_names_of_source(errors, volume, pod_name);
    if (name.text().empty())
      errors.required(name);
    else
      errors.invalid_each(name, name.text(), formats::dns1123_label(name.text()));
    if (out.contains(name.text())) errors.duplicate(name);
    if (errors.size() == before) out.emplace(name.text(), volume.value());
    Field claim = volume["persistentVolumeClaim"];
    Field claim_name = claim["claimName"];
    if (claim.present() && made_claims.contains(std::string(claim_name.text())))
      errors.invalid(claim_name, "must not reference a PVC that gets created for an ephemeral volume");
  });
  return out;
}

}  // namespace gatepost::kube
