#include "diagnose/root_cause.h"

#include <gtest/gtest.h>

#include "explain/page.h"

namespace gatepost::diagnose {
namespace {

TEST(RootCauses, TheTableIsSound) {
  EXPECT_TRUE(rule_errors().empty());
}

struct Row {
  const char* name;
  const char* cause;
  std::vector<const char*> facts;
  const char* root;
};

// One row for each way to each root cause.
const Row rows[] = {
    {"the namespace is gone", "service-not-found", {"namespace-gone"}, "namespace-missing"},
    {"the Service is gone", "service-not-found", {"service-gone"}, "stale-configuration"},
    {"the port is not there", "service-not-found", {"service-port-gone"}, "service-port-missing"},
    {"nobody is asked for",
     "no-endpoints",
     {"no-pods", "workload-there", "workload-at-zero"},
     "backend-scaled-to-zero"},
    {"zero replicas are no deadlock",
     "no-endpoints",
     {"no-pods", "workload-there", "workload-at-zero", "self-blocked"},
     "backend-scaled-to-zero"},
    {"pods are refused by the webhook itself",
     "no-endpoints",
     {"no-pods", "workload-there", "self-blocked", "pods-refused"},
     "self-deadlock"},
    {"two wait for each other", "no-endpoints", {"no-pods", "workload-there", "mutually-blocked"}, "mutual-deadlock"},
    {"labels of nobody", "no-endpoints", {"no-pods"}, "selector-matches-nothing"},
    {"a crash", "no-endpoints", {"pod-unready", "pod-crashes"}, "backend-crashloop"},
    {"killed for memory, and so crashing",
     "no-endpoints",
     {"pod-unready", "pod-crashes", "pod-oom-killed"},
     "backend-oom-killed"},
    {"no image", "no-endpoints", {"pod-unready", "pod-image"}, "backend-image-pull"},
    {"no node", "no-endpoints", {"pod-unready", "pod-unschedulable"}, "backend-unschedulable"},
    {"the probe fails", "no-endpoints", {"pod-unready"}, "backend-not-ready"},
    {"another port is declared", "connection-refused", {"target-port-undeclared"}, "target-port-mismatch"},
    {"a named port that no container has",
     "no-endpoints",
     {"pods-ready", "target-port-undeclared"},
     "target-port-mismatch"},
    {"nobody listens", "connection-refused", {"target-port-declared"}, "container-not-listening"},
    {"between two starts", "connection-refused", {"pod-crashes", "pods-ready"}, "backend-crashloop"},
    {"a policy", "deadline-exceeded", {"policy-blocks", "unreached"}, "network-policy-blocks"},
    {"a policy that lets us in", "deadline-exceeded", {"policy-blocks", "reached", "answered-late"}, "slow-backend"},
    {"late", "deadline-exceeded", {"reached", "answered-late"}, "slow-backend"},
    {"late for a short time", "deadline-exceeded", {"answered-late", "timeout-short"}, "timeout-too-low"},
    {"packets vanish", "connection-timeout", {"pods-ready"}, "control-plane-blocked"},
    {"a CA of before", "unknown-authority", {"secret-untrusted", "secret-ca-accepts"}, "ca-bundle-stale"},
    {"no CA", "unknown-authority", {"bundle-empty"}, "ca-bundle-missing"},
    {"an annotation that cannot work",
     "unknown-authority",
     {"injection-asked", "injection-impossible", "secret-ca-accepts"},
     "ca-injector-misconfigured"},
    {"nobody injects",
     "unknown-authority",
     {"injection-asked", "injector-missing", "bundle-empty"},
     "ca-injector-missing"},
    {"two inject", "unknown-authority", {"two-writers", "injection-asked", "secret-ca-accepts"}, "two-writers"},
    {"the pod has the old certificate",
     "unknown-authority",
     {"secret-good", "served-otherwise"},
     "secret-renewed-backend-stale"},
    {"expired everywhere", "cert-expired", {"secret-expired", "served-as-secret"}, "certificate-expired"},
    {"expired in the pod only", "cert-expired", {"secret-good", "served-otherwise"}, "secret-renewed-backend-stale"},
    {"another name", "name-mismatch", {"secret-misnamed"}, "certificate-lacks-service-name"},
    {"no name", "no-san", {}, "certificate-lacks-service-name"},
    {"the kubelet", "name-mismatch", {"kubelet-answers"}, "target-port-mismatch"},
    {"plain HTTP", "not-tls", {"target-port-declared"}, "backend-not-tls"},
    {"no such path", "not-found-path", {}, "wrong-path"},
    {"a proxy", "proxy", {}, "proxy-in-between"},
    {"a tunnel", "tunnel", {}, "tunnel-broken"},
};

class RootOf : public testing::TestWithParam<Row> {};

TEST_P(RootOf, IsNamed) {
  const Row& row = GetParam();
  Case of;
  of.finding.cause = row.cause;
  for (const char* fact : row.facts) of.fact(fact);
  EXPECT_EQ(root_of(of).id, row.root) << row.name;
}

INSTANTIATE_TEST_SUITE_P(Rows, RootOf, testing::ValuesIn(rows));

TEST(RootCauses, EveryOneOfTheListCanBeNamed) {
  std::set<std::string_view> named;
  for (const Row& row : rows) named.insert(row.root);
  for (const explain::Page& page : explain::pages())
    if (page.is_root) EXPECT_TRUE(named.contains(page.id)) << page.id;
}

}  // namespace
}  // namespace gatepost::diagnose
