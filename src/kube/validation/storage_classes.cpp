#include <array>
#include <map>
#include <set>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/volume.h"

// Classes, drivers, capacities and attachments of storage (pkg/apis/storage/validation).
namespace gatepost::kube {
namespace {

constexpr std::size_t most_parameters = 512, largest_parameters = 256 << 10, longest_node_id = 256;
constexpr std::int64_t shortest_token = 600, longest_token = std::int64_t{1} << 32, shortest_update_period = 10;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

void validate_provisioner(Errors& errors, const Field& name) {
  if (name.text().empty())
    errors.required(name);
  else
    errors.invalid_each(name, lower(name.text()), formats::label_key(lower(name.text())));
}

enum class Emptiness { allowed, refused };

void validate_parameters(Errors& errors, const Field& parameters, Emptiness emptiness) {
  if (parameters.size() > most_parameters) {
    errors.too_long(parameters, most_parameters);
    return;
  }
  std::size_t size = 0;
  if (parameters.object())
    for (const auto& parameter : *parameters.object()) {
      if (parameter.key().empty()) errors.invalid_text(parameters, "", "field can not be empty.");
      size += parameter.key().size() + (parameter.value().is_string() ? parameter.value().get_string().size() : 0);
    }
  if (size > largest_parameters) errors.too_long(parameters, largest_parameters);
  if (emptiness == Emptiness::refused && parameters.empty())
    errors.required(parameters, "must contain at least one key/value pair");
}

using Topology = std::map<std::string_view, std::set<std::string_view>>;

Topology validate_topology(Errors& errors, const Field& term) {
  Topology out;
  Field requirements = term["matchLabelExpressions"];
  for_each(requirements, [&](const Field& requirement) {
    Field key = requirement["key"], values = requirement["values"];
    std::set<std::string_view> known;
    if (values.empty()) errors.required(values);
    for_each(values, [&](const Field& value) {
      if (!known.insert(value.text()).second) errors.duplicate(value);
    });
    errors.invalid_each(key, key.text(), formats::label_key(key.text()));
    if (out.contains(key.text())) errors.duplicate(key);
    out[key.text()] = std::move(known);
  });
  return out;
}

void validate_topologies(Errors& errors, const Field& topologies) {
  // The server compares each with as many empty ones as there are, too.
  std::vector<Topology> seen(topologies.size());
  for_each(topologies, [&](const Field& term) {
    Topology topology = validate_topology(errors, term);
    for (const Topology& other : seen)
      if (topology == other) errors.duplicate_shown(term["matchLabelExpressions"], "\"\"");
    seen.push_back(std::move(topology));
  });
}

void create_storage_class(Errors& errors, const Field& object) {
  Field reclaim = object["reclaimPolicy"], binding = object["volumeBindingMode"];
  validate_provisioner(errors, object["provisioner"]);
  validate_parameters(errors, object["parameters"], Emptiness::allowed);
  if (!reclaim.text().empty() && !reclaim.is_one_of({"Delete", "Retain"}))
    errors.not_supported(reclaim, {"Delete", "Retain"});
  if (!binding.present())
    errors.required(binding);
  else if (!binding.is_one_of({"Immediate", "WaitForFirstConsumer"}))
    errors.not_supported(binding, {"Immediate", "WaitForFirstConsumer"});
  validate_topologies(errors, object["allowedTopologies"]);
}

void update_storage_class(Errors& errors, const Field& object, const Field& old_object) {
  for (std::string_view name : {"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"})
    immutable_unless_equal(errors, object[name], old_object[name]);
}

void create_attributes_class(Errors& errors, const Field& object) {
  validate_provisioner(errors, object["driverName"]);
  validate_parameters(errors, object["parameters"], Emptiness::refused);
}

void validate_token_requests(Errors& errors, const Field& requests) {
  std::set<std::string_view> audiences;
  for_each(requests, [&](const Field& request) {
    Field audience = request["audience"], seconds = request["expirationSeconds"];
    if (!audiences.insert(audience.text()).second) {
      errors.duplicate_shown(audience, shown(audience.text()));
      return;
    }
    if (!seconds.present()) return;
    if (seconds.integer() < shortest_token) errors.invalid(seconds, "may not specify a duration less than 10 minutes");
    if (seconds.integer() > longest_token)
      errors.invalid(seconds, "may not specify a duration larger than 2^32 seconds");
  });
}

void create_driver(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field policy = spec["fsGroupPolicy"], modes = spec["volumeLifecycleModes"], tokens = spec["tokenRequests"],
        period = spec["nodeAllocatableUpdatePeriodSeconds"], in_secrets = spec["serviceAccountTokenInSecrets"];
  for (auto [name, shown_name] : {std::pair<std::string_view, std::string_view>{"attachRequired", "attachedRequired"},
                                  {"podInfoOnMount", "podInfoOnMount"},
                                  {"storageCapacity", "storageCapacity"}})
    if (!spec[name].present()) errors.required(spec[shown_name]);
  if (policy.present() && !policy.is_one_of({"File", "None", "ReadWriteOnceWithFSType"}))
    errors.not_supported(policy, {"File", "None", "ReadWriteOnceWithFSType"});
  validate_token_requests(errors, tokens);
  for_each(modes, [&](const Field& mode) {
    if (!mode.is_one_of({"Persistent", "Ephemeral"}))
      errors.not_supported_shown(modes, shown(mode.text()), {"Persistent", "Ephemeral"});
  });
  if (!spec["seLinuxMount"].present()) errors.required(spec["seLinuxMount"]);
  if (period.present() && period.integer() < shortest_update_period)
    errors.invalid(period, "must be greater than or equal to 10 seconds");
  if (in_secrets.present() && tokens.empty())
    errors.invalid(in_secrets, "serviceAccountTokenInSecrets is set but no tokenRequests are specified");
}

void validate_node_driver(Errors& errors, const Field& driver, std::set<std::string_view>& names) {
  Field name = driver["name"], id = driver["nodeID"], allocatable = driver["allocatable"],
        keys = driver["topologyKeys"];
  validate_csi_driver_name(errors, name);
  require_text(errors, id);
  if (id.text().size() > longest_node_id)
    errors.invalid(id, "must be " + std::to_string(longest_node_id) + " characters or less");
  errors.non_negative(allocatable["count"]);
  if (!names.insert(name.text()).second) errors.duplicate_shown(name, shown(name.text()));
  std::set<std::string_view> seen;
  for_each(keys, [&](const Field& key) {
    if (key.text().empty()) errors.required(driver);
    if (!seen.insert(key.text()).second) errors.duplicate_shown(driver, shown(key.text()));
    errors.invalid_each(driver, key.text(), formats::label_key(key.text()));
  });
}

void create_node_drivers(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field drivers = spec["drivers"];
  std::set<std::string_view> names;
  for_each(drivers, [&](const Field& driver) { validate_node_driver(errors, driver, names); });
}

void create_capacity(Errors& errors, const Field& object) {
  Field name = object["storageClassName"], capacity = object["capacity"];
  validate_label_selector(errors, object["nodeTopology"]);
  errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
  auto amount = formats::Quantity::parse(capacity.text());
  if (capacity.present() && amount && amount->sign() < 0)
    errors.invalid(capacity, "must be greater than or equal to 0");
}

void create_attachment(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field source = spec["source"], node = spec["nodeName"];
  Field volume = source["persistentVolumeName"];
  validate_csi_driver_name(errors, spec["attacher"]);
  static constexpr const char* exactly_one = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  bool in_line = source["inlineVolumeSpec"].present();
  if (!in_line && !volume.present())
    errors.required(source, exactly_one);
  else if (in_line && volume.present())
    errors.forbidden(source, exactly_one);
  else if (volume.present() && volume.text().empty())
    errors.required(volume, "must specify non empty persistentVolumeName");
  errors.invalid_each(node, node.text(), formats::dns1123_subdomain(node.text()));
  if (volume.present()) errors.invalid_each(volume, volume.text(), formats::dns1123_subdomain(volume.text()));
}

}  // namespace

std::span<const KindRules> storage_class_rules() {
  static constexpr std::array rows = {
      KindRules{"storage.k8s.io", "StorageClass", create_storage_class, update_storage_class},
      KindRules{"storage.k8s.io", "VolumeAttributesClass", create_attributes_class},
      KindRules{"storage.k8s.io", "CSIDriver", create_driver},
      KindRules{"storage.k8s.io", "CSINode", create_node_drivers},
      KindRules{"storage.k8s.io", "CSIStorageCapacity", create_capacity},
      KindRules{"storage.k8s.io", "VolumeAttachment", create_attachment},
  };
  return rows;
}

}  // namespace gatepost::kube
