#include <gtest/gtest.h>

#include "diagnose/backend.h"
#include "diagnose/ca_injection.h"
#include "diagnose/deadlock.h"
#include "diagnose/direct_call.h"
#include "diagnose/dry_run.h"
#include "diagnose/nearest.h"
#include "diagnose/network_policy.h"
#include "diagnose/pods.h"
#include "diagnose/service_proxy.h"
#include "yaml/convert.h"

namespace gatepost::diagnose {
namespace {

json::Value list_of(const std::string& items) {
  auto parsed = yaml::parse("items:\n" + items, json::make_arena());
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text);
  return parsed ? std::move(*parsed) : json::Value();
}

// A cluster with one webhook w.x.io in namespace sys, whose Service picks app=hook.
class Checks : public testing::Test {
 protected:
  Checks() {
    cluster_.namespaces.add_page(list_of("- metadata: {name: default}\n- metadata: {name: sys, labels: {team: a}}\n"));
    cluster_.services.add_page(
        list_of("- metadata: {name: hook, namespace: sys}\n"
                "  spec: {selector: {app: hook}, ports: [{port: 443, targetPort: 9443}]}\n"));
  }

  void configure(const std::string& extra = "", const std::string& metadata = "") {
    cluster_.validating.add_page(list_of(
        "- metadata: {name: conf" + metadata + "}\n  webhooks:\n  - name: w.x.io\n    sideEffects: None\n" +
        "    clientConfig: {service: {name: hook, namespace: sys}}\n" +
        "    rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]\n" + extra));
    all_ = subjects(cluster_);
    subject_ = all_.front();
  }

  // The case after the checks of Service and pods.
  Case look() {
    Case found = open_case(subject_);
    Backend backend = find_backend(subject_, cluster_);
    check_service(subject_, cluster_, backend, found);
    find_pods(subject_, cluster_, backend);
    check_pods(subject_, cluster_, backend, found);
    check_policies(subject_, cluster_, backend, found);
    return found;
  }

