#include <array>
#include <charconv>

#include "formats/names.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"
#include "kube/validation/pod_security.h"
#include "kube/validation/structure.h"
#include "kube/validation/workload.h"

namespace gatepost::kube {
namespace {

constexpr const char* mismatch = "`selector` does not match template `labels`";

// The value of a union-like strategy as the server's own type prints it; fields in the order of that type.
std::string shown_strategy(const Field& strategy, std::initializer_list<std::pair<const char*, const char*>> fields) {
  std::string out = "{\"Type\":" + shown(strategy["type"].text()) + ",\"RollingUpdate\":";
  Field rolling = strategy["rollingUpdate"];
  if (!rolling.present()) return out + "null}";
  char separator = '{';
  for (auto [name, otherwise] : fields) {
    std::string title(name);
    title[0] = static_cast<char>(title[0] - 32);
    Field field = rolling[name];
    out += separator + ("\"" + title + "\":") + (field.present() ? shown(field.value()) : otherwise);
    separator = ',';
  }
  return out + "}}";
}

void always_restarted(Errors& errors, const Field& pod_template, std::string_view kind) {
  Field spec = pod_template["spec"];
  Field restart = spec["restartPolicy"], deadline = spec["activeDeadlineSeconds"];
  if (!restart.is("Always")) errors.not_supported(restart, {"Always"});
  if (deadline.present())
    errors.forbidden(deadline, "activeDeadlineSeconds in " + std::string(kind) + " is not Supported");
}

void validate_selector(Errors& errors, const Field& selector, std::string_view kind) {
  if (!selector.present()) {
    errors.required(selector);
    return;
  }
  validate_label_selector(errors, selector);
  if (selector["matchLabels"].empty() && selector["matchExpressions"].empty())
    errors.invalid(selector, "empty selector is invalid for " + std::string(kind));
}

// Whether the selector could be read; only then the template is judged.
bool labels_match(Errors& errors, const Field& spec, const char* unreadable) {
  Field pod_template = spec["template"];
  Field metadata = pod_template["metadata"];
  Field labels = metadata["labels"], selector = spec["selector"];
  bool everything = selector.present() && selector["matchLabels"].empty() && selector["matchExpressions"].empty();
  Selection selection = select(selector, labels);
  if (selection == Selection::unreadable) errors.invalid(selector, unreadable);
  if (!everything && selection == Selection::passes_by) errors.invalid_shown(labels, shown_map(labels), mismatch);
  return selection != Selection::unreadable;
}

constexpr const char* unreadable_selector = "invalid label selector";

void validate_replicated(Errors& errors, const Field& spec) {
  validate_selector(errors, spec["selector"], "deployment");
  if (!labels_match(errors, spec, unreadable_selector)) return;
  Field pod_template = spec["template"];
  validate_pod_template(errors, pod_template);
  always_restarted(errors, pod_template, "ReplicaSet");
}

void non_negative(Errors& errors, const Field& spec, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) errors.non_negative(spec[name]);
}

void validate_deployment_strategy(Errors& errors, const Field& strategy) {
  Field rolling = strategy["rollingUpdate"];
  if (strategy["type"].is("Recreate")) {
    if (rolling.present()) errors.forbidden(rolling, "may not be specified when strategy `type` is 'Recreate'");
    return;
  }
  if (!strategy["type"].is("RollingUpdate")) {
    errors.not_supported_shown(strategy, shown_strategy(strategy, {{"maxUnavailable", "0"}, {"maxSurge", "0"}}),
                               {"Recreate", "RollingUpdate"});
    return;
  }
  if (!rolling.present()) {
    errors.required(rolling, "this should be defaulted and never be nil");
    return;
  }
  Field unavailable = rolling["maxUnavailable"], surge = rolling["maxSurge"];
  validate_int_or_percent(errors, unavailable);
  validate_int_or_percent(errors, surge);
  if (int_or_percent(unavailable) == 0 && int_or_percent(surge) == 0)
    errors.invalid(unavailable, "may not be 0 when `maxSurge` is 0");
  not_over_100_percent(errors, unavailable);
}

void create_deployment(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  errors.non_negative(spec["replicas"]);
  validate_replicated(errors, spec);
  Field strategy = spec["strategy"];
  validate_deployment_strategy(errors, strategy);
  non_negative(errors, spec, {"minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"});
  Field progress = spec["progressDeadlineSeconds"];
  if (progress.present() && progress.integer() <= spec["minReadySeconds"].integer())
    errors.invalid(progress, "must be greater than minReadySeconds");
}

void create_replica_set(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  non_negative(errors, spec, {"replicas", "minReadySeconds"});
  validate_replicated(errors, spec);
}

void selector_kept(Errors& errors, const Field& object, const Field& old_object) {
  Field spec = object["spec"], old_spec = old_object["spec"];
  immutable_unless_equal(errors, spec["selector"], old_spec["selector"]);
}

void update_deployment(Errors& errors, const Field& object, const Field& old_object) {
  create_deployment(errors, object);
  selector_kept(errors, object, old_object);
}

void update_replica_set(Errors& errors, const Field& object, const Field& old_object) {
  create_replica_set(errors, object);
  selector_kept(errors, object, old_object);
}

void create_daemon_set(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field selector = spec["selector"], pod_template = spec["template"], strategy = spec["updateStrategy"];
  validate_label_selector(errors, selector);
  Field metadata = pod_template["metadata"];
  if (select(selector, metadata["labels"]) == Selection::passes_by)
    errors.invalid_shown(metadata["labels"], shown_map(metadata["labels"]), mismatch);
  if (selector.present() && selector["matchLabels"].empty() && selector["matchExpressions"].empty())
    errors.invalid(selector, "empty selector is invalid for daemonset");
  validate_pod_template(errors, pod_template);
  always_restarted(errors, pod_template, "DaemonSet");
  errors.non_negative(spec["minReadySeconds"]);
  Field rolling = strategy["rollingUpdate"];
  if (strategy["type"].is("RollingUpdate")) {
    if (!rolling.present()) {
      errors.required(rolling);
    } else {
      Field unavailable = rolling["maxUnavailable"], surge = rolling["maxSurge"];
      validate_int_or_percent(errors, unavailable);
      validate_int_or_percent(errors, surge);
      not_over_100_percent(errors, unavailable);
      not_over_100_percent(errors, surge);
      if (int_or_percent(unavailable) != 0 && int_or_percent(surge) != 0)
        errors.invalid(surge, "may not be set when maxUnavailable is non-zero");
      else if (int_or_percent(unavailable) == 0 && int_or_percent(surge) == 0)
        errors.required(unavailable, "cannot be 0 when maxSurge is 0");
    }
  } else if (!strategy["type"].is("OnDelete")) {
    errors.not_supported_shown(strategy, shown_strategy(strategy, {{"maxUnavailable", "0"}, {"maxSurge", "0"}}),
                               {"RollingUpdate", "OnDelete"});
  }
  errors.non_negative(spec["revisionHistoryLimit"]);
}

void update_daemon_set(Errors& errors, const Field& object, const Field& old_object) {
  selector_kept(errors, object, old_object);
  create_daemon_set(errors, object);
}

constexpr std::array stateful_members = {Member{"Partition", "partition", "0"},
                                         Member{"MaxUnavailable", "maxUnavailable"}};

void validate_stateful_strategy(Errors& errors, const Field& strategy) {
  Field type = strategy["type"], rolling = strategy["rollingUpdate"];
  if (type.text().empty()) {
    errors.required(strategy);
  } else if (type.is("OnDelete")) {
    if (rolling.present())
      errors.invalid_shown(rolling, shown_structure(rolling, stateful_members),
                           "only allowed for updateStrategy 'RollingUpdate'");
  } else if (type.is("RollingUpdate")) {
    Field unavailable = rolling["maxUnavailable"];
    errors.non_negative(rolling["partition"]);
    if (!unavailable.present()) return;
    validate_int_or_percent(errors, unavailable);
    if (int_or_percent(unavailable) == 0) errors.invalid(unavailable, "cannot be 0");
    not_over_100_percent(errors, unavailable);
  } else {
    errors.invalid_shown(strategy, shown_strategy(strategy, {{"partition", "0"}, {"maxUnavailable", "null"}}),
                         "must be 'RollingUpdate' or 'OnDelete'");
  }
}

// The template as pods will get it: with volumes from the claim templates, without names the set gives itself.
json::Value stateful_template(const Field& spec) {
  Field pod_template = spec["template"], claims = spec["volumeClaimTemplates"];
  json::Value out = pod_template.value() ? *pod_template.value() : json::Value(json::Object{});
  if (!out.is_object()) return out;
  json::Value* pod_spec = out.get_object().if_contains("spec");
  if (!pod_spec || !pod_spec->is_object()) return out;
  json::Object& object = pod_spec->get_object();
  object.erase("subdomain");
  object.erase("hostname");
  if (claims.empty()) return out;
  json::Array volumes;
  for_each(claims, [&](const Field& claim) {
    Field metadata = claim["metadata"];
    std::string name(metadata["name"].text());
    volumes.push_back({{"name", name}, {"persistentVolumeClaim", {{"claimName", name}}}});
  });
  std::size_t from_claims = volumes.size();
  if (const json::Value* own = object.if_contains("volumes"); own && own->is_array())
    for (const json::Value& volume : own->get_array()) {
      bool replaced = false;
      for (std::size_t i = 0; i < from_claims; ++i)
        replaced |= json::string_at(volumes[i], {"name"}) == json::string_at(volume, {"name"});
      if (!replaced) volumes.push_back(volume);
    }
  object["volumes"] = std::move(volumes);
  return out;
}

void validate_stateful_template(Errors& errors, const Field& spec) {
  json::Value pods = stateful_template(spec);
  Field pod_template = spec["template"].with(&pods);
  validate_pod_template(errors, pod_template);
  Field metadata = pod_template["metadata"];
  validate_labels(errors, pod_template["labels"].with(metadata["labels"].value()));
  Field annotations = pod_template["annotations"].with(metadata["annotations"].value());
  validate_annotations(errors, annotations);
  validate_pod_annotations(errors, annotations, pod_template["spec"]);
}

enum class StatefulOccasion { create, update };

void validate_stateful_set(Errors& errors, const Field& object, StatefulOccasion occasion) {
  Field spec = object["spec"];
  Field management = spec["podManagementPolicy"], retention = spec["persistentVolumeClaimRetentionPolicy"],
        ordinals = spec["ordinals"], service = spec["serviceName"], claims = spec["volumeClaimTemplates"];
  if (management.text().empty())
    errors.required(management);
  else if (!management.is_one_of({"OrderedReady", "Parallel"}))
    errors.invalid(management, "must be 'OrderedReady' or 'Parallel'");
  Field strategy = spec["updateStrategy"];
  validate_stateful_strategy(errors, strategy);
  if (retention.present())
    for (std::string_view name : {"whenDeleted", "whenScaled"})
      if (!retention[name].is_one_of({"Retain", "Delete"})) errors.not_supported(retention[name], {"Retain", "Delete"});
  if (occasion == StatefulOccasion::create)
    for_each(claims, [&](const Field& claim) { validate_claim_spec(errors, claim["spec"]); });
  non_negative(errors, spec, {"replicas", "minReadySeconds"});
  if (ordinals["start"].integer() < 0) errors.non_negative(spec["ordinals.start"].with(ordinals["start"].value()));
  if (occasion == StatefulOccasion::create && !service.text().empty())
    errors.invalid_each(service, service.text(), formats::dns1123_label(service.text()));
  validate_selector(errors, spec["selector"], "statefulset");
  if (labels_match(errors, spec, "")) validate_stateful_template(errors, spec);
  always_restarted(errors, spec["template"], "StatefulSet");
}

void create_stateful_set(Errors& errors, const Field& object) {
  validate_stateful_set(errors, object, StatefulOccasion::create);
}

void update_stateful_set(Errors& errors, const Field& object, const Field& old_object) {
  validate_stateful_set(errors, object, StatefulOccasion::update);
  Field spec = object["spec"], old_spec = old_object["spec"];
  if (!spec.object() || !old_spec.object()) return;
  json::Value kept = *spec.value();
  for (std::string_view name : {"replicas", "template", "updateStrategy", "minReadySeconds", "ordinals",
                                "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy"}) {
    kept.get_object().erase(name);
    if (const json::Value* old_value = old_spec[name].value()) kept.get_object()[name] = *old_value;
  }
  if (!equal(&kept, old_spec.value()))
    errors.forbidden(spec,
                     "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                     "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                     "'minReadySeconds' are forbidden");
}

void validate_revision(Errors& errors, const Field& object) {
  errors.non_negative(object["revision"]);
}

void create_revision(Errors& errors, const Field& object) {
  validate_revision(errors, object);
  Field data = object["data"];
  if (!data.present())
    errors.required(data, "data is mandatory");
  else if (!data.object())
    errors.required(data, "data must be a valid JSON object");
}

void update_revision(Errors& errors, const Field& object, const Field& old_object) {
  validate_revision(errors, object);
  immutable_unless_equal(errors, object["data"], old_object["data"]);
}

// A replication controller's selector is a plain map.
void create_controller(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field selector = spec["selector"], pod_template = spec["template"];
  errors.non_negative(spec["minReadySeconds"]);
  if (selector.empty()) errors.required(selector);
  if (!spec["replicas"].present()) errors.required(spec["replicas"]);
  errors.non_negative(spec["replicas"]);
  if (!pod_template.present()) {
    errors.required(pod_template);
    return;
  }
  Field metadata = pod_template["metadata"];
  Field labels = metadata["labels"];
  bool match = true;
  if (selector.object())
    for (const auto& wanted : *selector.object()) match &= equal(labels.key(wanted.key()).value(), &wanted.value());
  if (!match) errors.invalid_shown(labels, shown_map(labels), mismatch);
  validate_pod_template(errors, pod_template);
  always_restarted(errors, pod_template, "ReplicationController");
}

void update_controller(Errors& errors, const Field& object, const Field&) {
  create_controller(errors, object);
}

}  // namespace

