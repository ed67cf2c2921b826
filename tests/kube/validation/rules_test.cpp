// Rows of rules beyond the recorded answers: one change to a sound object, the complaints it draws.
#include <gtest/gtest.h>

#include "json/parse.h"
#include "kube/patch/patch.h"
#include "kube/schema/object.h"
#include "kube/validation/service.h"
#include "kube/validation/validate.h"

namespace gatepost::kube {
namespace {

const char* sound(std::string_view kind) {
  if (kind == "Pod") return R"({"spec":{"containers":[{"name":"c","image":"i"}]}})";
  if (kind == "Service") return R"({"spec":{"ports":[{"port":80}]}})";
  if (kind == "Deployment")
    return R"({"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})";
  if (kind == "CronJob")
    return R"({"spec":{"schedule":"* * * * *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}})";
  if (kind == "Ingress") return R"({"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80}}}}})";
  if (kind == "PodDisruptionBudget") return R"({"spec":{"minAvailable":1}})";
  if (kind == "Role") return R"({"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]})";
  return "{}";
}

std::string group_of(std::string_view kind) {
  if (kind == "Deployment") return "apps";
  if (kind == "CronJob") return "batch";
  if (kind == "Ingress") return "networking.k8s.io";
  if (kind == "PodDisruptionBudget") return "policy";
  if (kind == "CustomResourceDefinition") return "apiextensions.k8s.io";
  if (kind == "Role") return "rbac.authorization.k8s.io";
  return "";
}

// The sound object with the patch applied, as the API server has it before it judges.
json::Value prepared(const std::string& kind, const std::string& patch, const ResourceInfo& resource,
                     const GroupVersionKind& gvk) {
  json::Value object = *json::parse(sound(kind), json::make_arena());
  apply_merge_patch(object,
                    *json::parse(R"({"metadata":{"name":"x","namespace":"space","resourceVersion":"1","uid":"u"}})",
                                 json::make_arena()));
  apply_merge_patch(object, *json::parse(patch, json::make_arena()));
  object.get_object()["kind"] = kind;
  object.get_object()["apiVersion"] = api_version(gvk.group, gvk.version);
  EXPECT_TRUE(decode(object, gvk, FieldValidation::ignore));
  set_defaults(object, gvk);
  if (resource.kind == "Service") (void)settle_service(object, nullptr);
  prepare_for_create(object, resource);
  return object;
}

std::string lines(const std::vector<FieldError>& errors) {
  std::string out;
  for (const FieldError& error : errors) out += (out.empty() ? "" : "\n") + error.field + ": " + error.message;
  return out;
}

struct Row {
  std::string kind, patch, complaints;
};

class Create : public testing::TestWithParam<Row> {};

