// Policies with bindings and parameters in a store, and what a request meets.
#include "policy_stage.h"

namespace gatepost::admission {
namespace {

using policy_testing::parsed;
using policy_testing::Stage;

constexpr const char* never = R"j({"validations":[{"expression":"false"}]})j";
constexpr const char* refusal =
    "configmaps \"m\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p-b' denied request: ";

TEST(Policies, Deny) {
  Stage stage;
  EXPECT_EQ(stage.validated(), "ok");
  stage.policy(never);
  EXPECT_EQ(stage.validated(), "422 Invalid " + std::string(refusal) + "failed expression: false");
  ASSERT_EQ(stage.status.causes.size(), 1U);
  EXPECT_EQ(stage.status.causes[0].message,
            "ValidatingAdmissionPolicy 'p' with binding 'p-b' denied request: failed expression: false");
  EXPECT_EQ(stage.status.details_kind, "configmaps");
  stage.policy(R"j({"validations":[{"expression":"false","reason":"RequestEntityTooLarge","message":"big"}]})j");
  EXPECT_EQ(stage.validated(), "413 RequestEntityTooLarge " + std::string(refusal) + "big");
}

TEST(Policies, WarnAndAudit) {
  Stage stage;
  stage.policy(R"j({"validations":[{"expression":"true"},{"expression":"false"}],
                   "auditAnnotations":[{"key":"n","valueExpression":"string(object.data.n)"}]})j",
               R"j({"validationActions":["Warn","Audit"]})j");
  EXPECT_EQ(stage.validated(), "ok");
  ASSERT_EQ(stage.trail.warnings.size(), 1U);
  EXPECT_EQ(stage.trail.warnings[0],
            "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p-b': failed expression: false");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"validation.policy.admission.k8s.io/validation_failure",
       R"j([{"message":"failed expression: false","policy":"p","binding":"p-b","expressionIndex":1,"validationActions":["Warn","Audit"]}])j"},
      {"p/n", "7"}};
  EXPECT_EQ(stage.trail.annotations, expected);
}

// Each row: the policy's matchConstraints and the binding's matchResources, and whether the request is met.
TEST(Policies, MatchWhatTheyAndTheirBindingsAskFor) {
  const auto rule = [](const char* rules) {
    return std::string(R"j({"matchPolicy":"Equivalent","resourceRules":[)j") + rules + "]}";
  };
  const std::string all = R"j({"operations":["*"],"apiGroups":["*"],"apiVersions":["*"],"resources":["*"]})j";
  const struct {
    std::string constraints, binding;
    bool met;
  } rows[] = {
      {rule(all.c_str()), "", true},
      {rule(R"j({"operations":["UPDATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]})j"), "",
       false},
      {rule(
           R"j({"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"],"resourceNames":["m"]})j"),
       "", true},
      {rule(
           R"j({"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"],"resourceNames":["x"]})j"),
       "", false},
      {R"j({"resourceRules":[)j" + all + R"j(],"excludeResourceRules":[)j" + all + "]}", "", false},
      {R"j({"resourceRules":[)j" + all + R"j(],"namespaceSelector":{"matchLabels":{"stage":"test"}}})j", "", true},
      {R"j({"resourceRules":[)j" + all + R"j(],"namespaceSelector":{"matchLabels":{"stage":"other"}}})j", "", false},
      {R"j({"resourceRules":[)j" + all + R"j(],"objectSelector":{"matchLabels":{"a":"b"}}})j", "", false},
      {rule(all.c_str()), R"j({"namespaceSelector":{"matchLabels":{"stage":"other"}}})j", false},
      {rule(all.c_str()), R"j({"namespaceSelector":{"matchLabels":{"stage":"test"}}})j", true},
      {rule(all.c_str()), rule(R"j({"operations":["*"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]})j"),
       false},
  };
  for (const auto& row : rows) {
    Stage stage;
    stage.policy(
        "{\"matchConstraints\":" + row.constraints + R"j(,"validations":[{"expression":"false"}]})j",
        R"j({"validationActions":["Deny"])j" + (row.binding.empty() ? "" : ",\"matchResources\":" + row.binding) + "}");
    EXPECT_EQ(stage.validated() != "ok", row.met) << row.constraints << row.binding;
  }
}

TEST(Policies, SeeTheVersionThatTheyAskFor) {
  Stage stage;
  stage.policy(
      R"j({"matchConstraints":{"matchPolicy":"Equivalent","resourceRules":[{"operations":["*"],"apiGroups":["autoscaling"],"apiVersions":["v1"],"resources":["horizontalpodautoscalers"]}]},
          "validations":[{"expression":"object.apiVersion == 'x'","messageExpression":"object.apiVersion + ' ' + request.kind.version + ' ' + request.requestKind.version"}]})j");
  Attributes attributes = Stage::create(
      R"j({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"m","namespace":"team"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"x","name":"y"}}})j");
  attributes.kind = {"autoscaling", "v2", "HorizontalPodAutoscaler"};
  attributes.resource = {"autoscaling", "v2", "horizontalpodautoscalers"};
  EXPECT_TRUE(stage.validated(attributes).ends_with("denied request: autoscaling/v1 v1 v2"));
}

