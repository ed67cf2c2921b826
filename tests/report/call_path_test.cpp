#include "report/call_path.h"

#include <gtest/gtest.h>

#include "report/drawings.h"
#include "report/terminal.h"
#include "report/yaml.h"

namespace gatepost::report {
namespace {

Finding finding(std::string cause, std::string root = "", std::string service = "sys/hook") {
  Finding out;
  out.webhook = "w.x.io";
  out.cause = std::move(cause);
  out.root_cause = std::move(root);
  out.service = std::move(service);
  out.port = 443;
  out.timeout_seconds = 10;
  return out;
}

struct Row {
  const char *cause, *root, *service, *path;
};
const Row rows[] = {
    {"service-not-found", "namespace-missing", "sys/hook", "API server > [Service]"},
    {"no-endpoints", "", "sys/hook", "API server > Service > [endpoints]"},
    {"no-endpoints", "backend-crashloop", "sys/hook", "API server > Service > endpoints > [pod]"},
    {"connection-refused", "", "", "API server > [host]"},
    {"unknown-authority", "ca-bundle-stale", "sys/hook", "API server > Service > endpoints > pod > [TLS]"},
    {"http-status", "", "sys/hook", "API server > Service > endpoints > pod > TLS > [answer]"},
    {"deadline-exceeded", "slow-backend", "sys/hook", "API server > Service > endpoints > pod > TLS > [answer]"},
    {"tunnel", "tunnel-broken", "sys/hook", "[API server]"},
    {"denied", "", "sys/hook", ""},
    {"unrelated", "", "sys/hook", ""},
};

TEST(CallPath, BreaksWhereTheCauseSays) {
  for (const Row& row : rows)
    EXPECT_EQ(call_path_text(finding(row.cause, row.root, row.service)), row.path) << row.cause;
}

TEST(CallPath, ADeadlineBreaksInTheStepThatDidNotEnd) {
  Finding f = finding("deadline-exceeded");
  f.latencies = {{"dial", 1, true}, {"TLS handshake", 3000, false}, {"p99", 20, true}};
  EXPECT_EQ(call_path_text(f), "API server > Service > endpoints > pod > [TLS]");
}

TEST(Drawings, ShowTheBrokenHopTheDatesAndTheTimeout) {
  Finding f = finding("cert-expired", "certificate-expired");
  EXPECT_NE(svg_call_path(f).find("class=\"hop bad\""), std::string::npos);
  EXPECT_NE(svg_call_path(f).find("class=\"cross\""), std::string::npos);
  f.certificates = {{"Secret sys/<tls>", "CN=a", "CN=b", "00ff", 1500000000, 1600000000, false, {}}};
  const std::string certificates = svg_certificates(f, 1650000000);
  EXPECT_NE(certificates.find("2017-07-14"), std::string::npos);
  EXPECT_NE(certificates.find(">now<"), std::string::npos);
  EXPECT_EQ(certificates.find("<tls>"), std::string::npos);
  f.latencies = {{"answer", 12345, false}};
  EXPECT_NE(svg_latencies(f).find("12345 ms, no end"), std::string::npos);
  EXPECT_NE(svg_latencies(f).find("timeoutSeconds"), std::string::npos);
  EXPECT_EQ(svg_latencies(finding("eof")), "");
}

TEST(Lines, OneAWebhook) {
  Report report;
  using State = WebhookLine::State;
  report.webhooks = {{State::healthy, "", "a.io", "c", "", "", "dry run", "", 12.4},
                     {State::unhealthy, "", "long.io", "c", "eof", "backend-crashloop", "dry run", "", std::nullopt},
                     {State::unknown, "prod", "u.io", "c", "", "", "", "cannot tell", std::nullopt}};
  EXPECT_EQ(render_lines(report, {}),
            "healthy   a.io        dry run, 12 ms\n"
            "unhealthy long.io     backend-crashloop\n"
            "unknown   prod: u.io  cannot tell\n");
}

TEST(Yaml, IsTheJsonDocument) {
  Report report{"diagnose", {{"webhooks", std::int64_t{1}}}, {finding("eof")}};
  const std::string text = render_yaml(report);
  EXPECT_NE(text.find("schema: gatepost.dev/v1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("cause: eof\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace gatepost::report
