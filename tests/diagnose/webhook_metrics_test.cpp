#include "diagnose/webhook_metrics.h"

#include <gtest/gtest.h>

#include "diagnose/subject.h"
#include "yaml/convert.h"

namespace gatepost::diagnose {
namespace {

const std::string sample = R"(# HELP apiserver_admission_webhook_request_total [STABLE] x
apiserver_admission_webhook_request_total{code="200",name="w.x.io",operation="CREATE",rejected="false",type="validating"} 90
apiserver_admission_webhook_request_total{code="600",name="w.x.io",operation="UPDATE",rejected="true",type="validating"} 10
apiserver_admission_webhook_rejection_count{error_type="calling_webhook_error",name="w.x.io",operation="CREATE",rejection_code="0",type="validating"} 8
apiserver_admission_webhook_fail_open_count{name="open.x.io",type="admit"} 3
apiserver_admission_webhook_admission_duration_seconds_bucket{name="w.x.io",operation="CREATE",rejected="false",type="validating",le="0.1"} 50
apiserver_admission_webhook_admission_duration_seconds_bucket{name="w.x.io",operation="CREATE",rejected="false",type="validating",le="1"} 100
apiserver_admission_webhook_admission_duration_seconds_bucket{name="w.x.io",operation="CREATE",rejected="false",type="validating",le="10"} 100
apiserver_admission_webhook_admission_duration_seconds_bucket{name="w.x.io",operation="CREATE",rejected="false",type="validating",le="+Inf"} 100
apiserver_request_total{code="200"} 7
apiserver_admission_webhook_request_total{name="w.x.io" 5
apiserver_admission_webhook_request_total{name="w.x.io"} many
)";

TEST(WebhookMetrics, AreSummedByWebhook) {
  const auto table = read_webhook_metrics(sample);
  ASSERT_TRUE(table.contains("w.x.io") && table.contains("open.x.io"));
  EXPECT_EQ(table.size(), 2u);
  const WebhookMetrics& seen = table.find("w.x.io")->second;
  EXPECT_EQ(seen.calls, 100);
  EXPECT_EQ(seen.rejected, 10);
  EXPECT_EQ(seen.errors.at("calling_webhook_error"), 8);
  EXPECT_EQ(table.find("open.x.io")->second.failed_open, 3);
}

TEST(WebhookMetrics, QuantilesAreEstimatedAsPrometheusDoes) {
  const auto table = read_webhook_metrics(sample);
  const WebhookMetrics& seen = table.find("w.x.io")->second;
  EXPECT_NEAR(*seen.quantile(0.5), 0.1, 1e-9);
  EXPECT_NEAR(*seen.quantile(0.75), 0.55, 1e-9);
  EXPECT_NEAR(*seen.quantile(1), 1, 1e-9);
  EXPECT_FALSE(WebhookMetrics().quantile(0.5));
  WebhookMetrics beyond;
  beyond.buckets = {{0.1, 0}, {std::numeric_limits<double>::infinity(), 4}};
  EXPECT_NEAR(*beyond.quantile(0.5), 0.1, 1e-9) << "no more is known than the last finite bound";
}

// What check_metrics tells of a webhook with that name, timeout and metrics.
Case told(const std::string& name, int timeout, const std::string& metrics) {
  Cluster cluster;
  auto list = yaml::parse("items:\n- metadata: {name: conf}\n  webhooks:\n  - {name: " + name +
                              ", timeoutSeconds: " + std::to_string(timeout) + "}\n",
                          json::make_arena());
  cluster.validating.add_page(std::move(*list));
  cluster.metrics = read_webhook_metrics(metrics);
  const auto all = subjects(cluster);
  Case out;
  check_metrics(all.front(), cluster, out);
  return out;
}

TEST(WebhookMetrics, TellErrorsAndWhoIsSlow) {
  const Case slow = told("w.x.io", 1, sample);
  ASSERT_EQ(slow.finding.evidence.size(), 2u);
  EXPECT_EQ(slow.finding.evidence[0].detail,
            "100 calls since the API server started, 10 rejected, 8 calling_webhook_error");
  EXPECT_EQ(slow.finding.evidence[0].ok, false);
  EXPECT_TRUE(slow.has("metrics-slow"));
  EXPECT_FALSE(told("w.x.io", 10, sample).has("metrics-slow"));
  EXPECT_TRUE(told("open.x.io", 10, sample).has("metrics-failed-open"));
  EXPECT_TRUE(told("never-called.x.io", 10, sample).finding.evidence.empty());
}

}  // namespace
}  // namespace gatepost::diagnose
