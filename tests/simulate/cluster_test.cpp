// The simulated cluster on virtual time: what its controllers, scheduler and kubelets make of workloads.
#include <gtest/gtest.h>

#include "net/loop.h"
#include "simulate/objects.h"
#include "simulate/virtual_cluster.h"
#include "yaml/convert.h"

namespace gatepost::simulate {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

json::Value read(const std::string& text) {
  auto parsed = yaml::parse(text, json::make_arena());
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text);
  return parsed ? std::move(*parsed) : json::Value();
}

class ClusterTest : public testing::Test {
 protected:
  ClusterTest() {
    VirtualCluster::Options options;
    options.start = *parse_rfc3339("2026-01-01T00:00:00Z");
    cluster_ = VirtualCluster::make(options);
    put("/namespaces", "metadata: {name: shop, labels: {kubernetes.io/metadata.name: shop}}");
    for (const char* name : {"n1", "n2", "n3"})
      put("/nodes", "metadata: {name: " + std::string(name) +
                        "}\nstatus: {allocatable: {pods: '110', cpu: '8', memory: 32Gi}, "
                        "conditions: [{type: Ready, status: 'True'}]}");
  }

  void put(const std::string& collection, const std::string& text) {
    loop_.run(cluster_->put(*cluster_->resource(collection), read(text)));
  }
  void change(std::string_view collection, std::string_view ns, std::string_view name,
              const std::function<void(json::Object&)>& edit) {
    ItemPtr item = cluster_->cache().find(collection, ns, name);
    ASSERT_TRUE(item);
    json::Value next = copy_of(*item);
    edit(next.get_object());
    loop_.run(cluster_->put(*cluster_->resource(collection), std::move(next)));
  }
  void pass(std::chrono::milliseconds time) { loop_.run(cluster_->run(cluster_->now() + time, {})); }
  void workload(const std::string& collection, const std::string& kind, const std::string& more,
                const std::string& annotations = "{}") {
    put(collection, "kind: " + kind +
                        "\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {matchLabels: {app: web}}\n" +
                        more + "  template:\n    metadata: {labels: {app: web}, annotations: " + annotations +
                        "}\n    spec: {containers: [{name: c, image: i}]}\n");
  }
  std::size_t ready() const {
    std::size_t count = 0;
    for (const ItemPtr& pod : cluster_->cache().in(collection::pods, "shop"))
      if (is_active(*pod) && is_ready(*pod)) ++count;
    return count;
  }
  std::vector<ItemPtr> pods() const { return cluster_->cache().in(collection::pods, "shop"); }

  net::Loop loop_;
  std::unique_ptr<VirtualCluster> cluster_;
};

TEST_F(ClusterTest, ADeploymentGetsItsPodsOnAllNodes) {
  workload("apps/deployments", "Deployment", "  replicas: 6\n");
  pass(minutes(1));
  EXPECT_EQ(ready(), 6u);
  for (const char* node : {"n1", "n2", "n3"}) EXPECT_EQ(cluster_->cache().pods_on(node).size(), 2u) << node;
  ItemPtr web = cluster_->cache().find(collection::deployments, "shop", "web");
  EXPECT_EQ(json::int_at(web->value, {"status", "readyReplicas"}), 6);
  EXPECT_EQ(condition_status(web->value, "Available"), "True");
}

TEST_F(ClusterTest, ARolloutKeepsWhatMustBeAvailable) {
  workload("apps/deployments", "Deployment",
           "  replicas: 4\n  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n");
  pass(minutes(1));
  change(collection::deployments, "shop", "web", [](json::Object& web) {
    child(child(child(child(web, "spec"), "template"), "metadata"), "labels")["v"] = "2";
    child(web, "metadata")["generation"] = 2;
  });
  std::size_t fewest = 4;
  for (int i = 0; i < 240; ++i) {
    pass(std::chrono::milliseconds(250));
    fewest = std::min(fewest, ready());
  }
  EXPECT_EQ(fewest, 4u);
  EXPECT_EQ(ready(), 4u);
  for (const ItemPtr& pod : pods()) EXPECT_EQ(json::string_at(pod->value, {"metadata", "labels", "v"}), "2");
}

TEST_F(ClusterTest, PodsOfALostNodeMoveWhenTheirTolerationEnds) {
  workload("apps/deployments", "Deployment", "  replicas: 3\n");
  pass(minutes(1));
  change(collection::nodes, "", "n1",
         [](json::Object& node) { child(child(node, "metadata"), "annotations")[behaviour::lost] = "true"; });
  pass(seconds(30));
  EXPECT_EQ(ready(), 3u);  // nobody has noticed
  pass(seconds(20));
  EXPECT_EQ(ready(), 2u);
  pass(seconds(240));
  EXPECT_EQ(ready(), 2u);
  pass(seconds(120));
  EXPECT_EQ(ready(), 3u);
}

TEST_F(ClusterTest, ACrashLoopRestartsWithGrowingPauses) {
  workload("apps/deployments", "Deployment", "  replicas: 1\n", "{simulate.gatepost.dev/crash-after: 2s}");
  pass(minutes(10));
  ASSERT_EQ(pods().size(), 1u);
  const json::Array* containers = json::array_at(pods()[0]->value, {"status", "containerStatuses"});
  ASSERT_TRUE(containers && !containers->empty());
  const std::int64_t restarts = json::int_at(containers->front(), {"restartCount"});
  EXPECT_GE(restarts, 5);
  EXPECT_LE(restarts, 8);
}

TEST_F(ClusterTest, StatefulSetsGoOneByOne) {
  workload("apps/statefulsets", "StatefulSet", "  replicas: 3\n", "{simulate.gatepost.dev/start-delay: 4s}");
  pass(seconds(3));
  EXPECT_EQ(pods().size(), 1u);
  pass(minutes(1));
  EXPECT_EQ(ready(), 3u);
  EXPECT_TRUE(cluster_->cache().find(collection::pods, "shop", "web-2"));
}

TEST_F(ClusterTest, ADaemonSetHasAPodOnEachNodeAndAJobEnds) {
  workload("apps/daemonsets", "DaemonSet", "");
  put("batch/jobs",
      "metadata: {name: once, namespace: shop}\nspec: {completions: 2, parallelism: 1, template: {metadata: "
      "{labels: {j: x}}, spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}");
  cluster_->look_at_all();
  pass(minutes(1));
  EXPECT_EQ(ready(), 3u);
  ItemPtr job = cluster_->cache().find(collection::jobs, "shop", "once");
  EXPECT_EQ(json::int_at(job->value, {"status", "succeeded"}), 2);
  EXPECT_EQ(condition_status(job->value, "Complete"), "True");
}

TEST_F(ClusterTest, EverythingIsTakenBack) {
  workload("apps/deployments", "Deployment", "  replicas: 3\n");
  pass(minutes(1));
  const std::string before = std::string(pods()[0]->key.name);
  cluster_->begin();
  for (const ItemPtr& pod : pods()) loop_.run(cluster_->drop(pod->key));
  pass(minutes(1));
  EXPECT_FALSE(cluster_->cache().find(collection::pods, "shop", before));
  loop_.run(cluster_->take_back());
  EXPECT_TRUE(cluster_->cache().find(collection::pods, "shop", before));
  EXPECT_EQ(pods().size(), 3u);
  EXPECT_EQ(ready(), 3u);
}

}  // namespace
}  // namespace gatepost::simulate
