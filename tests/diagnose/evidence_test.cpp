// Small checks on their own: who answers, what is hidden, what belongs together, rings of webhooks, older clusters.
#include <gtest/gtest.h>

#include "diagnose/backend.h"
#include "diagnose/deadlock.h"
#include "diagnose/direct_call.h"
#include "diagnose/fleet.h"
#include "diagnose/impact.h"
#include "diagnose/log_lines.h"
#include "diagnose/together.h"
#include "net/loop.h"
#include "yaml/convert.h"

namespace gatepost::diagnose {
namespace {

json::Value list_of(const std::string& items) {
  auto parsed = yaml::parse("items:\n" + items, json::make_arena());
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text);
  return parsed ? std::move(*parsed) : json::Value();
}

// ---- together

net::Task<void> note(int number, int* running, int* most, std::string* order) {
  *most = std::max(*most, ++*running);
  *order += std::to_string(number);
  co_await net::yield();
  --*running;
}

TEST(Together, RunsAllAndNoMoreThanAllowedAtOnce) {
  net::Loop loop;
  int running = 0, most = 0;
  std::string order;
  std::vector<net::Task<void>> tasks;
  for (int i = 0; i < 6; ++i) tasks.push_back(note(i, &running, &most, &order));
  loop.run(together(std::move(tasks), 2));
  EXPECT_EQ(order, "012345");
  EXPECT_EQ(most, 2);
  EXPECT_EQ(running, 0);
  loop.run(together({}, 2));
}

// ---- who answers

struct MarkRow {
  const char *server, *via, *body, *who;
};
const MarkRow marks[] = {
    {"", "", "{\"kind\":\"AdmissionReview\"}", ""},
    {"", "", "404 page not found", ""},
    {"envoy", "", "", "envoy"},
    {"istio-envoy", "", "", "envoy"},
    {"nginx/1.25", "", "", "nginx"},
    {"", "1.1 corp", "", "a proxy that adds Via"},
    {"", "", "upstream connect error or disconnect/reset before headers", "envoy"},
};

TEST(DirectCall, KnowsTheMarksOfProxies) {
  for (const MarkRow& row : marks) EXPECT_EQ(proxy_mark(row.server, row.via, row.body), row.who) << row.server;
}

// ---- log lines

struct SecretRow {
  const char *text, *shown;
};
const SecretRow secret_rows[] = {
    {"panic: open /etc/tls/tls.crt: no such file", "panic: open /etc/tls/tls.crt: no such file"},
    {"password=hunter2 user=x", "password=[hidden] user=x"},
    {"\"token\": \"abc\"", "\"token\": \"[hidden]\""},
    {"Authorization: Bearer eyJhbGciOi.eyJzdWIi.c2ln", "Authorization: Bearer [hidden].[hidden].c2ln"},
    {"key AKIAabcdefghijklmnopqrstuvwxyz0123456789ABCDEF", "key [hidden]"},
    {"failed to load secret webhook-tls", "failed to load secret webhook-tls"},
    {"pod kube-system/cert-manager-cainjector-5d8f7b9c4-x2x9q",
     "pod kube-system/cert-manager-cainjector-5d8f7b9c4-x2x9q"},
};

TEST(LogLines, HideWhatLooksLikeACredential) {
  for (const SecretRow& row : secret_rows) EXPECT_EQ(without_secrets(row.text), row.shown);
}

TEST(LogLines, EventsThatCarryTheErrorAreCounted) {
  Cluster cluster;
  cluster.validating.add_page(list_of("- metadata: {name: c}\n  webhooks: [{name: w.x.io}]\n"));
  cluster.refusals.add_page(list_of(
      "- metadata: {namespace: a}\n  involvedObject: {kind: ReplicaSet, name: r}\n  count: 4\n"
      "  firstTimestamp: 2026-01-01T00:00:00Z\n  lastTimestamp: 2026-01-02T00:00:00Z\n"
      "  message: 'Error creating: Internal error occurred: failed calling webhook \"w.x.io\": failed to call webhook: "
      "EOF'\n"
      "- metadata: {namespace: b}\n  involvedObject: {kind: Job, name: j}\n  firstTimestamp: 2026-01-03T00:00:00Z\n"
      "  lastTimestamp: 2026-01-03T00:00:00Z\n"
      "  message: 'Error creating: admission webhook \"w.x.io\" denied the request: no'\n"));
  Case out;
  check_carried(subjects(cluster).front(), cluster, out);
  EXPECT_EQ(out.finding.count, 4);
  EXPECT_EQ(out.finding.first_seen, "2026-01-01T00:00:00Z");
  EXPECT_EQ(out.finding.last_seen, "2026-01-02T00:00:00Z");
}

// ---- older clusters

TEST(Cluster, EndpointsStandForSlices) {
  Cluster cluster;
  cluster.slices.add_page(slices_of_endpoints(
      list_of("- metadata: {name: hook, namespace: sys}\n"
              "  subsets:\n"
              "  - addresses: [{ip: 10.0.0.1}]\n    notReadyAddresses: [{ip: 10.0.0.2}]\n    ports: [{port: 9443}]\n"
              "- metadata: {name: empty, namespace: sys}\n")));
  cluster.services.add_page(list_of("- metadata: {name: hook, namespace: sys}\n  spec: {ports: [{port: 443}]}\n"));
  cluster.validating.add_page(list_of(
      "- metadata: {name: c}\n  webhooks: [{name: w, clientConfig: {service: {name: hook, namespace: sys}}}]\n"));
  const Backend backend = find_backend(subjects(cluster).front(), cluster);
  ASSERT_EQ(backend.endpoints.size(), 2u);
  EXPECT_EQ(backend.endpoints[0].text(), "10.0.0.1:9443");
  EXPECT_EQ(backend.ready_endpoints(), 1);
}

// ---- rings

// Webhooks a, b, ... of namespaces of the same names; `takes[i]` is the namespace whose pods the i-th one judges.
class Rings : public testing::Test {
 protected:
  void configure(const std::vector<std::string>& takes) {
    std::string hooks, namespaces, services;
    for (std::size_t i = 0; i < takes.size(); ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      namespaces += "- metadata: {name: " + name + ", labels: {n: " + name + "}}\n";
      services += "- metadata: {name: s, namespace: " + name + "}\n  spec: {selector: {app: " + name + "}}\n";
      hooks += "- metadata: {name: " + name + "}\n  webhooks:\n  - name: " + name +
               "\n    clientConfig: {service: {name: s, namespace: " + name +
               "}}\n    namespaceSelector: {matchLabels: {n: " + takes[i] +
               "}}\n    rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]\n";
    }
    cluster_.namespaces.add_page(list_of(namespaces));
    cluster_.services.add_page(list_of(services));
    cluster_.validating.add_page(list_of(hooks));
    all_ = subjects(cluster_);
  }

