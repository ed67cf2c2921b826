#include <filesystem>

#include "../server_fixture.h"
#include "apiserver/audit/log.h"
#include "apiserver/audit/session.h"
#include "base/files.h"

namespace gatepost::apiserver {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class Audited : public ServerFixture {
 protected:
  void record(std::string_view rules) {
    auto policy = audit::Policy::parse("apiVersion: audit.k8s.io/v1\nkind: Policy\n" + std::string(rules));
    ASSERT_TRUE(policy) << policy.error().text;
    recorder = std::make_unique<const audit::Recorder>(std::move(*policy), std::make_unique<KeptLog>(lines));
    make_deps(recorder.get());
  }
  json::Value event(std::size_t at) { return *json::parse(lines.at(at), json::Storage()); }

  const std::string maps = "/api/v1/namespaces/default/configmaps";
  std::vector<std::string> lines;
  std::unique_ptr<const audit::Recorder> recorder;
};

TEST_F(Audited, AnEventHasTheFieldsOfTheRealOneInItsOrder) {
  record("rules: [{level: Request}]\nomitStages: [RequestReceived]");
  ask("POST", maps, R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"probe"},"data":{"a":"1"}})");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(
      lines[0],
      MatchesRegex(
          R"(\{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"[0-9a-f-]{36}",)"
          R"("stage":"ResponseComplete","requestURI":"/api/v1/namespaces/default/configmaps","verb":"create",)"
          R"("user":\{"username":"admin","uid":"admin-uid","groups":\["system:masters","system:authenticated"\]\},)"
          R"("sourceIPs":\["127.0.0.1"\],"userAgent":"test","objectRef":\{"resource":"configmaps","namespace":"default",)"
          R"("name":"probe","apiVersion":"v1"\},"responseStatus":\{"metadata":\{\},"code":201\},)"
          R"("requestObject":\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"probe"\},"data":\{"a":"1"\}\},)"
          R"("requestReceivedTimestamp":"2026-11-25T[0-9:.]+Z","stageTimestamp":"2026-11-25T10:00:00.000000Z",)"
          R"("annotations":\{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""\}\})"
          "\n"));
}

TEST_F(Audited, ARefusalIsToldWhole) {
  record("rules: [{level: Metadata}]\nomitStages: [RequestReceived]");
  ask("GET", maps + "/none");
  EXPECT_THAT(
      lines[0],
      HasSubstr(R"("responseStatus":{"metadata":{},"status":"Failure","message":"configmaps \"none\" not found",)"
                R"("reason":"NotFound","details":{"name":"none","kind":"configmaps"},"code":404})"));
  request("GET", maps, "", "application/json", "jane");
  EXPECT_EQ(text(event(1), {"annotations", "authorization.k8s.io/decision"}), "forbid");
  request("GET", maps, "", "application/json", "wrong");
  EXPECT_EQ(text(event(2), {"stage"}), "ResponseStarted");
  EXPECT_EQ(json::int_at(event(2), {"responseStatus", "code"}), 401);
}

TEST_F(Audited, DeletionsAndPatchesShowWhatTheyBrought) {
  record("rules: [{level: RequestResponse}]\nomitStages: [RequestReceived]");
  ask("POST", maps, R"({"metadata":{"name":"probe"}})");
  ask("PATCH", maps + "/probe", R"({"data":{"a":"1"}})", "application/merge-patch+json");
  ask("DELETE", maps + "/probe", R"({"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0})");
  EXPECT_EQ(text(event(0), {"responseObject", "kind"}), "ConfigMap");
  EXPECT_EQ(text(event(1), {"requestObject", "data", "a"}), "1");
  EXPECT_EQ(text(event(2), {"requestObject", "kind"}), "DeleteOptions");
  EXPECT_THAT(lines[2], HasSubstr(R"("responseStatus":{"metadata":{},"status":"Success","details":{"name":"probe",)"));
  EXPECT_EQ(json::int_at(event(2), {"responseStatus", "code"}), 200);
}

