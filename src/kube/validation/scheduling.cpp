#include <optional>
#include <set>

#include "formats/names.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"

namespace gatepost::kube {
namespace {

void validate_requirement(Errors& errors, const Field& requirement, bool check_values) {
  Field op = requirement["operator"], values = requirement["values"], key = requirement["key"];
  if (op.is_one_of({"In", "NotIn"})) {
    if (values.empty()) errors.required(values, "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (op.is_one_of({"Exists", "DoesNotExist"})) {
    if (!values.empty()) errors.forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else if (op.is_one_of({"Gt", "Lt"})) {
    if (values.size() != 1) errors.required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
  } else {
    errors.invalid_text(op, op.text(), "not a valid selector operator");
  }
  errors.invalid_each(key, key.text(), formats::label_key(key.text()));
  if (!check_values) return;
  for_each(values,
           [&](const Field& value) { errors.invalid_each(value, value.text(), formats::label_value(value.text())); });
}

void validate_field_requirement(Errors& errors, const Field& requirement) {
  Field op = requirement["operator"], values = requirement["values"], key = requirement["key"];
  if (op.is_one_of({"In", "NotIn"})) {
    if (values.size() != 1)
      errors.required(values, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
  } else {
    errors.invalid_text(op, op.text(), "not a valid selector operator");
  }
  if (!key.is("metadata.name")) {
    errors.invalid_text(key, key.text(), "not a valid field selector key");
    return;
  }
  for_each(values, [&](const Field& value) {
    errors.invalid_each(value, value.text(), formats::dns1123_subdomain(value.text()));
  });
}

void validate_term(Errors& errors, const Field& term, bool check_values) {
  Field expressions = term["matchExpressions"], fields = term["matchFields"];
  for_each(expressions, [&](const Field& requirement) { validate_requirement(errors, requirement, check_values); });
  for_each(fields, [&](const Field& requirement) { validate_field_requirement(errors, requirement); });
}

void validate_weight(Errors& errors, const Field& weight) {
  if (weight.integer() <= 0 || weight.integer() > 100)
    errors.invalid_number(weight, weight.integer(), "must be in the range 1-100");
}

// Keys whose values are taken from the pod's own labels; `names`: of those that must be equal, of those that must not.
void validate_match_label_keys(Errors& errors, const Field& holder, std::initializer_list<std::string_view> names) {
  Field selector = holder["labelSelector"], wanted = holder["matchLabelKeys"], unwanted = holder["mismatchLabelKeys"];
  for (std::string_view name : names) {
    Field keys = holder[name];
    if (keys.empty()) continue;
    if (!selector.present())
      errors.forbidden(keys, "must not be specified when labelSelector is not set");
    else
      for_each(keys, [&](const Field& key) { errors.invalid_each(key, key.text(), formats::label_key(key.text())); });
  }
  auto index_of = [](const Field& keys, std::string_view text) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys.item(i).is(text)) found = i;
    return found;
  };
  // The selector has taken the keys in already: one that it names twice was there before.
  std::set<std::string_view> seen;
  Field labels = selector["matchLabels"], expressions = selector["matchExpressions"];
  if (labels.object())
    for (const auto& label : *labels.object()) seen.insert(label.key());
  for_each(expressions, [&](const Field& expression) {
    std::string_view key = expression["key"].text();
    auto index = index_of(wanted, key);
    if (index && seen.contains(key))
      errors.invalid_text(holder.item(*index), key, "exists in both matchLabelKeys and labelSelector");
    seen.insert(key);
  });
  if (names.size() < 2) return;
  for_each(wanted, [&](const Field& key) {
    if (index_of(unwanted, key.text())) errors.invalid(key, "exists in both matchLabelKeys and mismatchLabelKeys");
  });
}

void validate_pod_term(Errors& errors, const Field& term) {
  Field namespaces = term["namespaces"], topology = term["topologyKey"];
  Field place = term["namespace"];
  validate_label_selector(errors, term["labelSelector"]);
  validate_label_selector(errors, term["namespaceSelector"]);
  for_each(namespaces,
           [&](const Field& name) { errors.invalid_each(place, name.text(), formats::dns1123_label(name.text())); });
  validate_match_label_keys(errors, term, {"matchLabelKeys", "mismatchLabelKeys"});
  if (topology.text().empty()) errors.required(topology, "can not be empty");
  errors.invalid_each(topology, topology.text(), formats::label_key(topology.text()));
}

}  // namespace

void validate_node_selector(Errors& errors, const Field& selector) {
  Field terms = selector["nodeSelectorTerms"];
  if (terms.empty()) {
    errors.required(terms, "must have at least one node selector term");
    return;
  }
  for_each(terms, [&](const Field& term) { validate_term(errors, term, true); });
}

void validate_pod_affinity(Errors& errors, const Field& affinity) {
  static constexpr std::string_view required = "requiredDuringSchedulingIgnoredDuringExecution",
                                    preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  if (Field node = affinity["nodeAffinity"]; node.present()) {
    Field selector = node[required], terms = node[preferred];
    if (selector.present()) validate_node_selector(errors, selector);
    for_each(terms, [&](const Field& term) {
      validate_weight(errors, term["weight"]);
      Field preference = term["preference"];
      validate_term(errors, preference, false);
    });
  }
  for (std::string_view kind : {"podAffinity", "podAntiAffinity"}) {
    Field pods = affinity[kind];
    Field terms = pods[required], weighted = pods[preferred];
    for_each(terms, [&](const Field& term) { validate_pod_term(errors, term); });
    for_each(weighted, [&](const Field& term) {
      validate_weight(errors, term["weight"]);
      Field inner = term["podAffinityTerm"];
      validate_pod_term(errors, inner);
    });
  }
}

void validate_tolerations(Errors& errors, const Field& tolerations) {
  for_each(tolerations, [&](const Field& toleration) {
    Field key = toleration["key"], op = toleration["operator"], value = toleration["value"],
          effect = toleration["effect"];
    if (!key.text().empty())
      errors.invalid_each(key, key.text(), formats::label_key(key.text()));
    else if (!op.is("Exists"))
      errors.invalid_text(op, op.text(),
                          "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
    if (toleration["tolerationSeconds"].present() && !effect.is("NoExecute"))
      errors.invalid_text(effect, effect.text(), "effect must be 'NoExecute' when `tolerationSeconds` is set");
    if (op.is("Equal") || op.text().empty()) {
      if (auto complaints = formats::label_value(value.text()); !complaints.empty())
        errors.invalid_text(op, value.text(), formats::joined(complaints, ";"));
    } else if (op.is("Exists")) {
      if (!value.text().empty())
        errors.invalid_text(op, value.text(), "value must be empty when `operator` is 'Exists'");
    } else if (op.is_one_of({"Lt", "Gt"})) {
      errors.not_supported(op, {"Equal", "Exists", "Lt", "Gt"});
    } else {
      errors.not_supported(op, {"Equal", "Exists"});
    }
    if (!effect.text().empty() && !effect.is_one_of({"NoSchedule", "PreferNoSchedule", "NoExecute"}))
      errors.not_supported(effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
  });
}

void validate_topology_spread(Errors& errors, const Field& constraints) {
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    Field constraint = constraints.item(i);
    Field skew = constraint["maxSkew"], key = constraint["topologyKey"], action = constraint["whenUnsatisfiable"],
          domains = constraint["minDomains"];
    if (skew.integer() <= 0) errors.invalid_number(skew, skew.integer(), "must be greater than 0");
    if (key.text().empty()) errors.required(key, "can not be empty");
    if (!action.is_one_of({"DoNotSchedule", "ScheduleAnyway"}))
      errors.not_supported(action, {"DoNotSchedule", "ScheduleAnyway"});
    for (std::size_t j = i + 1; j < constraints.size(); ++j) {
      Field other = constraints.item(j);
      if (!other["topologyKey"].is(key.text()) || !other["whenUnsatisfiable"].is(action.text())) continue;
      std::string pair = "{" + std::string(key.text()) + ", " + std::string(action.text()) + "}";
      errors.duplicate_shown(constraint["{topologyKey, whenUnsatisfiable}"], shown(std::string_view(pair)));
      break;
    }
    if (domains.present()) {
      if (domains.integer() <= 0) errors.invalid(domains, "must be greater than 0");
      if (!action.is("DoNotSchedule"))
        errors.invalid(domains,
                       "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not " + std::string(action.text()));
    }
    for (std::string_view name : {"nodeAffinityPolicy", "nodeTaintsPolicy"})
      if (Field policy = constraint[name]; policy.present() && !policy.is_one_of({"Honor", "Ignore"}))
        errors.not_supported(policy, {"Honor", "Ignore"});
    validate_match_label_keys(errors, constraint, {"matchLabelKeys"});
    validate_label_selector(errors, constraint["labelSelector"]);
  }
}

}  // namespace gatepost::kube