TEST_P(Create, Complains) {
  const Row& row = GetParam();
  GroupVersionKind gvk{group_of(row.kind), "v1", row.kind};
  const ResourceInfo* resource = Registry::builtin()->find_kind(gvk.group, gvk.version, gvk.kind);
  ASSERT_TRUE(resource);
  json::Value object = prepared(row.kind, row.patch, *resource, gvk);
  EXPECT_EQ(lines(validate_create(object, *resource)), row.complaints);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Create,
    testing::Values(
        Row{"Pod", "{}", ""}, Row{"Service", "{}", ""}, Row{"Deployment", "{}", ""}, Row{"CronJob", "{}", ""},
        Row{"Ingress", "{}", ""}, Row{"PodDisruptionBudget", "{}", ""}, Row{"Role", "{}", ""},
        Row{"Pod", R"({"spec":{"activeDeadlineSeconds":0}})",
            "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"},
        Row{"Pod", R"({"spec":{"containers":[{"name":"c","image":"i"},{"name":"c","image":"i"}]}})",
            "spec.containers[1].name: Duplicate value: \"c\""},
        Row{"Pod", R"({"spec":{"containers":[{"name":"c","image":"i","imagePullPolicy":"Often"}]}})",
            "spec.containers[0].imagePullPolicy: Unsupported value: \"Often\": supported values: \"Always\", "
            "\"IfNotPresent\", \"Never\""},
        Row{"Pod",
            R"({"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"2"},"limits":{"cpu":"1"}}}]}})",
            "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of "
            "1"},
        Row{"Pod", R"({"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"gpu":"1"}}}]}})",
            "spec.containers[0].resources.limits[gpu]: Invalid value: \"gpu\": must be a standard resource type or "
            "fully "
            "qualified\nspec.containers[0].resources.limits[gpu]: Invalid value: \"gpu\": must be a standard resource "
            "for "
            "containers\nspec.containers[0].resources.requests[gpu]: Invalid value: \"gpu\": must be a standard "
            "resource "
            "type or fully qualified\nspec.containers[0].resources.requests[gpu]: Invalid value: \"gpu\": must be a "
            "standard resource for containers"},
        Row{"Pod", R"({"spec":{"volumes":[{"name":"v","emptyDir":{},"hostPath":{"path":"/x"}}]}})",
            "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"},
        Row{"Pod", R"({"spec":{"dnsPolicy":"None"}})",
            "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"},
        Row{"Pod", R"({"spec":{"hostAliases":[{"ip":"1.2.3","hostnames":["a_b"]}]}})",
            "spec.hostAliases[0].ip: Invalid value: \"1.2.3\": must be a valid IP address, (e.g. 10.9.8.7 or "
            "2001:db8::ffff)\nspec.hostAliases[0].hostnames[0]: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain "
            "must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
            "alphanumeric "
            "character (e.g. 'example.com', regex used for validation is "
            "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
        Row{"Service", R"({"spec":{"type":"NodePort","clusterIP":"None","clusterIPs":["None"]}})",
            "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"},
        Row{"Service", R"({"spec":{"externalIPs":["127.0.0.1"]}})",
            "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, "
            "::1/128)"},
        Row{"Service", R"({"spec":{"ports":[{"port":1},{"port":2}]}})",
            "spec.ports[0].name: Required value\nspec.ports[1].name: Required value"},
        Row{"Deployment", R"({"spec":{"replicas":-1}})",
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0"},
        Row{"Deployment", R"({"spec":{"strategy":{"rollingUpdate":{"maxUnavailable":0,"maxSurge":0}}}})",
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"},
        Row{"CronJob", R"({"spec":{"schedule":"every day"}})",
            "spec.schedule: Invalid value: \"every day\": expected exactly 5 fields, found 2: [every day]"},
        Row{"CronJob", R"({"spec":{"schedule":"61 * * * *"}})",
            "spec.schedule: Invalid value: \"61 * * * *\": end of range (61) above maximum (59): 61"},
        Row{"CronJob", R"({"spec":{"schedule":"*/0 * * * *"}})",
            "spec.schedule: Invalid value: \"*/0 * * * *\": step of range should be a positive number: */0"},
        Row{"CronJob", R"({"spec":{"schedule":"x * * * *"}})",
            "spec.schedule: Invalid value: \"x * * * *\": failed to parse int from x: strconv.Atoi: parsing \"x\": "
            "invalid syntax"},
        Row{"CronJob", R"({"spec":{"timeZone":"Mars/Olympus"}})",
            "spec.timeZone: Invalid value: \"Mars/Olympus\": unknown time zone Mars/Olympus"},
        Row{"Ingress", R"({"spec":{"rules":[{"host":"1.2.3.4","http":{"paths":[]}}]}})",
            "spec.rules[0].host: Invalid value: \"1.2.3.4\": must be a DNS name, not an IP address\n"
            "spec.rules[0].http.paths: Required value"},
        Row{"PodDisruptionBudget", R"({"spec":{"maxUnavailable":"200%"}})",
            "spec: Invalid value: {\"MinAvailable\":1,\"Selector\":null,\"MaxUnavailable\":\"200%\","
            "\"UnhealthyPodEvictionPolicy\":null}: minAvailable and maxUnavailable cannot be both set\n"
            "spec.maxUnavailable: Invalid value: \"200%\": must not be greater than 100%"},
        Row{"Role", R"({"rules":[{"verbs":[],"nonResourceURLs":["/x"]}]})",
            "rules[0].verbs: Required value: verbs must contain at least one value\nrules[0].nonResourceURLs: Invalid "
            "value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs"},
        Row{"ConfigMap", R"({"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":""}]}})",
            "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty"},
        Row{"ConfigMap", R"({"metadata":{"labels":{"a":"b c"}}})",
            "metadata.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric "
            "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
            "'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"},
        Row{"CustomResourceDefinition",
            R"({"metadata":{"name":"x.y.io","namespace":null},"spec":{"group":"y.io","scope":"Odd","names":{"kind":"X","plural":"xs"},"versions":[{"name":"v1","served":true,"storage":true}]}})",
            "metadata.name: Invalid value: \"x.y.io\": must be spec.names.plural+\".\"+spec.group\n"
            "spec.scope: Unsupported value: \"Odd\": supported values: \"Cluster\", \"Namespaced\"\n"
            "spec.versions[0].schema.openAPIV3Schema: Required value"},
        Row{"Secret", R"({"type":"kubernetes.io/basic-auth"})",
            "data[username]: Required value\ndata[password]: Required value"},
        Row{"Secret", R"({"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"e30K"}})", ""},
        Row{"Secret", R"({"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"eA=="}})",
            "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'x' looking for "
            "beginning of value"}));

