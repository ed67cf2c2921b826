// What an update may change: the rest is what the object had.
#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "kube/schema/object.h"
#include "kube/schema/prepare_strategy.h"
#include "kube/validation/service.h"

namespace gatepost::kube {
namespace {

json::Value value_of(const char* text) {
  auto parsed = json::parse(text, json::Storage());
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().text;
  return *parsed;
}

struct Row {
  const char* name;
  const char *group, *resource, *subresource;
  const char *old_object, *given, *wanted;
};

const Row rows[] = {
    {"main resource keeps status, spec counts", "apps", "deployments", "",
     R"({"metadata":{"generation":3},"spec":{"replicas":1},"status":{"replicas":1}})",
     R"({"metadata":{"generation":9},"spec":{"replicas":2},"status":{"replicas":7}})",
     R"({"metadata":{"generation":4},"spec":{"replicas":2},"status":{"replicas":1}})"},
    {"labels alone do not count", "apps", "deployments", "", R"({"metadata":{"generation":3},"spec":{},"status":{}})",
     R"({"metadata":{"labels":{"a":"b"}},"spec":{}})",
     R"({"metadata":{"labels":{"a":"b"},"generation":3},"spec":{},"status":{}})"},
    {"annotations of a deployment count", "apps", "deployments", "",
     R"({"metadata":{"generation":3},"spec":{},"status":{}})", R"({"metadata":{"annotations":{"a":"b"}},"spec":{}})",
     R"({"metadata":{"annotations":{"a":"b"},"generation":4},"spec":{},"status":{}})"},
    {"nothing and empty are the same", "apps", "deployments", "",
     R"({"metadata":{"generation":3,"annotations":{}},"spec":{},"status":{}})", R"({"metadata":{},"spec":{}})",
     R"({"metadata":{"generation":3},"spec":{},"status":{}})"},
    {"status keeps spec and labels", "apps", "deployments", "status",
     R"({"metadata":{"generation":3,"labels":{"a":"b"}},"spec":{"replicas":1},"status":{"replicas":1}})",
     R"({"metadata":{"annotations":{"c":"d"}},"spec":{"replicas":2},"status":{"replicas":7}})",
     R"({"metadata":{"annotations":{"c":"d"},"generation":3,"labels":{"a":"b"}},"spec":{"replicas":1},"status":{"replicas":7}})"},
    {"status of a policy keeps metadata", "admissionregistration.k8s.io", "validatingadmissionpolicies", "status",
     R"({"metadata":{"labels":{"a":"b"}},"spec":{"failurePolicy":"Fail"},"status":{}})",
     R"({"metadata":{"labels":{"x":"y"},"annotations":{"x":"y"},"finalizers":["f/f"]},"spec":{},"status":{"observedGeneration":1}})",
     R"({"metadata":{"labels":{"a":"b"}},"spec":{"failurePolicy":"Fail"},"status":{"observedGeneration":1}})"},
    {"webhooks count", "admissionregistration.k8s.io", "validatingwebhookconfigurations", "",
     R"({"metadata":{"generation":1},"webhooks":[{"name":"a.b.c"}]})", R"({"metadata":{},"webhooks":[]})",
     R"({"metadata":{"generation":2},"webhooks":[]})"},
    {"a kind without generation", "", "configmaps", "", R"({"metadata":{},"data":{"a":"b"}})",
     R"({"metadata":{},"data":{"a":"c"}})", R"({"metadata":{},"data":{"a":"c"}})"},
    {"namespace keeps finalizers", "", "namespaces", "",
     R"({"metadata":{"name":"n"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})",
     R"({"metadata":{"name":"n","labels":{"kubernetes.io/metadata.name":"other"}},"spec":{}})",
     R"({"metadata":{"name":"n","labels":{"kubernetes.io/metadata.name":"n"}},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})"},
    {"finalize changes finalizers", "", "namespaces", "finalize",
     R"({"metadata":{"name":"n"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Terminating"}})",
     R"({"metadata":{"name":"n"},"spec":{},"status":{"phase":"Active"}})",
     R"({"metadata":{"name":"n","labels":{"kubernetes.io/metadata.name":"n"}},"spec":{},"status":{"phase":"Terminating"}})"},
    {"secret keeps its type", "", "secrets", "", R"({"metadata":{},"type":"kubernetes.io/tls"})",
     R"({"metadata":{},"type":""})", R"({"metadata":{},"type":"kubernetes.io/tls"})"},
    {"service keeps what was allocated", "", "services", "",
     R"({"metadata":{},"spec":{"type":"NodePort","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack","ports":[{"name":"a","port":80,"nodePort":30001},{"name":"b","port":81,"nodePort":30002}]},
         "status":{"loadBalancer":{}}})",
     R"({"metadata":{},"spec":{"type":"NodePort","ports":[{"name":"b","port":82},{"name":"c","port":83}]}})",
     R"({"metadata":{},"spec":{"type":"NodePort","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack","ports":[{"name":"b","port":82,"nodePort":30002},{"name":"c","port":83}]},
         "status":{"loadBalancer":{}}})"},
    {"a node port that moved is not given twice", "", "services", "",
     R"({"metadata":{},"spec":{"type":"NodePort","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack","ports":[{"name":"a","port":80,"nodePort":30001}]},"status":{"loadBalancer":{}}})",
     R"({"metadata":{},"spec":{"type":"NodePort","ports":[{"name":"a","port":80},{"name":"b","port":81,"nodePort":30001}]}})",
     R"({"metadata":{},"spec":{"type":"NodePort","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack","ports":[{"name":"a","port":80},{"name":"b","port":81,"nodePort":30001}]},
         "status":{"loadBalancer":{}}})"},
    {"to ExternalName", "", "services", "",
     R"({"metadata":{},"spec":{"type":"ClusterIP","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack"},"status":{"loadBalancer":{}}})",
     R"({"metadata":{},"spec":{"type":"ExternalName","externalName":"e","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],
         "ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack"}})",
     R"({"metadata":{},"spec":{"type":"ExternalName","externalName":"e"},"status":{"loadBalancer":{}}})"},
    {"LoadBalancer to ClusterIP", "", "services", "",
     R"({"metadata":{},"spec":{"type":"LoadBalancer","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack","externalTrafficPolicy":"Cluster","allocateLoadBalancerNodePorts":true,
         "ports":[{"port":80,"nodePort":30001}]},"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}})",
     R"({"metadata":{},"spec":{"type":"ClusterIP","externalTrafficPolicy":"Cluster","allocateLoadBalancerNodePorts":true,
         "ports":[{"port":80,"nodePort":30001}]}})",
     R"({"metadata":{},"spec":{"type":"ClusterIP","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack","ports":[{"port":80}]},"status":{"loadBalancer":{}}})"},
    {"another address alone", "", "services", "",
     R"({"metadata":{},"spec":{"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack"},"status":{"loadBalancer":{}}})",
     R"({"metadata":{},"spec":{"type":"ClusterIP","clusterIP":"10.96.0.9","clusterIPs":["None"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack"}})",
     R"({"metadata":{},"spec":{"type":"ClusterIP","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack"},"status":{"loadBalancer":{}}})"},
    {"one family less", "", "services", "",
     R"({"metadata":{},"spec":{"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"],"ipFamilies":["IPv4","IPv6"],
         "ipFamilyPolicy":"RequireDualStack"},"status":{"loadBalancer":{}}})",
     R"({"metadata":{},"spec":{"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"],"ipFamilies":["IPv4","IPv6"],
         "ipFamilyPolicy":"SingleStack"}})",
     R"({"metadata":{},"spec":{"type":"ClusterIP","clusterIP":"None","clusterIPs":["None"],"ipFamilies":["IPv4"],
         "ipFamilyPolicy":"SingleStack"},"status":{"loadBalancer":{}}})"},
    {"daemon set counts its template", "apps", "daemonsets", "",
     R"({"metadata":{"generation":1,"annotations":{"deprecated.daemonset.template.generation":"1"}},"spec":{"template":{"a":1}},"status":{}})",
     R"({"metadata":{},"spec":{"template":{"a":2}}})",
     R"({"metadata":{"generation":2,"annotations":{"deprecated.daemonset.template.generation":"2"}},"spec":{"template":{"a":2}},"status":{}})"},
    {"ephemeral containers", "", "pods", "ephemeralcontainers",
     R"({"metadata":{"generation":1,"labels":{"a":"b"}},"spec":{"nodeName":"n"},"status":{"phase":"Running"}})",
     R"({"metadata":{"labels":{"c":"d"}},"spec":{"nodeName":"m","ephemeralContainers":[{"name":"d"}]},"status":{}})",
     R"({"metadata":{"generation":2,"labels":{"a":"b"}},"spec":{"nodeName":"n","ephemeralContainers":[{"name":"d"}]},"status":{"phase":"Running"}})"},
    {"resize", "", "pods", "resize",
     R"({"metadata":{"generation":1},"spec":{"nodeName":"n","containers":[{"name":"c","image":"a","resources":{}}]},"status":{}})",
     R"({"metadata":{},"spec":{"containers":[{"name":"c","image":"b","resources":{"limits":{"cpu":"1"}}}]}})",
     R"({"metadata":{"generation":2},"spec":{"nodeName":"n","containers":[{"name":"c","image":"a","resources":{"limits":{"cpu":"1"}}}]},"status":{}})"},
    {"pod status keeps the class", "", "pods", "status",
     R"({"metadata":{},"spec":{"nodeName":"n"},"status":{"phase":"Pending","qosClass":"BestEffort"}})",
     R"({"metadata":{},"spec":{},"status":{"phase":"Running"}})",
     R"({"metadata":{},"spec":{"nodeName":"n"},"status":{"phase":"Running","qosClass":"BestEffort"}})"},
    {"a signing request cannot change", "certificates.k8s.io", "certificatesigningrequests", "",
     R"({"metadata":{},"spec":{"request":"YQ=="},"status":{}})",
     R"({"metadata":{"labels":{"a":"b"}},"spec":{"request":"Yg=="},"status":{"certificate":"YQ=="}})",
     R"({"metadata":{"labels":{"a":"b"}},"spec":{"request":"YQ=="},"status":{}})"},
    {"approval changes conditions alone", "certificates.k8s.io", "certificatesigningrequests", "approval",
     R"({"metadata":{},"spec":{"request":"YQ=="},"status":{"certificate":"Yw=="}})",
     R"({"metadata":{},"spec":{},"status":{"certificate":"ZA==","conditions":[{"type":"Approved","status":"True"}]}})",
     R"({"metadata":{},"spec":{"request":"YQ=="},"status":{"certificate":"Yw==","conditions":[{"type":"Approved","status":"True",
         "lastUpdateTime":"2026-11-25T10:00:00Z","lastTransitionTime":"2026-11-25T10:00:00Z"}]}})"},
    {"status does not approve", "certificates.k8s.io", "certificatesigningrequests", "status",
     R"({"metadata":{},"spec":{},"status":{"conditions":[{"type":"Approved","status":"True","reason":"A","lastUpdateTime":"2020-01-01T00:00:00Z","lastTransitionTime":"2020-01-01T00:00:00Z"}]}})",
     R"({"metadata":{},"spec":{},"status":{"certificate":"YQ==","conditions":[{"type":"Approved","status":"True","reason":"B"}]}})",
     R"({"metadata":{},"spec":{},"status":{"certificate":"YQ==","conditions":[{"type":"Approved","status":"True","reason":"A","lastUpdateTime":"2020-01-01T00:00:00Z","lastTransitionTime":"2020-01-01T00:00:00Z"}]}})"},
    {"a definition remembers stored versions", "apiextensions.k8s.io", "customresourcedefinitions", "",
     R"({"metadata":{"generation":1},"spec":{"versions":[{"name":"v1","storage":true}]},"status":{"storedVersions":["v1"]}})",
     R"({"metadata":{},"spec":{"versions":[{"name":"v2","storage":true}]},"status":{}})",
     R"({"metadata":{"generation":2},"spec":{"versions":[{"name":"v2","storage":true}]},"status":{"storedVersions":["v1","v2"]}})"},
    {"a phase remembers since when", "", "persistentvolumes", "status",
     R"({"metadata":{},"spec":{},"status":{"phase":"Pending","lastPhaseTransitionTime":"2020-01-01T00:00:00Z"}})",
     R"({"metadata":{},"spec":{},"status":{"phase":"Bound","lastPhaseTransitionTime":"2020-01-01T00:00:00Z"}})",
     R"({"metadata":{},"spec":{},"status":{"phase":"Bound","lastPhaseTransitionTime":"2026-11-25T10:00:00Z"}})"},
};

