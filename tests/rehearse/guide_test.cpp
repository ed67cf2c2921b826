// The simulated cluster gives the answers that a real API server was recorded to give in the guide's situations
// (tests/conformance/golden/guide.json).
#include <gtest/gtest.h>

#include "base/files.h"
#include "json/parse.h"
#include "net/loop.h"
#include "simulate/virtual_cluster.h"
#include "yaml/convert.h"

namespace gatepost::rehearse {
namespace {

using simulate::Fault;

struct Row {
  const char* golden;
  const char *webhook, *service, *ns;
  const char* address;  // of a ready endpoint; null: the Service has none
  bool there = true;    // whether the Service is
  Fault fault = Fault::none;
  const char* policy = "Fail";
  const char* selector = "{}";  // namespaceSelector
  std::size_t step = 0;
};

json::Value read(const std::string& text) {
  auto parsed = yaml::parse(text, json::make_arena());
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text);
  return parsed ? std::move(*parsed) : json::Value();
}

net::Task<void> put(simulate::VirtualCluster* cluster, std::string collection, std::string text) {
  co_await cluster->put(*cluster->resource(collection), read(text));
}

net::Task<kube::ApiResult<void>> ask(const Row* row) {
  simulate::VirtualCluster::Options options;
  options.start = *parse_rfc3339("2026-01-01T00:00:00Z");
  auto cluster = simulate::VirtualCluster::make(options);
  const std::string ns = row->ns, service = row->service;
  co_await put(cluster.get(), "/namespaces",
               "metadata: {name: " + ns + ", labels: {kubernetes.io/metadata.name: " + ns + "}}");
  if (row->there)
    co_await put(cluster.get(), "/services",
                 "metadata: {name: " + service + ", namespace: " + ns +
                     "}\nspec: {type: ClusterIP, ports: [{port: 443, targetPort: 9452}]}");
  if (row->address)
    co_await put(
        cluster.get(), "discovery.k8s.io/endpointslices",
        "metadata: {name: s, namespace: " + ns + ", labels: {kubernetes.io/service-name: " + service +
            "}}\naddressType: IPv4\nports: [{name: '', port: 9452, protocol: TCP}]\nendpoints: [{addresses: ['" +
            row->address + "'], conditions: {ready: true}}]");
  co_await put(cluster.get(), "admissionregistration.k8s.io/validatingwebhookconfigurations",
               "metadata: {name: c}\nwebhooks:\n- name: " + std::string(row->webhook) +
                   "\n  sideEffects: None\n  admissionReviewVersions: [v1]\n  timeoutSeconds: 10\n  failurePolicy: " +
                   row->policy + "\n  matchPolicy: Equivalent\n  objectSelector: {}\n  namespaceSelector: " +
                   row->selector + "\n  clientConfig: {service: {name: " + service + ", namespace: " + ns +
                   ", path: /validate, port: 443}}\n  rules: [{apiGroups: [''], apiVersions: [v1], operations: "
                   "[CREATE], resources: [pods], scope: '*'}]\n");
  cluster->set_fault(ns + "/" + service, row->fault);
  simulate::Write write;
  write.collection = "/pods";
  write.ns = ns;
  write.name = "probe";
  write.object = read("kind: Pod\napiVersion: v1\nmetadata: {name: probe, namespace: " + ns +
                      "}\nspec: {containers: [{name: c, image: i}]}");
  write.user = "kubernetes-admin";
  co_return co_await cluster->ask(std::move(write));
}

TEST(Guide, AnswersAreTheRecordedOnes) {
  auto bytes = files::read(std::string(TEST_DATA_DIR) + "/../conformance/golden/guide.json");
  ASSERT_TRUE(bytes);
  auto golden = json::parse(*bytes, json::make_arena());
  ASSERT_TRUE(golden);
  const Row rows[] = {
      {"guide/no-endpoints", "vpod.kb.io", "nonexistent-svc", "c-guide-no-endpoints", nullptr},
      {"guide/no-endpoints-ignored", "vpod.kb.io", "nonexistent-svc", "c", nullptr, true, Fault::none, "Ignore"},
      {"guide/nonexistent-service", "vpod.kb.io", "nonexistent-svc", "default", nullptr, false},
      {"guide/deadlock-broken", "vpod.kb.io", "nonexistent-svc", "c-guide-deadlock-broken", nullptr},
      {"guide/deadlock-broken", "vpod.kb.io", "nonexistent-svc", "c-guide-deadlock-broken", nullptr, true, Fault::none,
       "Fail",
       "{matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [c-guide-deadlock-broken]}]}",
       2},
      {"guide/service-refused", "check.conformance.io", "s-refused", "conformance", "10.96.4.21", true,
       Fault::refusing},
      {"guide/service-other-ca", "check.conformance.io", "s-other-ca", "conformance", "10.96.4.21", true,
       Fault::rotated_ca},
      {"guide/service-expired", "check.conformance.io", "s-expired", "conformance", "10.96.4.21", true,
       Fault::expired_certificate},
      {"guide/service-allowed", "check.conformance.io", "s-allowed", "conformance", "10.96.4.21"},
  };
  for (const Row& row : rows) {
    const json::Array* steps = json::array_at(*golden, {row.golden, "steps"});
    ASSERT_TRUE(steps && row.step < steps->size()) << row.golden;
    net::Loop loop;
    auto answer = loop.run(ask(&row));
    const bool passes = json::int_at((*steps)[row.step], {"code"}) < 300;
    ASSERT_EQ(answer.has_value(), passes) << row.golden << (answer ? "" : answer.error().message);
    if (passes) continue;
    std::string expected(json::string_at((*steps)[row.step], {"body", "message"})), seen = answer.error().message;
    // The times are those of the day it was recorded.
    if (const std::size_t at = expected.find("current time"); at != std::string::npos) {
      expected.resize(at);
      seen.resize(std::min(seen.size(), at));
    }
    // An authority of the same name draws a remark on what was tried.
    if (row.fault == Fault::rotated_ca) seen.resize(std::min(seen.size(), expected.size()));
    EXPECT_EQ(seen, expected) << row.golden;
    EXPECT_EQ(answer.error().code, json::int_at((*steps)[row.step], {"code"})) << row.golden;
  }
}

}  // namespace
}  // namespace gatepost::rehearse