struct Change {
  std::string kind, before, after, complaints;
};

class Update : public testing::TestWithParam<Change> {};

TEST_P(Update, Complains) {
  const Change& row = GetParam();
  GroupVersionKind gvk{group_of(row.kind), "v1", row.kind};
  const ResourceInfo* resource = Registry::builtin()->find_kind(gvk.group, gvk.version, gvk.kind);
  ASSERT_TRUE(resource);
  json::Value before = prepared(row.kind, row.before, *resource, gvk);
  json::Value after = prepared(row.kind, row.after, *resource, gvk);
  EXPECT_EQ(lines(validate_update(after, before, *resource, "")), row.complaints);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Update,
    testing::Values(
        Change{"Pod", "{}", "{}", ""}, Change{"Deployment", "{}", R"({"spec":{"replicas":3}})", ""},
        Change{"Pod", "{}", R"({"spec":{"containers":[{"name":"c","image":"other"}]}})", ""},
        Change{"Pod", "{}", R"({"spec":{"containers":[{"name":"c","image":"i"},{"name":"d","image":"i"}]}})",
               "spec.containers: Forbidden: pod updates may not add or remove containers"},
        Change{"Pod", R"({"spec":{"activeDeadlineSeconds":5}})", R"({"spec":{"activeDeadlineSeconds":6}})",
               "spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value"},
        Change{"ConfigMap", R"({"immutable":true,"data":{"a":"1"}})", R"({"immutable":true,"data":{"a":"2"}})",
               "data: Forbidden: field is immutable when `immutable` is set"},
        Change{"ConfigMap", "{}", R"({"metadata":{"name":"y"}})",
               "metadata.name: Invalid value: \"y\": field is immutable\n"
               "metadata.name: Invalid value: \"y\": field is immutable"},
        Change{"Service", R"({"spec":{"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"]}})",
               R"({"spec":{"clusterIP":"10.0.0.2","clusterIPs":["10.0.0.2"]}})",
               "spec.clusterIPs[0]: Invalid value: [\"10.0.0.2\"]: may not change once set"},
        Change{"Secret", "{}", R"({"type":"other"})", "type: Invalid value: \"other\": field is immutable"},
        Change{"Deployment", "{}",
               R"({"spec":{"selector":{"matchLabels":{"c":"d"}},"template":{"metadata":{"labels":{"c":"d"}}}}})",
               "spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\",\"c\":\"d\"}}: field is immutable"},
        Change{
            "ConfigMap", R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})",
            R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["a.b/c"]}})",
            "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new "
            "finalizers []string{\"a.b/c\"}\nmetadata.finalizers: Forbidden: no new finalizers can be added if the "
            "object is being deleted, found new finalizers []string{\"a.b/c\"}"}));

struct Warned {
  std::string kind, patch;
  std::vector<std::string> warnings;
};

class Warn : public testing::TestWithParam<Warned> {};

TEST_P(Warn, Says) {
  const Warned& row = GetParam();
  GroupVersionKind gvk{group_of(row.kind), "v1", row.kind};
  const ResourceInfo* resource = Registry::builtin()->find_kind(gvk.group, gvk.version, gvk.kind);
  ASSERT_TRUE(resource);
  EXPECT_EQ(warnings_for(prepared(row.kind, row.patch, *resource, gvk), *resource), row.warnings);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Warn,
    testing::Values(
        Warned{"Pod", "{}", {}},
        Warned{
            "Pod",
            R"({"metadata":{"name":"a.b"}})",
            {"metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label "
             "is recommended: [must not contain dots]"}},
        Warned{"Deployment",
               R"({"spec":{"template":{"spec":{"nodeSelector":{"beta.kubernetes.io/os":"linux"}}}}})",
               {"spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "
                "\"kubernetes.io/os\" instead"}},
        Warned{
            "Pod",
            R"({"spec":{"containers":[{"name":"c","image":"i","env":[{"name":"A","value":"1"},{"name":"A","value":"2"}]}]}})",
            {"spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply"}},
        Warned{
            "Pod",
            R"({"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80},{"containerPort":80}]}]}})",
            {"spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]"}},
        Warned{"Pod",
               R"({"spec":{"imagePullSecrets":[{}]}})",
               {"spec.imagePullSecrets[0].name: invalid empty name \"\""}}));

}  // namespace
}  // namespace gatepost::kube
