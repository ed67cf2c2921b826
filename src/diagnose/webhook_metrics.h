// What kube-apiserver counted of its webhook calls since it started (apiserver_admission_webhook_* in its /metrics).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "diagnose/fwd.h"

namespace gatepost::diagnose {

struct WebhookMetrics {
  double calls = 0, rejected = 0, failed_open = 0;
  std::map<std::string, double> errors;  // rejections by error_type: calling_webhook_error, apiserver_internal_error
  std::map<double, double> buckets;      // of the duration: upper bound in seconds -> calls that took at most so long

  // The duration in seconds below which that part of all calls stayed, as Prometheus estimates it; none without calls.
  std::optional<double> quantile(double part) const;
};

using MetricsTable = std::map<std::string, WebhookMetrics, std::less<>>;  // by webhook

// Reads the text form of the exposition; lines that are not about webhooks or that are broken are skipped.
MetricsTable read_webhook_metrics(std::string_view text);

// The evidence of a webhook: rate of errors by type, calls let through, latency against its timeout. Facts
// metrics-failed-open, metrics-slow (the 99th percentile is at its timeout).
void check_metrics(const Subject& subject, const Cluster& cluster, Case& out);

}  // namespace gatepost::diagnose
