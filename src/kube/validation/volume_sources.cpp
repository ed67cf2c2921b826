#include <re2/re2.h>

#include "formats/names.h"
#include "kube/validation/pod.h"
#include "kube/validation/volume.h"

namespace gatepost::kube {
namespace {

constexpr std::size_t longest_tenant = 64;
constexpr std::int64_t largest_lun = 255, largest_partition = 255;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// Whether Go's net.SplitHostPort takes it.
bool is_host_and_port(std::string_view text) {
  std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return false;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return false;
  }
  return host.find_first_of("[]") == std::string_view::npos &&
         text.substr(colon + 1).find_first_of("[]") == std::string_view::npos;
}

void check_lun(Errors& errors, const Field& lun) {
  if (lun.integer() < 0 || lun.integer() > largest_lun) errors.invalid(lun, formats::range_complaint(0, largest_lun));
}

void check_partition(Errors& errors, const Field& partition) {
  if (partition.integer() < 0 || partition.integer() > largest_partition)
    errors.invalid(partition, formats::range_complaint(1, largest_partition));
}

// The forms of the names of iSCSI nodes: iqn (RFC 3720), eui and naa (RFC 3980).
bool is_iscsi_form(std::string_view name) {
  static const re2::RE2 iqn(R"(iqn\.\d{4}-\d{2}\.([[:alnum:].-]+)(:[^,;*&$|\s]+)$)"), eui("^eui.[[:alnum:]]{16}$"),
      naa("^naa.[[:alnum:]]{32}$");
  const re2::RE2& form = name.starts_with("iqn") ? iqn : name.starts_with("eui") ? eui : naa;
  return re2::RE2::PartialMatch({name.data(), name.size()}, form);
}

bool starts_as_iscsi_name(std::string_view name) {
  return name.starts_with("iqn") || name.starts_with("eui") || name.starts_with("naa");
}

void check_iscsi_name(Errors& errors, const Field& place, std::string_view name, std::string_view wrong_start) {
  if (!starts_as_iscsi_name(name))
    errors.invalid_text(place, name, std::string(wrong_start));
  else if (!is_iscsi_form(name))
    errors.invalid_text(place, name, "must be valid format");
}

}  // namespace

int validate_sources(Errors& errors, const Field& holder, std::span<const SourceRule> rules) {
  int count = 0;
  for (const SourceRule& rule : rules) {
    Field source = holder[rule.name];
    if (!source.present()) continue;
    if (count++ > 0) {
      errors.forbidden(holder[rule.second_place.empty() ? rule.name : rule.second_place],
                       "may not specify more than 1 volume type");
      continue;
    }
    Field place = holder[rule.place.empty() ? rule.name : rule.place].with(source.value());
    if (rule.validate) rule.validate(errors, place);
  }
  if (count == 0) errors.required(holder, "must specify a volume type");
  return count;
}