TEST_F(Audited, StagesAreTheOnesOfTheRequest) {
  record("rules: [{level: Metadata}]");
  ask("GET", maps);
  request("GET", maps + "?watch=1&timeoutSeconds=1&resourceVersion=99999999", "");
  std::vector<std::string> stages;
  for (std::size_t i = 0; i < lines.size(); ++i) stages.push_back(text(event(i), {"stage"}));
  EXPECT_THAT(stages, ElementsAre("RequestReceived", "ResponseComplete", "RequestReceived", "ResponseStarted",
                                  "ResponseComplete"));
  EXPECT_EQ(text(event(0), {"auditID"}), text(event(1), {"auditID"}));
  EXPECT_THAT(lines[0], Not(HasSubstr("responseStatus")));
}

TEST_F(Audited, ManagedFieldsMayBeLeftOut) {
  record("rules: [{level: Request}]\nomitStages: [RequestReceived]\nomitManagedFields: true");
  ask("POST", maps, R"({"metadata":{"name":"x","managedFields":[{"manager":"m","operation":"Update"}]}})");
  EXPECT_THAT(lines[0], Not(HasSubstr("managedFields")));
}

TEST_F(Audited, AnnotationsOfWebhooksHaveKeysOfTheRightForm) {
  record("rules: [{level: Metadata}]\nomitStages: [RequestReceived]");
  net::http::Request request;
  net::http::Peer peer{"127.0.0.1:1", {}};
  KeptAnswer answer;
  Call call{*deps, request, peer, answer};
  audit::Session session(recorder.get(), deps->now);
  session.begin(call);
  call.trail.annotations = {{"check.a.io/k", "v"},
                            {"check.a.io/bad key/with/slashes", "v"},
                            {"patch.webhook.admission.k8s.io/round_0_index_0", "content"}};
  session.end(call);
  EXPECT_THAT(lines.at(0), HasSubstr(R"("annotations":{"check.a.io/k":"v"}})"));
}

TEST(AuditPolicy, TheFirstRuleThatMatchesDecides) {
  auto policy = audit::Policy::parse(R"(
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: ["system:kube-proxy"]
  verbs: [watch]
- level: None
  userGroups: ["system:nodes"]
- level: Metadata
  nonResourceURLs: ["/healthz*", "/version"]
- level: Request
  namespaces: [a]
  resources: [{group: "", resources: [configmaps, "pods/log"], resourceNames: [c]}]
- level: RequestResponse
  resources: [{group: apps}, {group: "*", resources: ["*/scale", "jobs/*"]}]
  omitStages: [ResponseStarted]
)");
  ASSERT_TRUE(policy) << policy.error().text;
  struct Row {
    const char *user, *group, *verb, *target, *level;
  };
  for (const Row& row : {
           Row{"system:kube-proxy", "", "GET", "/api/v1/pods?watch=1", "None"},
           Row{"system:kube-proxy", "", "GET", "/api/v1/pods", "None"},
           Row{"u", "system:nodes", "GET", "/healthz", "None"},
           Row{"u", "", "GET", "/healthz/etcd", "Metadata"},
           Row{"u", "", "GET", "/version", "Metadata"},
           Row{"u", "", "GET", "/versions", "None"},
           Row{"u", "", "GET", "/api/v1/namespaces/a/configmaps/c", "Request"},
           Row{"u", "", "GET", "/api/v1/namespaces/a/configmaps/d", "None"},
           Row{"u", "", "GET", "/api/v1/namespaces/b/configmaps/c", "None"},
           Row{"u", "", "GET", "/api/v1/namespaces/a/pods/c/log", "Request"},
           Row{"u", "", "GET", "/api/v1/namespaces/a/pods/c", "None"},
           Row{"u", "", "GET", "/apis/apps/v1/namespaces/b/deployments", "RequestResponse"},
           Row{"u", "", "GET", "/apis/x.io/v1/namespaces/b/things/t/scale", "RequestResponse"},
           Row{"u", "", "GET", "/apis/batch/v1/namespaces/b/jobs/t/status", "RequestResponse"},
       }) {
    admission::UserInfo user;
    user.name = row.user;
    user.groups = {row.group};
    auto decision = policy->decide(user, read_request_info(row.verb, row.target));
    EXPECT_EQ(audit::level_name(decision.level), row.level) << row.user << " " << row.target;
    EXPECT_FALSE(decision.records(audit::Stage::request_received));
    if (decision.level == audit::Level::request_response)
      EXPECT_FALSE(decision.records(audit::Stage::response_started));
  }
}

