#include <array>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/kinds.h"

namespace gatepost::kube {
namespace {

void require_segment(Errors& errors, const Field& field, const char* detail = "") {
  if (field.text().empty())
    errors.required(field, detail);
  else
    errors.invalid_each(field, field.text(), formats::path_segment(field.text()));
}

enum class EmptyGroup { allowed, refused };

void validate_scale_reference(Errors& errors, const Field& reference, EmptyGroup empty_group) {
  require_segment(errors, reference["kind"]);
  require_segment(errors, reference["name"]);
  Field version = reference["apiVersion"];
  std::string_view text = version.text();
  std::size_t slash = text.find('/');
  if (slash != std::string_view::npos && text.find('/', slash + 1) != std::string_view::npos)
    errors.invalid_text(version, text, "unexpected GroupVersion string: " + std::string(text));
  else if (empty_group == EmptyGroup::refused && (slash == std::string_view::npos || slash == 0))
    errors.invalid_text(version, text, "apiVersion must specify API group");
}

void positive(Errors& errors, const Field& field) {
  auto quantity = formats::Quantity::parse(field.text());
  if (field.present() && quantity && quantity->sign() <= 0) errors.invalid(field, "must be positive");
}

void validate_target(Errors& errors, const Field& target) {
  Field type = target["type"], utilization = target["averageUtilization"];
  if (type.text().empty()) errors.required(type, "must specify a metric target type");
  if (!type.is_one_of({"Utilization", "Value", "AverageValue"}))
    errors.invalid_text(type, type.text(), "must be either Utilization, Value, or AverageValue");
  positive(errors, target["value"]);
  positive(errors, target["averageValue"]);
  if (utilization.present() && utilization.integer() < 1) errors.invalid(utilization, "must be greater than 0");
}

void validate_source(Errors& errors, const Field& source, std::string_view kind) {
  Field target = source["target"], metric = source["metric"];
  Field value = target["value"], average = target["averageValue"], utilization = target["averageUtilization"];
  bool by_resource = kind == "resource" || kind == "containerResource";
  if (kind == "object") validate_scale_reference(errors, source["describedObject"], EmptyGroup::allowed);
  if (by_resource) {
    if (source["name"].text().empty()) errors.required(source["name"], "must specify a resource name");
    if (kind == "containerResource" && source["container"].text().empty())
      errors.required(source["container"], "must specify a container");
  } else {
    require_segment(errors, metric["name"], "must specify a metric name");
  }
  validate_target(errors, target);
  if (kind == "object" && !value.present() && !average.present())
    errors.required(average, "must set either a target value or averageValue");
  if (kind == "external") {
    if (!value.present() && !average.present())
      errors.required(average, "must set either a target value for metric or a per-pod target");
    if (value.present() && average.present())
      errors.forbidden(value, "may not set both a target value for metric and a per-pod target");
  }
  if (kind == "pods" && !average.present()) errors.required(average, "must specify a positive target averageValue");
  if (by_resource) {
    if (!utilization.present() && !average.present())
      errors.required(utilization, "must set either a target raw value or a target utilization");
    if (utilization.present() && average.present())
      errors.forbidden(average, "may not set both a target raw value and a target utilization");
  }
}

constexpr Choices metric_types = {"ContainerResource", "External", "Object", "Pods", "Resource"};

void validate_metric(Errors& errors, const Field& metric) {
  Field type = metric["type"];
  if (type.text().empty()) errors.required(type, "must specify a metric source type");
  bool known = type.is_one_of(metric_types);
  if (!known) errors.not_supported(type, metric_types);
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> sources = {
      {{"object", "Object"},
       {"external", "External"},
       {"pods", "Pods"},
       {"resource", "Resource"},
       {"containerResource", "ContainerResource"}}};
  int count = 0;
  for (auto [name, of_type] : sources)
    if (Field source = metric[name]; source.present() && ++count == 1) validate_source(errors, source, name);
  for (auto [name, of_type] : sources)
    if (type.is(of_type) && !metric[name].present())
      errors.required(metric[name], "must populate information for the given metric source");
  if (!known) errors.not_supported(type, metric_types);
  if (count == 1) return;
  for (auto [name, of_type] : sources)
    if (metric[name].present() && !type.is(of_type))
      errors.forbidden(metric[name], "must populate the given metric source only");
}

void validate_scaling(Errors& errors, const Field& rules) {
  if (!rules.present()) return;
  Field window = rules["stabilizationWindowSeconds"], select = rules["selectPolicy"], policies = rules["policies"];
  if (window.present() && window.integer() < 0) errors.invalid(window, "must be greater than or equal to zero");
  if (window.integer() > 3600) errors.invalid(window, "must be less than or equal to 3600");
  if (select.present() && !select.is_one_of({"Disabled", "Max", "Min"}))
    errors.not_supported(select, {"Disabled", "Max", "Min"});
  if (policies.empty()) errors.required(policies, "must specify at least one Policy");
  for_each(policies, [&](const Field& policy) {
    Field type = policy["type"], value = policy["value"], period = policy["periodSeconds"];
    if (!type.is_one_of({"Percent", "Pods"})) errors.not_supported(type, {"Percent", "Pods"});
    if (value.integer() <= 0) errors.invalid_number(value, value.integer(), "must be greater than zero");
    if (period.integer() <= 0) errors.invalid_number(period, period.integer(), "must be greater than zero");
    if (period.integer() > 1800) errors.invalid(period, "must be less than or equal to 1800");
  });
}

void create_autoscaler(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field least = spec["minReplicas"], most = spec["maxReplicas"], metrics = spec["metrics"], behavior = spec["behavior"];
  if (least.present() && least.integer() < 1) errors.invalid(least, "must be greater than or equal to 1");
  if (most.integer() == 0)
    errors.required(most, "must be set and greater than 0");
  else if (most.integer() < 0)
    errors.invalid(most, "must be greater than or equal to 1");
  if (least.present() && most.integer() < least.integer())
    errors.invalid_number(most, most.integer(), "must be greater than or equal to `minReplicas`");
  Field target = spec["scaleTargetRef"];
  validate_scale_reference(errors, target, EmptyGroup::refused);
  for_each(metrics, [&](const Field& metric) { validate_metric(errors, metric); });
  validate_scaling(errors, behavior["scaleUp"]);
  validate_scaling(errors, behavior["scaleDown"]);
}

void update_autoscaler(Errors& errors, const Field& object, const Field&) {
  create_autoscaler(errors, object);
}

}  // namespace

std::span<const KindRules> autoscaling_rules() {
  static constexpr std::array rows = {
      KindRules{"autoscaling", "HorizontalPodAutoscaler", create_autoscaler, update_autoscaler},
  };
  return rows;
}

}  // namespace gatepost::kube
