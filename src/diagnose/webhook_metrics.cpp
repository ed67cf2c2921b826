#include "diagnose/webhook_metrics.h"

#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "diagnose/subject.h"

namespace gatepost::diagnose {
namespace {

constexpr std::string_view prefix = "apiserver_admission_webhook_";
constexpr std::size_t most_webhooks = 10000;
constexpr double near_timeout = 0.8;  // of the timeout

struct Sample {
  std::string_view metric;  // behind the prefix
  std::string name, error_type, rejected;
  double upper_bound = 0;  // le
  double value = 0;
};

std::optional<double> number(std::string_view text) {
  if (text == "+Inf") return std::numeric_limits<double>::infinity();
  double out = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  if (parsed.ec != std::errc{} || !std::isfinite(out)) return std::nullopt;
  return out;
}

// Reads `key="value"` at the front of `text` and removes it with the comma behind it.
bool take_label(std::string_view& text, std::string_view& key, std::string& value) {
  const std::size_t equals = text.find("=\"");
  if (equals == std::string_view::npos) return false;
  key = text.substr(0, equals);
  value.clear();
  std::size_t at = equals + 2;
  for (; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    value += text[at];
  }
  if (at >= text.size()) return false;
  text.remove_prefix(at + 1);
  if (text.starts_with(',')) text.remove_prefix(1);
  return true;
}

std::optional<Sample> read_sample(std::string_view line) {
  line.remove_prefix(prefix.size());
  const std::size_t open = line.find('{'), close = line.rfind("} ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  Sample out;
  out.metric = line.substr(0, open);
  std::string_view value = line.substr(close + 2);
  value = value.substr(0, value.find(' '));  // a time may stand behind it
  auto parsed = number(value);
  if (!parsed) return std::nullopt;
  out.value = *parsed;
  std::string_view labels = line.substr(open + 1, close - open - 1), key;
  for (std::string text; !labels.empty() && take_label(labels, key, text);) {
    if (key == "name") out.name = text;
    if (key == "error_type") out.error_type = text;
    if (key == "rejected") out.rejected = text;
    if (key == "le") out.upper_bound = number(text).value_or(0);
  }
  if (out.name.empty()) return std::nullopt;
  return out;
}

void add(const Sample& sample, WebhookMetrics& out) {
  if (sample.metric == "request_total") {
    out.calls += sample.value;
    if (sample.rejected == "true") out.rejected += sample.value;
  } else if (sample.metric == "fail_open_count") {
    out.failed_open += sample.value;
  } else if (sample.metric == "rejection_count") {
    out.errors[sample.error_type] += sample.value;
  } else if (sample.metric == "admission_duration_seconds_bucket") {
    out.buckets[sample.upper_bound] += sample.value;
  }
}

}  // namespace

std::optional<double> WebhookMetrics::quantile(double part) const {
  if (buckets.empty() || buckets.rbegin()->second <= 0) return std::nullopt;
  const double wanted = part * buckets.rbegin()->second;
  double from = 0, below = 0;
  for (const auto& [bound, count] : buckets) {
    if (count >= wanted && count > below)
      return std::isinf(bound) ? from : from + (bound - from) * (wanted - below) / (count - below);
    if (!std::isinf(bound)) from = bound;
    below = count;
  }
  return from;
}

MetricsTable read_webhook_metrics(std::string_view text) {
  MetricsTable out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(prefix)) continue;
    const auto sample = read_sample(line);
    if (!sample || (out.size() >= most_webhooks && !out.contains(sample->name))) continue;
    add(*sample, out[sample->name]);
  }
  return out;
}

void check_metrics(const Subject& subject, const Cluster& cluster, Case& out) {
  if (!cluster.metrics) return;
  const auto found = cluster.metrics->find(subject.name());
  if (found == cluster.metrics->end()) return;
  const WebhookMetrics& seen = found->second;
  std::string detail = fmt::format("{} calls since the API server started, {} rejected", seen.calls, seen.rejected);
  double failed = seen.failed_open;
  for (const auto& [type, count] : seen.errors) {
    if (count > 0) detail += fmt::format(", {} {}", count, type);
    if (type == "calling_webhook_error") failed += count;
  }
  if (seen.failed_open > 0) {
    out.fact("metrics-failed-open");
    detail += fmt::format(", {} let through without a verdict", seen.failed_open);
  }
  const std::string command =
      fmt::format("kubectl get --raw /metrics | grep '^{}' | grep 'name=\"{}\"'", prefix, subject.name());
  out.see("API server's metrics", failed == 0, std::move(detail), command);
  const auto half = seen.quantile(0.5), most = seen.quantile(0.99);
  if (!half || !most) return;
  const bool slow = *most >= near_timeout * subject.timeout();
  if (slow) out.fact("metrics-slow");
  out.see("latency", slow ? std::optional(false) : std::nullopt,
          fmt::format("half of the calls took at most {:.0f} ms, 99 % at most {:.0f} ms, timeoutSeconds is {}",
                      *half * 1000, *most * 1000, subject.timeout()),
          command);
  out.finding.latencies.push_back({"p50", *half * 1000, true});
  out.finding.latencies.push_back({"p99", *most * 1000, true});
}

}  // namespace gatepost::diagnose
