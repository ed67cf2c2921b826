// GP9: whether an outage would be seen, and who else writes the configuration.
#include <map>
#include <set>

#include "lint/alerts.h"
#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

constexpr std::string_view rejections = "apiserver_admission_webhook_rejection_count",
                           fail_open = "apiserver_admission_webhook_fail_open_count",
                           requests = "apiserver_admission_webhook_request_total",
                           durations = "apiserver_admission_webhook_admission_duration_seconds";

bool names_webhook(const MetricUse& use, const Webhook& webhook) {
  const Matcher* name = use.find("name");
  if (!name) return true;
  if (name->op == "=") return name->value == webhook.name;
  return name->op != "=~" || name->value.find(webhook.name) != std::string::npos ||
         name->value.find(".*") != std::string::npos || name->value.find(".+") != std::string::npos;
}

// Whether the selector sees calls that failed.
bool sees_failed_calls(const MetricUse& use) {
  if (use.metric == fail_open) return true;
  if (use.metric == requests) {
    const Matcher* code = use.find("code");
    return code && (code->value.find('5') != std::string::npos || code->op.starts_with('!'));
  }
  const Matcher* type = use.metric == rejections ? use.find("error_type") : nullptr;
  return type && (type->op.starts_with('!') ? type->value.find("calling_webhook_error") == std::string::npos
                                            : type->value.find("calling_webhook_error") != std::string::npos);
}

void not_alerted(const Model& model, Sink& sink) {
  if (model.webhooks().empty()) return;
  std::vector<MetricUse> uses;
  for (const AlertRule& rule : alert_rules(model))
    for (MetricUse& use : metric_uses(rule.expression))
      if (sees_failed_calls(use)) uses.push_back(std::move(use));
  for (const Webhook& webhook : model.webhooks()) {
    const bool seen =
        std::any_of(uses.begin(), uses.end(), [&](const MetricUse& use) { return names_webhook(use, webhook); });
    if (!seen)
      sink.add(webhook, "name",
               fmt::format("no alert of the {} would tell that calls of {} fail",
                           model.from_cluster() ? "cluster" : "input", webhook.name));
  }
}

// A label or a value that kube-apiserver never exposes; empty if all may be.
std::string wrong_label(const MetricUse& use) {
  struct Known {
    std::string_view metric;
    std::vector<std::string_view> labels;
  };
  static const Known known[] = {{rejections, {"name", "type", "operation", "error_type", "rejection_code"}},
                                {fail_open, {"name", "type"}},
                                {requests, {"name", "type", "operation", "code", "rejected"}},
                                {durations, {"name", "type", "operation", "rejected", "le"}}};
  static const std::map<std::string_view, std::vector<std::string_view>> values = {
      {"type", {"admit", "validating"}},
      {"error_type", {"calling_webhook_error", "apiserver_internal_error", "no_error"}},
      {"rejected", {"true", "false"}},
      {"operation", {"CREATE", "UPDATE", "DELETE", "CONNECT"}}};
  // The steps and plugins of the server itself call the second type differently.
  if (use.metric.starts_with("apiserver_admission_controller_admission_duration_seconds") ||
      use.metric.starts_with("apiserver_admission_step_admission_duration_seconds")) {
    const Matcher* type = use.find("type");
    if (type && type->op == "=" && !is_one_of(type->value, {"admit", "validate", ""}))
      return fmt::format("{} never has type=\"{}\"", use.metric, type->value);
  }
  for (const Known& one : known) {
    const bool suffixed = one.metric == durations && use.metric.starts_with(durations);
    if (use.metric != one.metric && !suffixed) continue;
    for (const Matcher& matcher : use.matchers) {
      if (is_one_of(matcher.label, {"quantile", "reason", "error", "webhook"}) ||
          (std::find(one.labels.begin(), one.labels.end(), matcher.label) == one.labels.end() &&
           is_one_of(matcher.label, {"error_type", "code", "rejection_code", "rejected", "le", "operation"})))
        return fmt::format("{} has no label {}", use.metric, matcher.label);
      auto allowed = values.find(matcher.label);
      if (allowed == values.end() || matcher.op != "=" || matcher.value.empty()) continue;
      if (std::find(allowed->second.begin(), allowed->second.end(), matcher.value) == allowed->second.end())
        return fmt::format("{} never has {}=\"{}\"", use.metric, matcher.label, matcher.value);
    }
  }
  return "";
}