TEST(Prepare, Updates) {
  using namespace std::chrono;
  const system_clock::time_point now = sys_days{November / 25 / 2026} + 10h;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const ResourceInfo* resource = Registry::builtin()->find(row.group, "v1", row.resource);
    ASSERT_TRUE(resource);
    json::Value object = value_of(row.given);
    const json::Value old_object = value_of(row.old_object);
    if (resource->kind == "Service") EXPECT_TRUE(settle_service(object, &old_object).empty());
    prepare_for_update(object, old_object, *resource, row.subresource, now);
    EXPECT_EQ(object, value_of(row.wanted)) << json::write(object);
    EXPECT_EQ(old_object, value_of(row.old_object));
  }
}

TEST(Prepare, GenerationOfANewObject) {
  struct New {
    const char *group, *resource;
    bool has_generation;
  };
  const New kinds[] = {{"apps", "deployments", true},
                       {"", "pods", true},
                       {"admissionregistration.k8s.io", "mutatingwebhookconfigurations", true},
                       {"scheduling.k8s.io", "priorityclasses", true},
                       {"", "configmaps", false},
                       {"", "services", false},
                       {"storage.k8s.io", "csidrivers", false}};
  for (const New& kind : kinds) {
    json::Value object = value_of(R"({"metadata":{"name":"x"},"spec":{}})");
    prepare_for_create(object, *Registry::builtin()->find(kind.group, "v1", kind.resource));
    EXPECT_EQ(json::int_at(object, {"metadata", "generation"}), kind.has_generation ? 1 : 0) << kind.resource;
  }
}