void require_text(Errors& errors, const Field& field) {
  if (field.text().empty()) errors.required(field);
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

void validate_git_repo(Errors& errors, const Field& source) {
  require_text(errors, source["repository"]);
  validate_relative_path(errors, source["directory"], source["directory"].text());
}

void validate_gce_disk(Errors& errors, const Field& source) {
  require_text(errors, source["pdName"]);
  check_partition(errors, source["partition"]);
}

void validate_aws_disk(Errors& errors, const Field& source) {
  require_text(errors, source["volumeID"]);
  check_partition(errors, source["partition"]);
}

void validate_nfs(Errors& errors, const Field& source) {
  Field path = source["path"];
  require_text(errors, source["server"]);
  require_text(errors, path);
  if (!path.text().starts_with('/')) errors.invalid_text(path, path.text(), "must be an absolute path");
}

void validate_quobyte(Errors& errors, const Field& source) {
  static constexpr const char* pairs = "must be a host:port pair or multiple pairs separated by commas";
  Field registry = source["registry"], tenant = source["tenant"];
  if (registry.text().empty()) {
    errors.required(registry, pairs);
  } else if (tenant.text().size() > longest_tenant) {
    errors.required(tenant, "must be a UUID and may not exceed a length of 64 characters");
  } else {
    for (std::string_view rest = registry.text();;) {
      std::size_t comma = rest.find(',');
      if (!is_host_and_port(rest.substr(0, comma))) errors.invalid(registry, pairs);
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  require_text(errors, source["volume"]);
}

void validate_glusterfs(Errors& errors, const Field& source) {
  require_text(errors, source["endpoints"]);
  require_text(errors, source["path"]);
}

void validate_flocker(Errors& errors, const Field& source) {
  Field name = source["datasetName"];
  bool has_name = !name.text().empty(), has_id = !source["datasetUUID"].text().empty();
  if (!has_name && !has_id) errors.required(source, "one of datasetName and datasetUUID is required");
  if (has_name && has_id)
    errors.invalid_text(source, "resource", "datasetName and datasetUUID can not be specified simultaneously");
  if (name.text().find('/') != std::string_view::npos) errors.invalid(name, "must not contain '/'");
}

void validate_fibre_channel(Errors& errors, const Field& source) {
  Field targets = source["targetWWNs"], ids = source["wwids"], lun = source["lun"];
  if (targets.empty() && ids.empty()) errors.required(targets, "must specify either targetWWNs or wwids, but not both");
  if (!targets.empty() && !ids.empty())
    errors.invalid(targets, "targetWWNs and wwids can not be specified simultaneously");
  if (targets.empty()) return;
  if (!lun.present())
    errors.required(lun, "lun is required if targetWWNs is specified");
  else
    check_lun(errors, lun);
}

void validate_iscsi(Errors& errors, const Field& source, std::string_view wrong_start) {
  require_text(errors, source["targetPortal"]);
  Field name = source["iqn"], initiator = source["initiatorName"];
  if (name.text().empty())
    errors.required(name);
  else
    check_iscsi_name(errors, name, name.text(), wrong_start);
  check_lun(errors, source["lun"]);
  if ((source["chapAuthDiscovery"].truth() || source["chapAuthSession"].truth()) && !source["secretRef"].present())
    errors.required(source["secretRef"]);
  if (initiator.present()) check_iscsi_name(errors, source["initiatorname"], initiator.text(), wrong_start);
}

void validate_rbd(Errors& errors, const Field& source) {
  if (source["monitors"].empty()) errors.required(source["monitors"]);
  require_text(errors, source["image"]);
}

void validate_cinder(Errors& errors, const Field& source) {
  require_text(errors, source["volumeID"]);
  Field secret = source["secretRef"];
  if (secret.present()) require_text(errors, secret["name"]);
}

void validate_cephfs(Errors& errors, const Field& source) {
  if (source["monitors"].empty()) errors.required(source["monitors"]);
}

void validate_flex_volume(Errors& errors, const Field& source) {
  require_text(errors, source["driver"]);
  Field options = source["options"];
  if (!options.object()) return;
  for (const auto& option : *options.object()) {
    std::string_view key = option.key();
    std::string space = "." + lower(key.substr(0, key.find('/')));
    if (space.ends_with(".kubernetes.io") || space.ends_with(".k8s.io"))
      errors.invalid_text(options.key(key), key, "kubernetes.io and k8s.io namespaces are reserved");
  }
}

void validate_azure_file(Errors& errors, const Field& source) {
  require_text(errors, source["secretName"]);
  require_text(errors, source["shareName"]);
}

void validate_azure_disk(Errors& errors, const Field& source) {
  Field uri = source["diskURI"], caching = source["cachingMode"], kind = source["kind"];
  require_text(errors, source["diskName"]);
  require_text(errors, uri);
  if (caching.present() && !caching.is_one_of({"None", "ReadOnly", "ReadWrite"}))
    errors.not_supported(caching, {"None", "ReadOnly", "ReadWrite"});
  if (!kind.present()) return;
  if (!kind.is_one_of({"Dedicated", "Managed", "Shared"}))
    errors.not_supported(kind, {"Dedicated", "Managed", "Shared"});
  if (kind.is("Managed") && !uri.text().starts_with("/subscriptions/"))
    errors.not_supported(
        uri, {"/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"});
  if (!kind.is("Managed") && !uri.text().starts_with("https://"))
    errors.not_supported(uri, {"https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"});
}

void validate_vsphere(Errors& errors, const Field& source) {
  require_text(errors, source["volumePath"]);
}

void validate_photon(Errors& errors, const Field& source) {
  require_text(errors, source["pdID"]);
}

void validate_portworx(Errors& errors, const Field& source) {
  require_text(errors, source["volumeID"]);
}

void validate_scale_io(Errors& errors, const Field& source) {
  for (std::string_view name : {"gateway", "system", "volumeName"}) require_text(errors, source[name]);
}

void validate_storage_os(Errors& errors, const Field& source) {
  Field name = source["volumeName"], space = source["volumeNamespace"], secret = source["secretRef"];
  if (name.text().empty())
    errors.required(name);
  else
    errors.invalid_each(name, name.text(), formats::dns1123_label(name.text()));
  if (!space.text().empty()) errors.invalid_each(space, space.text(), formats::dns1123_label(space.text()));
  if (secret.present()) require_text(errors, secret["name"]);
}

void validate_csi_driver_name(Errors& errors, const Field& driver) {
  constexpr std::size_t longest_driver = 63;
  if (driver.text().empty()) {
    errors.required(driver);
    return;
  }
  if (driver.text().size() > longest_driver) errors.too_long(driver, longest_driver);
  errors.invalid_each(driver, driver.text(), formats::dns1123_subdomain(lower(driver.text())));
}

void require_secret_namespace(Errors& errors, const Field& reference) {
  if (reference.present()) require_text(errors, reference["namespace"]);
}

}  // namespace gatepost::kube
