#include <algorithm>
#include <array>
#include <set>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/pod.h"

namespace gatepost::kube {
namespace {

constexpr const char* mode_text = "must be a number between 0 and 0777 (octal), both inclusive";

void validate_mode(Errors& errors, const Field& mode) {
  if (mode.present() && (mode.integer() > 0777 || mode.integer() < 0)) errors.invalid(mode, mode_text);
}

// A file's place in a volume: below it, not hidden as ".." is.
void validate_local_path(Errors& errors, const Field& path) {
  validate_relative_path(errors, path, path.text());
  if (path.text().starts_with("..") && !path.text().starts_with("../"))
    errors.invalid(path, "must not start with '..'");
}

void require(Errors& errors, const Field& field) {
  if (field.text().empty()) errors.required(field);
}

void validate_items(Errors& errors, const Field& items) {
  for_each(items, [&](const Field& item) {
    require(errors, item["key"]);
    require(errors, item["path"]);
    validate_local_path(errors, item["path"]);
    validate_mode(errors, item["mode"]);
  });
}

void validate_secret(Errors& errors, const Field& source) {
  require(errors, source["secretName"]);
  validate_mode(errors, source["defaultMode"]);
  validate_items(errors, source["items"]);
}

void validate_config_map(Errors& errors, const Field& source) {
  require(errors, source["name"]);
  validate_mode(errors, source["defaultMode"]);
  validate_items(errors, source["items"]);
}

void validate_host_path(Errors& errors, const Field& source) {
  Field path = source["path"], type = source["type"];
  if (path.text().empty()) {
    errors.required(path);
    return;
  }
  if (climbs_up(path.text())) errors.invalid(path, "must not contain '..'");
  static constexpr Choices types = {"",     "BlockDevice",  "CharDevice", "Directory", "DirectoryOrCreate",
                                    "File", "FileOrCreate", "Socket"};
  if (type.present() && !type.is_one_of(types)) errors.not_supported(type, types);
}

void validate_empty_dir(Errors& errors, const Field& source) {
  Field limit = source["sizeLimit"];
  auto size = formats::Quantity::parse(limit.text());
  if (limit.present() && size && size->sign() < 0)
    errors.forbidden(limit, "SizeLimit field must be a valid resource quantity");
}

void validate_claim(Errors& errors, const Field& source) {
  require(errors, source["claimName"]);
}

void validate_nfs(Errors& errors, const Field& source) {
  Field path = source["path"];
  require(errors, source["server"]);
  require(errors, path);
  if (!path.text().starts_with('/')) errors.invalid_text(path, path.text(), "must be an absolute path");
}

constexpr Choices volume_fields = {"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace",
                                   "metadata.uid"};

void validate_downward_file(Errors& errors, const Field& file, const Field& place) {
  Field field = file["fieldRef"], resource = file["resourceFieldRef"], path = file["path"];
  if (path.text().empty()) errors.required(place["path"]);
  validate_local_path(errors, path);
  if (field.present()) {
    validate_object_field(errors, field, volume_fields);
    if (resource.present())
      errors.invalid_text(place, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
  } else if (resource.present()) {
    validate_resource_field(errors, resource, ResourceFieldOf::volume);
  } else {
    errors.required(place, "one of fieldRef and resourceFieldRef is required");
  }
  validate_mode(errors, file["mode"]);
}

void validate_downward(Errors& errors, const Field& source) {
  validate_mode(errors, source["defaultMode"]);
  Field items = source["items"];
  for_each(items, [&](const Field& item) { validate_downward_file(errors, item, source); });
}

void validate_token_source(Errors& errors, const Field& token, const Field& projected) {
  Field seconds = token["expirationSeconds"], path = token["path"];
  if (seconds.integer() < 600) errors.invalid(seconds, "may not specify a duration less than 10 minutes");
  if (seconds.integer() > std::int64_t{1} << 32)
    errors.invalid(seconds, "may not specify a duration larger than 2^32 seconds");
  if (path.text().empty())
    errors.required(projected["path"]);
  else
    validate_local_path(errors, path);
}

void validate_projected(Errors& errors, const Field& source) {
  validate_mode(errors, source["defaultMode"]);
  std::set<std::string_view> paths;
  auto unique_paths = [&](const Field& items, std::string_view name) {
    for_each(items, [&](const Field& item) {
      Field path = item["path"];
      if (!path.text().empty() && !paths.insert(path.text()).second)
        errors.invalid_text(source, name.empty() ? path.text() : name, "conflicting duplicate paths");
    });
  };
  Field sources = source["sources"];
  for_each(sources, [&](const Field& one) {
    int count = 0;
    for (std::string_view kind : {"secret", "configMap"}) {
      Field projection = one[kind];
      if (!projection.present()) continue;
      ++count;
      require(errors, projection["name"]);
      validate_items(errors, projection["items"]);
      Field items = projection["items"];
      unique_paths(items, projection["name"].text());
    }
    if (Field projection = one["downwardAPI"]; projection.present()) {
      ++count;
      Field items = projection["items"];
      for_each(items, [&](const Field& item) { validate_downward_file(errors, item, projection); });
      unique_paths(items, {});
    }
    if (Field token = one["serviceAccountToken"]; token.present()) {
      ++count;
      validate_token_source(errors, token, source);
    }
    for (std::string_view kind : {"clusterTrustBundle", "podCertificate"})
      if (Field projection = one[kind]; projection.present()) ++count;
    if (count > 1) errors.forbidden(one, "may not specify more than 1 volume type");
  });
}

void validate_csi(Errors& errors, const Field& source) {
  Field driver = source["driver"];
  if (driver.text().empty()) {
    errors.required(driver);
  } else {
    if (driver.text().size() > 63) errors.too_long(driver, 63);
    std::string lower(driver.text());
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    errors.invalid_each(driver, driver.text(), formats::dns1123_subdomain(lower));
  }
}

void validate_image(Errors& errors, const Field& source) {
  if (source["reference"].text().empty()) errors.required(source["reference"]);
  Field policy = source["pullPolicy"];
  if (policy.present() && !policy.is_one_of({"Always", "IfNotPresent", "Never"}))
    errors.not_supported(policy, {"Always", "IfNotPresent", "Never"});
}

struct SourceKind {
  std::string_view name;
  void (*validate)(Errors& errors, const Field& source);
};

// In the order in which they are looked at: the second one found is told.
constexpr std::array source_kinds = {
    SourceKind{"emptyDir", validate_empty_dir},
    SourceKind{"hostPath", validate_host_path},
    SourceKind{"gitRepo", nullptr},
    SourceKind{"gcePersistentDisk", nullptr},
    SourceKind{"awsElasticBlockStore", nullptr},
    SourceKind{"secret", validate_secret},
    SourceKind{"nfs", validate_nfs},
    SourceKind{"iscsi", nullptr},
    SourceKind{"glusterfs", nullptr},
    SourceKind{"flocker", nullptr},
    SourceKind{"persistentVolumeClaim", validate_claim},
    SourceKind{"rbd", nullptr},
    SourceKind{"cinder", nullptr},
    SourceKind{"cephfs", nullptr},
    SourceKind{"quobyte", nullptr},
    SourceKind{"downwardAPI", validate_downward},
    SourceKind{"fc", nullptr},
    SourceKind{"flexVolume", nullptr},
    SourceKind{"configMap", validate_config_map},
    SourceKind{"azureFile", nullptr},
    SourceKind{"vsphereVolume", nullptr},
    SourceKind{"photonPersistentDisk", nullptr},
    SourceKind{"portworxVolume", nullptr},
    SourceKind{"azureDisk", nullptr},
    SourceKind{"storageos", nullptr},
    SourceKind{"projected", validate_projected},
    SourceKind{"scaleIO", nullptr},
    SourceKind{"csi", validate_csi},
    SourceKind{"ephemeral", nullptr},
    SourceKind{"image", validate_image},
};

void validate_source(Errors& errors, const Field& volume) {
  int count = 0;
  for (const SourceKind& kind : source_kinds) {
    Field source = volume[kind.name];
    if (!source.present()) continue;
    if (count > 0) {
      errors.forbidden(source, "may not specify more than 1 volume type");
      continue;
    }
    ++count;
    if (kind.validate) kind.validate(errors, source);
  }
  if (count == 0) errors.required(volume, "must specify a volume type");
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

Volumes validate_volumes(Errors& errors, const Field& volumes, const Field* pod_metadata) {
  Volumes out;
  std::set<std::string> created_claims;
  if (pod_metadata)
    for_each(volumes, [&](const Field& volume) {
      if (volume["ephemeral"].present())
        created_claims.insert(std::string((*pod_metadata)["name"].text()) + "-" + std::string(volume["name"].text()));
    });
  for_each(volumes, [&](const Field& volume) {
    std::size_t before = errors.size();
    Field name = volume["name"];
    validate_source(errors, volume);
    if (name.text().empty())
      errors.required(name);
    else
      errors.invalid_each(name, name.text(), formats::dns1123_label(name.text()));
    if (out.contains(name.text())) errors.duplicate(name);
    if (errors.size() == before) out.emplace(name.text(), volume.value());
    Field claim = volume["persistentVolumeClaim"];
    Field claim_name = claim["claimName"];
    if (claim.present() && created_claims.contains(std::string(claim_name.text())))
      errors.invalid(claim_name, "must not reference a PVC that gets created for an ephemeral volume");
  });
  return out;
}

}  // namespace gatepost::kube