std::string retired_metric(std::string_view metric) {
  if (metric.starts_with("apiserver_admission_") && metric.find("_admission_latencies_") != std::string_view::npos)
    return fmt::format("{} is gone since 1.17 ({}... took its place)", metric,
                       "apiserver_admission_..._duration_seconds");
  if (is_one_of(metric, {"apiserver_admission_webhook_rejections_total", "apiserver_admission_webhook_errors_total",
                         "apiserver_admission_webhook_failures_total", "apiserver_admission_webhook_timeout_total"}))
    return fmt::format("there is no metric {}", metric);
  return "";
}

void alert_can_never_fire(const Model& model, Sink& sink) {
  for (const AlertRule& rule : alert_rules(model))
    for (const MetricUse& use : metric_uses(rule.expression)) {
      std::string why = retired_metric(use.metric);
      if (why.empty()) why = wrong_label(use);
      if (why.empty()) continue;
      sink.add(*rule.manifest, rule.path, fmt::format("{}: {}", rule.name, why));
      break;
    }
}

void alert_counts_denials(const Model& model, Sink& sink) {
  for (const AlertRule& rule : alert_rules(model)) {
    const bool compares = compares_with_number(rule.expression);
    for (const MetricUse& use : metric_uses(rule.expression)) {
      std::string why;
      if (use.metric == rejections && !use.find("error_type") && !use.find("rejection_code"))
        why = "every denial counts, not only calls that failed: error_type is not asked for";
      else if (compares && !use.in_rate &&
               (use.metric == rejections || use.metric == fail_open || use.metric == requests))
        why = "a counter only grows: it is compared with a number without rate() or increase()";
      if (why.empty()) continue;
      sink.add(*rule.manifest, rule.path, fmt::format("{}: {}", rule.name, why));
      break;
    }
  }
}

// --- GP904

void platform_will_rewrite(const Model& model, Sink& sink) {
  if (model.settings().profile != Profile::aks) return;
  for (const Webhook& webhook : model.webhooks()) {
    const std::string_view off = webhook.owner->label("admissions.enforcer/disabled");
    if (off == "true" || webhook.owner->annotation("admissions.enforcer/disabled") == "true") continue;
    if (!webhook.namespace_selector) continue;
    const auto& requirements = webhook.namespace_selector->requirements();
    const bool expected = std::any_of(requirements.begin(), requirements.end(), [](const auto& one) {
      using Operator = kube::LabelSelector::Operator;
      return is_one_of(one.key, {"control-plane", "kubernetes.azure.com/managedby"}) &&
             (one.op == Operator::does_not_exist || one.op == Operator::not_in);
    });
    if (!expected)
      sink.add(webhook, "namespaceSelector",
               "AKS will add its own selectors (control-plane, kubernetes.azure.com/managedby) again and again");
  }
}

// --- GP905

// Whether a manager's fields of one webhook hold the field.
bool owns(const json::Value& entry, const std::string& name, std::string_view field) {
  const json::Object* webhooks = json::object_at(entry, {"fieldsV1", "f:webhooks"});
  if (!webhooks) return false;
  for (const auto& member : *webhooks) {
    const std::string_view key = member.key();
    if (key.starts_with("k:") && key.find("\"" + name + "\"") == std::string_view::npos) continue;
    if (json::find(member.value(), "f:" + std::string(field))) return true;
  }
  return webhooks->if_contains("f:" + std::string(field)) != nullptr;
}

void two_managers_one_field(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    const json::Array* entries = json::array_at(webhook.owner->value, {"metadata", "managedFields"});
    if (!entries) continue;
    for (std::string_view field : {"clientConfig", "namespaceSelector", "failurePolicy"}) {
      std::vector<std::string> managers;
      for (const json::Value& entry : *entries) {
        const std::string manager(json::string_at(entry, {"manager"}));
        if (owns(entry, webhook.name, field) && !holds(managers, manager)) managers.push_back(manager);
      }
      if (managers.size() > 1) sink.add(webhook, field, fmt::format("{} write {}", joined(managers, " and "), field));
    }
  }
}

// --- GP906

void no_staged_rollout(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.namespace_selector || !webhook.namespace_selector->everything()) continue;
    if (webhook.object_selector && !webhook.object_selector->everything()) continue;
    if (asks_for_builtin_namespaced(model, webhook))
      sink.add(webhook, "namespaceSelector", "the webhook covers all namespaces at once");
  }
}

constexpr Rule rules[] = {
    {"GP901", not_alerted},           {"GP902", alert_can_never_fire},   {"GP903", alert_counts_denials},
    {"GP904", platform_will_rewrite}, {"GP905", two_managers_one_field}, {"GP906", no_staged_rollout}};

}  // namespace

std::span<const Rule> operations_rules() {
  return rules;
}

}  // namespace gatepost::lint
