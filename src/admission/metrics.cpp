#include "admission/metrics.h"

namespace gatepost::admission {
namespace {

std::string_view yes_no(bool value) {
  return value ? "true" : "false";
}

// kube-apiserver goes by the words, too.
std::string_view error_type(std::string_view error) {
  if (error.empty()) return "no_error";
  if (error.starts_with("compilation")) return "compile_error";
  if (error.starts_with("validation failed due to running out of cost budget")) return "out_of_budget";
  return "invalid_error";
}

}  // namespace

Metrics::Metrics()
    : step_seconds_(registry_.histogram("apiserver_admission_step_admission_duration_seconds", "",
                                        {0.005, 0.025, 0.1, 0.5, 1.0, 2.5}, {"operation", "rejected", "type"})),
      step_summary_(registry_.summary("apiserver_admission_step_admission_duration_seconds_summary", "",
                                      {0.5, 0.9, 0.99}, {"operation", "rejected", "type"})),
      webhook_seconds_(registry_.histogram("apiserver_admission_webhook_admission_duration_seconds", "",
                                           {0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 10, 25},
                                           {"name", "operation", "rejected", "type"})),
      fail_open_(registry_.counter("apiserver_admission_webhook_fail_open_count", "", {"name", "type"})),
      rejections_(registry_.counter("apiserver_admission_webhook_rejection_count", "",
                                    {"error_type", "name", "operation", "rejection_code", "type"})),
      requests_(registry_.counter("apiserver_admission_webhook_request_total", "",
                                  {"code", "name", "operation", "rejected", "type"})),
      validations_(registry_.counter("apiserver_validating_admission_policy_check_total", "",
                                     {"enforcement_action", "error_type", "policy", "policy_binding"})),
      validation_seconds_(registry_.histogram("apiserver_validating_admission_policy_check_duration_seconds", "",
                                              {0.0000005, 0.001, 0.01, 0.1, 1.0},
                                              {"enforcement_action", "error_type", "policy", "policy_binding"})),
      mutations_(registry_.counter("apiserver_mutating_admission_policy_check_total", "",
                                   {"error_type", "policy", "policy_binding"})),
      mutation_seconds_(registry_.histogram("apiserver_mutating_admission_policy_check_duration_seconds", "",
                                            {0.0000005, 0.001, 0.01, 0.1, 1.0},
                                            {"error_type", "policy", "policy_binding"})) {}

void Metrics::called(const Hook& hook, std::string_view operation, double seconds, int code, bool rejected) {
  webhook_seconds_.with({hook.name, operation, yes_no(rejected), metric_type(hook.type)}).observe(seconds);
  std::string shown = std::to_string(code >= 600 ? 600 : code);
  requests_.with({shown, hook.name, operation, yes_no(rejected), metric_type(hook.type)}).add();
}

void Metrics::failed_open(const Hook& hook) {
  fail_open_.with({hook.name, metric_type(hook.type)}).add();
}

void Metrics::rejected(const Hook& hook, std::string_view operation, std::string_view error_type, int code) {
  std::string shown = std::to_string(code >= 600 ? 600 : code);
  rejections_.with({error_type, hook.name, operation, shown, metric_type(hook.type)}).add();
}

void Metrics::validated(std::string_view policy, std::string_view binding, std::string_view error,
                        std::string_view action, double seconds) {
  validations_.with({action, error_type(error), policy, binding}).add();
  validation_seconds_.with({action, error_type(error), policy, binding}).observe(seconds);
}

void Metrics::mutated(std::string_view policy, std::string_view binding, std::string_view error, double seconds) {
  mutations_.with({error_type(error), policy, binding}).add();
  mutation_seconds_.with({error_type(error), policy, binding}).observe(seconds);
}

void Metrics::step(std::string_view type, std::string_view operation, bool rejected, double seconds) {
  step_seconds_.with({operation, yes_no(rejected), type}).observe(seconds);
  step_summary_.with({operation, yes_no(rejected), type}).observe(seconds);
}

}  // namespace gatepost::admission
