#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"
#include "kube/validation/pod_resources.h"
#include "kube/validation/structure.h"

// ResourceQuota and LimitRange.
namespace gatepost::kube {
namespace {

using formats::Quantity;

bool is_scope(std::string_view scope) {
  static constexpr std::array<std::string_view, 7> scopes = {"Terminating",          "NotTerminating",
                                                             "BestEffort",           "NotBestEffort",
                                                             "PriorityClass",        "CrossNamespacePodAffinity",
                                                             "VolumeAttributesClass"};
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

bool scope_covers(std::string_view scope, std::string_view resource) {
  static constexpr std::array<std::string_view, 6> compute = {"cpu",           "memory",       "limits.cpu",
                                                              "limits.memory", "requests.cpu", "requests.memory"};
  if (!is_scope(scope)) return true;
  if (scope == "VolumeAttributesClass") return resource == "persistentvolumeclaims" || resource == "requests.storage";
  if (resource == "pods") return true;
  return scope != "BestEffort" && std::find(compute.begin(), compute.end(), resource) != compute.end();
}

// How many of the limited resources the scope says nothing about.
std::size_t uncovered(const Field& hard, std::string_view scope) {
  std::size_t count = 0;
  if (hard.object())
    for (const auto& entry : *hard.object())
      count += is_standard_resource(entry.key()) && !scope_covers(scope, entry.key());
  return count;
}

int conflicts(const std::set<std::string_view>& scopes) {
  auto both = [&](std::string_view one, std::string_view other) {
    return scopes.contains(one) && scopes.contains(other);
  };
  return both("BestEffort", "NotBestEffort") + both("Terminating", "NotTerminating");
}

void validate_amounts(Errors& errors, const Field& amounts) {
  if (!amounts.object()) return;
  for (const auto& entry : *amounts.object()) {
    std::string_view name = entry.key();
    Field place = amounts.key(name);
    validate_resource_name(errors, place, name);
    if (name.find('/') == std::string_view::npos && !is_standard_resource(name))
      errors.invalid_text(place, name, "must be a standard resource for quota");
    validate_quantity(errors, place, name);
  }
}

void validate_scopes(Errors& errors, const Field& scopes, const Field& hard) {
  std::set<std::string_view> seen;
  for_each(scopes, [&](const Field& scope) {
    if (!is_scope(scope.text())) errors.invalid(scopes, "unsupported scope");
    for (std::size_t left = uncovered(hard, scope.text()); left > 0; --left)
      errors.invalid(scopes, "unsupported scope applied to resource");
    seen.insert(scope.text());
  });
  for (int left = conflicts(seen); left > 0; --left) errors.invalid(scopes, "conflicting scopes");
}

// The server's own form of a scope selector.
std::string shown_selector(const Field& selector) {
  static constexpr std::array members = {Member{"ScopeName", "scopeName", "\"\""},
                                         Member{"Operator", "operator", "\"\""}, Member{"Values", "values"}};
  std::string list;
  Field requirements = selector["matchExpressions"];
  for_each(requirements, [&](const Field& requirement) {
    list += (list.empty() ? "" : ",") + shown_structure(requirement, members);
  });
  return "{\"MatchExpressions\":" + (requirements.present() ? "[" + list + "]" : std::string("null")) + "}";
}

void validate_scope_selector(Errors& errors, const Field& spec) {
  Field selector = spec["scopeSelector"], hard = spec["hard"], scopes = spec["scopes"];
  if (!selector.present()) return;
  Field requirements = selector["matchExpressions"];
  std::set<std::string_view> seen;
  for_each(requirements, [&](const Field& requirement) {
    // The real paths lack the index.
    Field scope = requirements["scopeName"].with(requirement["scopeName"].value()),
          op = requirements["operator"].with(requirement["operator"].value()),
          values = requirements["values"].with(requirement["values"].value());
    if (!is_scope(scope.text())) errors.invalid_text(scope, scope.text(), "unsupported scope");
    for (std::size_t left = uncovered(hard, scope.text()); left > 0; --left)
      errors.invalid_shown(requirements, shown_selector(selector), "unsupported scope applied to resource");
    if (is_scope(scope.text()) && !scope.is_one_of({"PriorityClass", "VolumeAttributesClass"}) && !op.is("Exists"))
      errors.invalid_text(op, op.text(),
                          "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
                          "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
                          "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
    if (op.is_one_of({"In", "NotIn"})) {
      if (values.empty())
        errors.required(values, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
    } else if (op.is_one_of({"Exists", "DoesNotExist"})) {
      if (!values.empty())
        errors.invalid(values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
    } else {
      errors.invalid_text(op, op.text(), "not a valid selector operator");
    }
    seen.insert(scope.text());
  });
  for (int left = conflicts(seen); left > 0; --left)
    errors.invalid_shown(requirements, shown(scopes.value()), "conflicting scopes");
}

void validate_quota(Errors& errors, const Field& object) {
  Field spec = object["spec"], status = object["status"];
  Field hard = spec["hard"];
  validate_amounts(errors, hard);
  validate_scopes(errors, spec["scopes"], hard);
  validate_scope_selector(errors, spec);
  validate_amounts(errors, status["hard"]);
  validate_amounts(errors, status["used"]);
}

void update_quota(Errors& errors, const Field& object, const Field& old_object) {
  validate_quota(errors, object);
  Field spec = object["spec"], old_spec = old_object["spec"];
  immutable_unless_equal(errors, spec["scopes"], old_spec["scopes"]);
}

// The amounts of one resource in one limit.
struct Amounts {
  const Field& limit;
  std::string_view resource;
  bool defaults_count;  // not where pods are limited

  std::string_view text(std::string_view kind) const {
    if (!defaults_count && (kind == "default" || kind == "defaultRequest")) return {};
    const json::Value* list = limit[kind].value();
    return list ? json::string_at(*list, {resource}) : std::string_view{};
  }
  std::optional<Quantity> of(std::string_view kind) const {
    auto amount = Quantity::parse(text(kind));
    return amount ? std::optional(*amount) : std::nullopt;
  }
};

// Pairs of limits where the first may not be above the second.
void amounts_in_order(Errors& errors, const Amounts& amounts) {
  struct Pair {
    std::string_view low, low_name, high, high_name, place, value;
  };
  static constexpr std::array<Pair, 6> pairs = {{
      {"min", "min value", "max", "max value", "min", "min"},
      {"min", "min value", "defaultRequest", "default request value", "defaultRequest", "defaultRequest"},
      {"defaultRequest", "default request value", "max", "max value", "defaultRequest", "defaultRequest"},
      {"defaultRequest", "default request value", "default", "default limit value", "defaultRequest", "defaultRequest"},
      {"min", "min value", "default", "default value", "default", "min"},
      {"default", "default value", "max", "max value", "default", "max"},
  }};
  for (const Pair& pair : pairs) {
    auto low = amounts.of(pair.low), high = amounts.of(pair.high);
    if (!low || !high || low->compare(*high) <= 0) continue;
    Field list = amounts.limit[pair.place];
    errors.invalid_shown(list.key(amounts.resource), shown(amounts.text(pair.value)),
                         std::string(pair.low_name) + " " + std::string(amounts.text(pair.low)) + " is greater than " +
                             std::string(pair.high_name) + " " + std::string(amounts.text(pair.high)));
  }
}

// Go's %f.
std::string six_decimals(double number) {
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  if (std::isnan(number)) return "NaN";
  char text[400];
  auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::fixed, 6);
  return std::string(text, end.ptr);
}

void validate_ratio(Errors& errors, const Amounts& amounts) {
  auto ratio = amounts.of("maxLimitRequestRatio"), least = amounts.of("min"), most = amounts.of("max");
  if (!ratio) return;
  constexpr std::int64_t largest_with_thousandths = ((std::int64_t{1} << 62) - 1 + (std::int64_t{1} << 62)) / 1000;
  Field list = amounts.limit["maxLimitRequestRatio"];
  Field place = list.key(amounts.resource);
  std::string text(amounts.text("maxLimitRequestRatio"));
  if (ratio->compare(Quantity::of(1)) < 0) errors.invalid(place, "ratio " + text + " is less than 1");
  if (!least || !most) return;
  double value = static_cast<double>(ratio->value());
  std::int64_t low = least->value(), high = most->value();
  if (ratio->value() < largest_with_thousandths && low < largest_with_thousandths && high < largest_with_thousandths) {
    value = static_cast<double>(ratio->milli_value()) / 1000;
    low = least->milli_value();
    high = most->milli_value();
  }
  double limit = static_cast<double>(high) / static_cast<double>(low);
  if (value > limit) errors.invalid(place, "ratio " + text + " is greater than max/min = " + six_decimals(limit));
}

void validate_limit_amounts(Errors& errors, const Field& limit) {
  bool pods = limit["type"].is("Pod");
  std::set<std::string_view> names;
  for (std::string_view kind : {"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"})
    if (Field list = limit[kind]; list.object() && !(pods && kind.starts_with("default")))
      for (const auto& entry : *list.object()) names.insert(entry.key());
  for (std::string_view name : names) {
    Amounts amounts{limit, name, !pods};
    amounts_in_order(errors, amounts);
    validate_ratio(errors, amounts);
    auto given = amounts.of("default"), asked = amounts.of("defaultRequest");
    if (overcommit_allowed(name) || !given || !asked || given->compare(*asked) == 0) continue;
    Field list = limit["defaultRequest"];
    errors.invalid(list.key(name), "default value " + std::string(amounts.text("default")) +
                                       " must equal to defaultRequest value " +
                                       std::string(amounts.text("defaultRequest")) + " in " + std::string(name));
  }
}

void validate_limit_type(Errors& errors, const Field& type) {
  auto complaints = formats::label_key(type.text());
  errors.invalid_each(type, type.text(), complaints);
  if (complaints.empty() && type.text().find('/') == std::string_view::npos &&
      !type.is_one_of({"Pod", "Container", "PersistentVolumeClaim"}))
    errors.invalid(type, "must be a standard limit type or fully qualified");
}

void validate_limit(Errors& errors, const Field& limit) {
  Field type = limit["type"];
  auto judge_names = [&](std::string_view kind) {
    Field list = limit[kind];
    if (!list.object()) return;
    for (const auto& entry : *list.object()) {
      Field place = list.key(entry.key());
      if (type.is_one_of({"Pod", "Container"}))
        validate_container_resource_name(errors, place, entry.key());
      else
        validate_resource_name(errors, place, entry.key());
    }
  };
  judge_names("max");
  judge_names("min");
  for (std::string_view name : {"default", "defaultRequest"}) {
    if (!type.is("Pod"))
      judge_names(name);
    else if (!limit[name].empty())
      errors.forbidden(limit[name], "may not be specified when `type` is 'Pod'");
  }
  Field least = limit["min"], most = limit["max"];
  if (type.is("PersistentVolumeClaim") && !least["storage"].present() && !most["storage"].present())
    errors.required(limit["limits"], "either minimum or maximum storage value is required, but neither was provided");
  judge_names("maxLimitRequestRatio");
  validate_limit_amounts(errors, limit);
}

void validate_limit_range(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field limits = spec["limits"];
  std::set<std::string_view> types;
  for_each(limits, [&](const Field& limit) {
    Field type = limit["type"];
    validate_limit_type(errors, type);
    if (!types.insert(type.text()).second) errors.duplicate_shown(type, shown(type.text()));
    validate_limit(errors, limit);
  });
}

}  // namespace

std::span<const KindRules> quota_rules() {
  static constexpr std::array rows = {
      KindRules{"", "ResourceQuota", validate_quota, update_quota},
      KindRules{"", "LimitRange", validate_limit_range, nullptr, true, false},
  };
  return rows;
}

}  // namespace gatepost::kube