std::int64_t int_or_percent(const Field& field) {
  std::string_view text = field.text();
  if (text.empty()) return field.integer();
  if (formats::percent(text).empty()) text.remove_suffix(1);
  std::int64_t value = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? value : 0;
}

void validate_int_or_percent(Errors& errors, const Field& field) {
  if (field.value() && field.value()->is_string())
    for (const std::string& complaint : formats::percent(field.text())) errors.invalid(field, complaint);
  else
    errors.non_negative(field);
}

void not_over_100_percent(Errors& errors, const Field& field) {
  if (formats::percent(field.text()).empty() && !field.text().empty() && int_or_percent(field) > 100)
    errors.invalid(field, "must not be greater than 100%");
}

std::span<const KindRules> apps_rules() {
  static constexpr std::array rows = {
      KindRules{"apps", "Deployment", create_deployment, update_deployment},
      KindRules{"apps", "ReplicaSet", create_replica_set, update_replica_set},
      KindRules{"apps", "DaemonSet", create_daemon_set, update_daemon_set},
      KindRules{"apps", "StatefulSet", create_stateful_set, update_stateful_set},
      KindRules{"apps", "ControllerRevision", create_revision, update_revision},
      KindRules{"", "ReplicationController", create_controller, update_controller},
  };
  return rows;
}

}  // namespace gatepost::kube