  std::string ring() {
    std::vector<const Subject*> down;
    for (const Subject& one : all_) down.push_back(&one);
    std::string out;
    for (const Subject* one : ring_of(all_.front(), down, cluster_)) out += one->name();
    return out;
  }

  Cluster cluster_;
  std::vector<Subject> all_;
};

TEST_F(Rings, OfTwo) {
  configure({"b", "a"});
  EXPECT_EQ(ring(), "aba");
}

TEST_F(Rings, OfThree) {
  configure({"c", "a", "b"});  // pods of a need b, of b need c, of c need a
  EXPECT_EQ(ring(), "abca");
}

TEST_F(Rings, AChainThatEndsIsNone) {
  configure({"c", "a", "x"});
  EXPECT_EQ(ring(), "");
}

TEST_F(Rings, AnObjectSelectorThatSparesThePodsBreaksIt) {
  configure({"b", "a"});
  EXPECT_TRUE(blocks_pods_of(all_[1], all_[0], cluster_));
  auto selector = kube::LabelSelector::parse("app!=a");
  all_[1].objects = *selector;
  EXPECT_FALSE(blocks_pods_of(all_[1], all_[0], cluster_)) << "its Service picks app=a";
}

// ---- impact

TEST(Impact, TellsWhatTheClusterNeedsToKeepGoing) {
  Cluster cluster;
  cluster.namespaces.add_page(
      list_of("- metadata: {name: default}\n- metadata: {name: kube-system}\n"
              "- metadata: {name: kube-node-lease}\n"));
  cluster.validating.add_page(list_of(
      "- metadata: {name: c}\n  webhooks:\n"
      "  - {name: all, rules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*']}]}\n"
      "  - {name: pods, rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}\n"
      "  - {name: open, failurePolicy: Ignore, rules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], "
      "resources: "
      "['*/*']}]}\n"));
  std::vector<std::size_t> counts;
  for (const Subject& subject : subjects(cluster)) {
    const auto facts = impact_of(subject, cluster);
    const auto vital = std::find_if(facts.begin(), facts.end(), [](const auto& fact) { return fact.name == "vital"; });
    counts.push_back(vital == facts.end() ? 0 : std::get<std::vector<std::string>>(vital->value).size());
  }
  EXPECT_EQ(counts, (std::vector<std::size_t>{11, 1, 0}));
}

// ---- fleets

TEST(Fleet, ReportsAddUp) {
  report::Report one, all;
  one.summary = {{"webhooks", std::int64_t{2}}, {"notSeen", std::vector<std::string>{"pods"}}};
  one.findings.resize(1);
  one.webhooks.resize(2);
  add_context("a", one, all);
  add_context("b", one, all);
  add_unreached("c", "connection refused", all);
  ASSERT_EQ(all.summary.size(), 3u);
  EXPECT_EQ(std::get<std::int64_t>(all.summary[0].value), 4);
  EXPECT_EQ(std::get<std::vector<std::string>>(all.summary[1].value), (std::vector<std::string>{"a: pods", "b: pods"}));
  EXPECT_EQ(std::get<std::vector<std::string>>(all.summary[2].value),
            (std::vector<std::string>{"c: connection refused"}));
  EXPECT_EQ(all.findings[1].context, "b");
  EXPECT_EQ(all.webhooks.size(), 4u);
}

}  // namespace
}  // namespace gatepost::diagnose