// A webhook's patch may leave any shape behind; whoever refuses it comes later.
TEST(Prepare, AnyShapeIsBorne) {
  const char* shapes[] = {
      R"({})",
      R"([1])",
      R"({"metadata":1,"spec":1,"status":1})",
      R"({"metadata":{},"spec":{},"status":{}})",
      R"({"metadata":{"labels":1,"annotations":[],"finalizers":1},"spec":[],"status":"x"})",
      R"({"metadata":{"name":1},"spec":{"template":1,"ports":{},"containers":[1,{"ports":[1,{"containerPort":"x"}],
          "resources":{"limits":{"cpu":1}},"env":[{"valueFrom":1}]}],"initContainers":{},"volumes":[1,{"name":1}],
          "hostNetwork":true,"tolerations":[1],"affinity":[],"topologySpreadConstraints":[1],"schedulingGates":[1],
          "strategy":1,"updateStrategy":[],"selector":1,"metrics":[1,{"resource":1,"object":{"target":1}}],
          "behavior":{"scaleUp":1},"limits":[1,{"type":"Container","max":1}],"names":1,"versions":[1,{"storage":true}],
          "jobTemplate":1,"resources":{"limits":{"cpu":"1"},"requests":1},"sessionAffinity":"ClientIP",
          "sessionAffinityConfig":1,"ipFamilies":1,"clusterIP":1,"type":1,"finalizers":1,"taints":1},
          "status":{"conditions":[1,{"type":1}],"capacity":1,"loadBalancer":{"ingress":[1]},"currentMetrics":[1]},
          "webhooks":[1,{"clientConfig":1,"rules":1}],"subjects":[1],"roleRef":1,"secrets":[1,{"name":1}],
          "stringData":{"a":1},"data":1,"template":1,"ports":1,"subsets":[{"ports":1}]})",
  };
  for (const auto& resource : Registry::builtin()->all()) {
    SCOPED_TRACE(resource->resource);
    const GroupVersionKind kind{resource->group, resource->version, resource->kind};
    for (const char* before : shapes) {
      for (const char* after : shapes) {
        json::Value object = value_of(after);
        const json::Value old_object = value_of(before);
        set_defaults(object, kind);
        json::Value updated = object;
        prepare_for_create(object, *resource);
        for (const char* subresource : {"", "status", "approval", "finalize", "resize", "ephemeralcontainers"}) {
          json::Value changed = updated;
          prepare_for_update(changed, old_object, *resource, subresource);
        }
        if (object.is_object()) {
          const GroupVersionKind stored{resource->storage_group, resource->storage_version, resource->kind};
          EXPECT_TRUE(convert(object, kind, stored));
          EXPECT_TRUE(convert(object, stored, kind));
        }
      }
    }
  }
}