TEST(AuditPolicy, WhatIsWrongIsNamed) {
  struct Row {
    const char *text, *complaint;
  };
  for (const Row& row : {
           Row{"rules: []", "rules: Required value: a policy without rules records nothing"},
           Row{"rules: [{}]", "rules[0].level: Required value"},
           Row{"rules: [{level: All}]",
               "rules[0].level: Unsupported value: \"All\": supported values: \"Metadata\", "
               "\"None\", \"Request\", \"RequestResponse\""},
           Row{"rules: [{level: None}]\nomitStages: [Never]",
               "omitStages[0]: Invalid value: \"Never\": allowed stages are "
               "RequestReceived,ResponseStarted,ResponseComplete,Panic"},
           Row{"rules: [{level: None, nonResourceURLs: [x]}]",
               "rules[0].nonResourceURLs[0]: Invalid value: \"x\": non-resource URL rules must begin with a '/' "
               "character"},
           Row{"rules: [{level: None, nonResourceURLs: ['/a*b']}]",
               "rules[0].nonResourceURLs[0]: Invalid value: \"/a*b\": non-resource URL wildcards '*' must be the final "
               "character of the rule"},
           Row{"rules: [{level: None, nonResourceURLs: ['/a'], namespaces: [b]}]",
               "rules[0].nonResourceURLs: rules cannot apply to both regular resources and non-resource URLs"},
           Row{"rules: [{level: None, resources: [{resourceNames: [a]}]}]",
               "rules[0].resources.resourceNames: using resourceNames requires at least one resource"},
           Row{"rules: [{level: None, users: a}]", "rules[0].users: must be a list"},
       }) {
    auto policy = audit::Policy::parse("apiVersion: audit.k8s.io/v1\nkind: Policy\n" + std::string(row.text));
    ASSERT_FALSE(policy) << row.text;
    EXPECT_EQ(policy.error().text, row.complaint);
  }
  EXPECT_FALSE(audit::Policy::parse("kind: Pod\napiVersion: v1\n"));
}

TEST(AuditRecord, SlowRequestsSayWhereTheTimeWent) {
  audit::Record record;
  record.decision.level = audit::Level::metadata;
  record.latencies = {{"authentication", std::chrono::nanoseconds(53419)}, {"mutating-webhook", {}}};
  audit::annotate_latencies(record, std::chrono::milliseconds(500));
  EXPECT_TRUE(record.annotations.empty());
  audit::annotate_latencies(record, std::chrono::nanoseconds(1002621092));
  EXPECT_THAT(record.annotations, ElementsAre(testing::Pair("apiserver.latency.k8s.io/authentication", "53.419\u00b5s"),
                                              testing::Pair("apiserver.latency.k8s.io/total", "1.002621092s")));
}

TEST(AuditLog, WritesLinesInOrderAndEndsWithTheLast) {
  auto path = std::filesystem::temp_directory_path() / ("audit-" + std::to_string(getpid()));
  {
    auto log = audit::Log::open({.path = path.string()});
    ASSERT_TRUE(log);
    for (int i = 0; i < 1000; ++i) (*log)->write(std::to_string(i) + "\n");
  }
  auto text = files::read(path.string());
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->starts_with("0\n1\n2\n"));
  EXPECT_TRUE(text->ends_with("\n998\n999\n"));
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::remove(path);
  EXPECT_EQ(audit::Log::open({.path = "/no/such/folder/a"}).error().text,
            "audit log /no/such/folder/a: No such file or directory");
}

}  // namespace
}  // namespace gatepost::apiserver