TEST(Policies, HaveParameters) {
  constexpr const char* limited =
      R"j({"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"validations":[{"expression":"params == null || int(object.data.n) < int(params.data.limit)","messageExpression":"'limit ' + params.data.limit"}]
})j";
  const auto binding = [](const char* reference) {
    return std::string(R"j({"validationActions":["Deny"],"paramRef":)j") + reference + "}";
  };
  const struct {
    std::string binding, expected;
  } rows[] = {
      {R"j({"validationActions":["Deny"]})j", "ok"},
      {binding(R"j({"name":"low","namespace":"limits","parameterNotFoundAction":"Deny"})j"), "limit 5"},
      {binding(R"j({"name":"high","namespace":"limits","parameterNotFoundAction":"Deny"})j"), "ok"},
      {binding(R"j({"name":"low","parameterNotFoundAction":"Deny"})j"), "limit 1"},  // of the request's namespace
      {binding(
           R"j({"selector":{"matchLabels":{"for":"policies"}},"namespace":"limits","parameterNotFoundAction":"Deny"})j"),
       "limit 5"},
      {binding(
           R"j({"selector":{"matchLabels":{"for":"none"}},"namespace":"limits","parameterNotFoundAction":"Allow"})j"),
       "ok"},
      {binding(R"j({"name":"none","parameterNotFoundAction":"Allow"})j"), "ok"},
      {binding(R"j({"name":"none","parameterNotFoundAction":"Deny"})j"),
       "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"},
  };
  for (const auto& row : rows) {
    Stage stage;
    stage.config_map("limits", "high", R"j("data":{"limit":"9"})j");
    stage.config_map("limits", "low", R"j("data":{"limit":"5"})j");
    stage.config_map("team", "low", R"j("data":{"limit":"1"})j");
    stage.policy(limited, row.binding);
    EXPECT_EQ(stage.validated(), row.expected == "ok" ? "ok" : "422 Invalid " + std::string(refusal) + row.expected)
        << row.binding;
  }
  Stage stage;
  stage.policy(R"j({"paramKind":{"apiVersion":"x.io/v1","kind":"Limit"},"validations":[{"expression":"true"}]})j");
  EXPECT_EQ(stage.validated(),
            "422 Invalid configmaps \"m\" is forbidden: ValidatingAdmissionPolicy 'p' denied request: failed to "
            "configure policy: failed to find resource referenced by paramKind: 'x.io/v1, Kind=Limit'");
}

TEST(Policies, FollowTheirParametersAndNamespaces) {
  Stage stage;
  stage.config_map("team", "limits", R"j("data":{"limit":"9"})j");
  stage.policy(
      R"j({"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"validations":[{"expression":"int(object.data.n) < int(params.data.limit) && namespaceObject.metadata.labels.stage == 'test'"}]})j",
      R"j({"validationActions":["Deny"],"paramRef":{"name":"limits","parameterNotFoundAction":"Deny"}})j");
  EXPECT_EQ(stage.validated(), "ok");
  stage.config_map("team", "limits", R"j("data":{"limit":"5"})j");
  EXPECT_NE(stage.validated(), "ok");
  stage.config_map("team", "limits", R"j("data":{"limit":"9"})j");
  EXPECT_EQ(stage.validated(), "ok");
  stage.put("/namespaces", "", "team", R"j({"metadata":{"name":"team","labels":{"stage":"other"}}})j");
  EXPECT_NE(stage.validated(), "ok");
}

TEST(Policies, AskTheAuthorizer) {
  Stage stage;
  stage.policy(
      R"j({"validations":[{"expression":"authorizer.group('').resource('secrets').check(object.data.verb).allowed()"
}]
})j");
  const auto asked = [&](const char* verb) {
    return stage.validated(Stage::create(R"j({"metadata":{"name":"m","namespace":"team"},"data":{"verb":")j" +
                                         std::string(verb) + "\"}}"));
  };
  EXPECT_EQ(asked("get"), "ok");
  EXPECT_NE(asked("list"), "ok");
}

TEST(Policies, SayNothingAboutPoliciesAndReviews) {
  Stage stage;
  stage.policy(
      R"j({"matchConstraints":{"resourceRules":[{"operations":["*"],"apiGroups":["*"],"apiVersions":["*"],"resources":["*"]}]},"validations":[{"expression":"false"}]})j");
  const struct {
    Resource resource;
    bool met;
  } rows[] = {{{"admissionregistration.k8s.io", "v1", "validatingadmissionpolicies"}, false},
              {{"admissionregistration.k8s.io", "v1", "mutatingadmissionpolicybindings"}, false},
              {{"admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations"}, true},
              {{"authorization.k8s.io", "v1", "subjectaccessreviews"}, false},
              {{"authentication.k8s.io", "v1", "tokenreviews"}, false}};
  for (const auto& row : rows) {
    Attributes attributes = Stage::create();
    attributes.resource = row.resource;
    attributes.ns = "";
    EXPECT_EQ(stage.validated(attributes) != "ok", row.met) << row.resource.resource;
  }
}

}  // namespace
}  // namespace gatepost::admission