TEST(Prepare, RowsThatCannotBeReadAreTold) {
  struct Bad {
    const char *text, *error;
  };
  const Bad bad[] = {{"Pod | - | - | -\n", "not a strategy: Pod | - | - | -"},
                     {"/Pod | first\n", "not a strategy: /Pod | first"},
                     {"/Pod | - | { | -\n", "not a status: /Pod | - | { | -"},
                     {"/Pod | - | - | - | never\n", "not a strategy: /Pod | - | - | - | never"}};
  for (const Bad& row : bad) {
    auto parsed = parse_strategies(row.text);
    ASSERT_FALSE(parsed) << row.text;
    EXPECT_EQ(parsed.error().text, row.error);
  }
}

TEST(Prepare, SomeUpdatesMakeAndSomeMustNameTheVersion) {
  struct Kind {
    const char *group, *version, *resource;
    bool creates, conditional;
  };
  const Kind kinds[] = {{"", "v1", "configmaps", false, false},
                        {"", "v1", "services", true, false},
                        {"coordination.k8s.io", "v1", "leases", true, true},
                        {"rbac.authorization.k8s.io", "v1", "clusterroles", true, false},
                        {"policy", "v1", "poddisruptionbudgets", false, true},
                        {"admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", false, true}};
  for (const Kind& kind : kinds) {
    const ResourceInfo* resource = Registry::builtin()->find(kind.group, kind.version, kind.resource);
    ASSERT_TRUE(resource);
    EXPECT_EQ(update_creates(*resource), kind.creates) << kind.resource;
    EXPECT_EQ(update_is_conditional(*resource), kind.conditional) << kind.resource;
  }
}

}  // namespace
}  // namespace gatepost::kube