  Cluster cluster_;
  std::vector<Subject> all_;
  Subject subject_;
};

TEST_F(Checks, AServiceWithoutPods) {
  configure();
  const Case found = look();
  EXPECT_EQ(found.finding.cause, "no-endpoints");
  EXPECT_EQ(found.finding.tail, "no endpoints available for service \"hook\"");
  EXPECT_TRUE(found.has("no-pods"));
  EXPECT_FALSE(found.has("workload-there"));
}

TEST_F(Checks, AWorkloadAtZero) {
  configure();
  cluster_.deployments.add_page(
      list_of("- metadata: {name: hook, namespace: sys}\n"
              "  spec: {replicas: 0, template: {metadata: {labels: {app: hook}}}}\n"));
  const Case found = look();
  EXPECT_TRUE(found.has("workload-at-zero"));
  EXPECT_EQ(found.workload, "hook");
}

struct PodRow {
  const char* name;
  const char* status;
  const char* fact;
};
const PodRow pods[] = {
    {"crash", "{containerStatuses: [{name: c, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}}}]}",
     "pod-crashes"},
    {"memory",
     "{containerStatuses: [{name: c, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {reason: "
     "OOMKilled, exitCode: 137}}}]}",
     "pod-oom-killed"},
    {"image", "{containerStatuses: [{name: c, state: {waiting: {reason: ImagePullBackOff}}}]}", "pod-image"},
    {"image of an init container", "{initContainerStatuses: [{name: c, state: {waiting: {reason: ErrImagePull}}}]}",
     "pod-image"},
    {"crash of an init container", "{initContainerStatuses: [{name: c, state: {waiting: {reason: CrashLoopBackOff}}}]}",
     "pod-crashes"},
    {"no node", "{conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: no}]}",
     "pod-unschedulable"},
    {"probe", "{conditions: [{type: Ready, status: 'False'}], containerStatuses: [{name: c, state: {running: {}}}]}",
     "pod-unready"},
    {"a configuration that is not there",
     "{containerStatuses: [{name: c, state: {waiting: {reason: CreateContainerConfigError}}}]}", "pod-unready"},
};

TEST_F(Checks, PodsTellWhy) {
  configure();
  for (const PodRow& row : pods) {
    cluster_.pods = Table();
    cluster_.pods.add_page(list_of(
        "- metadata: {name: p, namespace: sys, labels: {app: hook}}\n  status: " + std::string(row.status) + "\n"));
    const Case found = look();
    EXPECT_TRUE(found.has(row.fact)) << row.name;
    EXPECT_FALSE(found.has("no-pods")) << row.name;
  }
}

TEST_F(Checks, EventsTellWhereTheStatusDoesNot) {
  configure();
  cluster_.pods.add_page(
      list_of("- metadata: {name: p, namespace: sys, labels: {app: hook}}\n  status: {phase: Pending}\n"));
  cluster_.events.add_page(
      list_of("- metadata: {name: e, namespace: sys}\n  involvedObject: {kind: Pod, name: p}\n"
              "  reason: FailedScheduling\n  message: 0/3 nodes are available\n"));
  EXPECT_TRUE(look().has("pod-unschedulable"));
}

TEST_F(Checks, ATargetPortThatNoContainerDeclares) {
  configure();
  cluster_.pods.add_page(
      list_of("- metadata: {name: p, namespace: sys, labels: {app: hook}}\n"
              "  spec: {containers: [{name: c, ports: [{containerPort: 8443, name: https}]}]}\n"));
  EXPECT_TRUE(look().has("target-port-undeclared"));
}

struct PolicyRow {
  const char* name;
  const char* spec;
  const char* fact;  // "": none
};
const PolicyRow policies[] = {
    {"nobody", "{podSelector: {}, policyTypes: [Ingress]}", "policy-blocks"},
    {"other pods", "{podSelector: {matchLabels: {app: hook}}, ingress: [{from: [{podSelector: {}}]}]}",
     "policy-blocks"},
    {"everybody", "{podSelector: {}, ingress: [{}]}", ""},
    {"everybody on the port", "{podSelector: {}, ingress: [{ports: [{port: 9443}]}]}", ""},
    {"everybody on another port", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}", "policy-blocks"},
    {"addresses", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}", "policy-restricts"},
    {"all addresses", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}", ""},
    {"other pods are meant", "{podSelector: {matchLabels: {app: other}}}", ""},
    {"egress only", "{podSelector: {}, policyTypes: [Egress]}", ""},
};

TEST_F(Checks, NetworkPolicies) {
  configure();
  cluster_.pods.add_page(list_of("- metadata: {name: p, namespace: sys, labels: {app: hook}}\n"));
  cluster_.slices.add_page(
      list_of("- metadata: {name: s, namespace: sys, labels: {kubernetes.io/service-name: hook}}\n"
              "  endpoints: [{addresses: [10.0.0.7]}]\n  ports: [{port: 9443}]\n"));
  for (const PolicyRow& row : policies) {
    cluster_.policies = Table();
    cluster_.policies.add_page(
        list_of("- metadata: {name: np, namespace: sys}\n  spec: " + std::string(row.spec) + "\n"));
    const Case found = look();
    for (const char* fact : {"policy-blocks", "policy-restricts"})
      EXPECT_EQ(found.has(fact), std::string_view(fact) == row.fact) << row.name << " " << fact;
  }
}

TEST_F(Checks, AWebhookThatKeepsItsOwnPodsAway) {
  configure();
  Case found = open_case(subject_);
  check_deadlock(subject_, {}, {}, cluster_, found);
  EXPECT_TRUE(found.has("self-blocked"));
  cluster_.validating = Table();
  configure("    failurePolicy: Ignore\n");
  found = open_case(subject_);
  check_deadlock(subject_, {}, {}, cluster_, found);
  EXPECT_FALSE(found.has("self-blocked"));
  cluster_.validating = Table();
  configure("    namespaceSelector: {matchLabels: {team: b}}\n");
  EXPECT_FALSE(blocks_own_pods(subject_, cluster_));
}

TEST_F(Checks, InjectionAnnotations) {
  cluster_.loaded = {"sys"};
  const auto facts = [&](const std::string& annotations) {
    cluster_.validating = Table();
    configure("", ", annotations: {" + annotations + "}");
    Case found = open_case(subject_);
    check_injection(subject_, cluster_, found);
    return found.facts;
  };
  EXPECT_TRUE(facts("cert-manager.io/inject-ca-from: cert").contains("injection-impossible"));
  EXPECT_TRUE(facts("cert-manager.io/inject-ca-from: sys/gone").contains("injection-impossible"));
  EXPECT_TRUE(facts("cert-manager.io/inject-ca-from-secret: sys/gone").contains("injection-impossible"));
  EXPECT_TRUE(facts("cert-manager.io/inject-ca-from: sys/a, service.beta.openshift.io/inject-cabundle: 'true'")
                  .contains("two-writers"));
  cluster_.certificates.add_page(list_of("- metadata: {name: cert, namespace: sys}\n"));
  const auto good = facts("cert-manager.io/inject-ca-from: sys/cert");
  EXPECT_FALSE(good.contains("injection-impossible"));
  EXPECT_TRUE(good.contains("injector-missing"));
  cluster_.deployments.add_page(list_of("- metadata: {name: cert-manager-cainjector, namespace: cert-manager}\n"));
  EXPECT_FALSE(facts("cert-manager.io/inject-ca-from: sys/cert").contains("injector-missing"));
  EXPECT_FALSE(facts("a: b").contains("injection-asked"));
}

TEST_F(Checks, DryRunsOnlyWhereTheWebhookAllowsThem) {
  configure();
  EXPECT_EQ(dry_run_for(subject_, cluster_).path, "/api/v1/namespaces/default/pods?dryRun=All");
  cluster_.validating = Table();
  configure("    namespaceSelector: {matchLabels: {team: a}}\n");
  EXPECT_EQ(dry_run_for(subject_, cluster_).path, "/api/v1/namespaces/sys/pods?dryRun=All");
  cluster_.validating = Table();
  cluster_.validating.add_page(
      list_of("- metadata: {name: conf}\n  webhooks:\n  - name: w.x.io\n    sideEffects: Some\n    rules: []\n"));
  EXPECT_EQ(dry_run_for(subjects(cluster_).front(), cluster_).path, "");
}

TEST_F(Checks, DryRunsMeetTheObjectSelector) {
  configure(
      "    objectSelector: {matchLabels: {a: b}, matchExpressions: [{key: c, operator: Exists}, {key: d, operator: "
      "DoesNotExist}]}\n");
  EXPECT_NE(dry_run_for(subject_, cluster_).body.find(R"("labels":{"a":"b","c":"probe"})"), std::string::npos);
  cluster_.validating = Table();
  configure("    matchConditions: [{name: x, expression: 'object.x == 1'}]\n");
  EXPECT_EQ(dry_run_for(subject_, cluster_).path, "");
}

TEST(ServiceProxy, ItsAnswersAreToldApart) {
  using Way = ProxyAnswer::Way;
  struct Row {
    int status;
    const char* text;
    Way way;
  };
  for (const Row& row :
       {Row{200, "ok", Way::reached}, Row{404, "404 page not found", Way::reached},
        Row{403, "nobody may", Way::reached},
        Row{403, "User \"jane\" cannot get resource \"services/proxy\" in API group \"\"", Way::unknown},
        Row{503, "no endpoints available for service \"https:hook:443\"", Way::unknown},
        Row{503, "error trying to reach service: dial tcp 10.0.0.7:9443: connect: connection refused", Way::refused},
        Row{503, "error trying to reach service: dial tcp 10.0.0.7:9443: i/o timeout", Way::silent},
        Row{404, "services \"hook\" not found", Way::unknown}, Row{404, "404 page not found", Way::reached},
        Row{503, "no service port 443 found for service \"hook\"", Way::unknown},
        Row{503, "error trying to reach service: EOF", Way::reached}})
    EXPECT_EQ(read_proxy_answer(row.status, row.text).way, row.way) << row.status << " " << row.text;
}

TEST(Nearest, OffersWhatWasMeant) {
  const std::vector<std::string> names = {"vpod.kb.io", "mpod.kb.io", "validation.gatekeeper.sh"};
  EXPECT_EQ(nearest("vpd.kb.io", names).front(), "vpod.kb.io");
  EXPECT_EQ(nearest("gatekeeper", names), std::vector<std::string>{"validation.gatekeeper.sh"});
  EXPECT_TRUE(nearest("something-else-entirely", names).empty());
}

}  // namespace
}  // namespace gatepost::diagnose
