#include "apiserver/authorize.h"

#include <gmock/gmock.h>

#include "json/parse.h"
#include "json/write.h"
#include "net/loop.h"

namespace gatepost::apiserver {
namespace {

json::Value parse(std::string_view text) {
  auto value = json::parse(text, {});
  EXPECT_TRUE(value) << text;
  return value ? *value : json::Value();
}

struct Authorize : testing::Test {
  Authorize() {
    store = *storage::open({":memory:"});
    put("roles", "x", "r", R"({"rules":[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]}]})");
    authorizer = Authorizer::make(*store);
    put("rolebindings", "x", "rb",
        R"({"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"jane"}]})");
  }
  void put(std::string resource, std::string ns, std::string name, std::string text) {
    auto made = loop.run(store->create({"rbac.authorization.k8s.io/" + resource, std::move(ns), std::move(name)},
                                       [text](storage::Revision) { return text; }));
    ASSERT_TRUE(made);
  }
  static admission::UserInfo user(std::string name, std::vector<std::string> groups = {"system:authenticated"}) {
    admission::UserInfo info;
    info.name = std::move(name);
    info.groups = std::move(groups);
    return info;
  }
  std::string ask(const admission::UserInfo& who, const RequestInfo& info) {
    const auto allowed = authorizer->authorize(who, info);
    return allowed ? "yes" : std::to_string(allowed.error().code) + " " + allowed.error().message;
  }
  static RequestInfo resource(std::string verb, std::string ns, std::string name, std::string group = "") {
    RequestInfo info;
    info.is_resource = true;
    info.verb = std::move(verb);
    info.group = std::move(group);
    info.resource = std::move(name);
    info.ns = std::move(ns);
    return info;
  }
  static RequestInfo path(std::string verb, std::string where) {
    RequestInfo info;
    info.verb = std::move(verb);
    info.path = std::move(where);
    return info;
  }
  std::string review(const admission::UserInfo& who, std::string_view kind, std::string_view text) {
    json::Value object = parse(text);
    const auto answered = authorizer->review(who, kind, object);
    if (!answered) return std::to_string(answered.error().code) + " " + answered.error().message;
    return json::write(*json::find(object, "status"));
  }
  std::string grant(const admission::UserInfo& who, std::string_view kind, std::string_view ns, std::string_view text) {
    const auto granted = authorizer->may_grant(who, kind, ns, parse(text));
    return granted ? "yes" : std::to_string(granted.error().code) + " " + granted.error().message;
  }

  net::Loop loop;
  std::unique_ptr<storage::Storage> store;
  std::unique_ptr<Authorizer> authorizer;
};

TEST_F(Authorize, RefusesInTheRealWords) {
  EXPECT_EQ(ask(user("jane"), resource("list", "x", "pods")), "yes");
  EXPECT_EQ(ask(user("jane"), resource("list", "x", "configmaps")),
            "403 configmaps is forbidden: User \"jane\" cannot list resource \"configmaps\" in API group \"\" in the "
            "namespace \"x\"");
  RequestInfo one = resource("delete", "", "validatingwebhookconfigurations", "admissionregistration.k8s.io");
  one.name = "x";
  EXPECT_EQ(ask(user("jane"), one),
            "403 validatingwebhookconfigurations.admissionregistration.k8s.io \"x\" is forbidden: User \"jane\" cannot "
            "delete resource \"validatingwebhookconfigurations\" in API group \"admissionregistration.k8s.io\" at the "
            "cluster scope");
  EXPECT_EQ(ask(user("system:anonymous", {"system:unauthenticated"}), path("get", "/metrics")),
            "403 forbidden: User \"system:anonymous\" cannot get path \"/metrics\"");
  EXPECT_EQ(ask(user("root", {"system:masters"}), resource("delete", "", "nodes")), "yes");
  EXPECT_EQ(ask(user("root", {"system:masters"}), path("post", "/anything")), "yes");
}

TEST_F(Authorize, HealthIsForEverybody) {
  for (const char* open : {"/healthz", "/readyz", "/livez"}) {
    EXPECT_EQ(ask(user("system:anonymous", {"system:unauthenticated"}), path("get", open)), "yes");
  }
  EXPECT_NE(ask(user("system:anonymous", {"system:unauthenticated"}), path("get", "/healthz/etcd")), "yes");
}

TEST_F(Authorize, FollowsTheStore) {
  EXPECT_NE(ask(user("joe"), resource("list", "x", "pods")), "yes");
  put("rolebindings", "x", "more",
      R"({"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"joe"}]})");
  EXPECT_EQ(ask(user("joe"), resource("list", "x", "pods")), "yes");
  const storage::Key key{"rbac.authorization.k8s.io/rolebindings", "x", "more"};
  ASSERT_TRUE(
      loop.run(store->remove(key, store->get(key)->revision, [](storage::Revision) { return std::string("{}"); })));
  EXPECT_NE(ask(user("joe"), resource("list", "x", "pods")), "yes");
}

TEST_F(Authorize, Impersonates) {
  const admission::UserInfo root = user("root", {"system:masters"});
  const auto as = [&](const admission::UserInfo& who, net::http::Headers headers) -> std::string {
    const auto other = authorizer->impersonate(who, headers);
    if (!other) return std::to_string(other.error().code) + " " + other.error().message;
    std::string out = other->name + "/" + other->uid;
    for (const std::string& group : other->groups) out += " " + group;
    for (const auto& [key, values] : other->extra) {
      for (const std::string& value : values) out += " " + key + "=" + value;
    }
    return out;
  };
  EXPECT_EQ(as(root, {{"Impersonate-User", "jane"}}), "jane/ system:authenticated");
  EXPECT_EQ(as(root, {{"impersonate-user", "jane"}, {"Impersonate-Group", "dev"}, {"Impersonate-Group", "ops"}}),
            "jane/ dev ops system:authenticated");
  EXPECT_EQ(as(root, {{"Impersonate-User", "jane"}, {"Impersonate-Uid", "7"}, {"Impersonate-Extra-Scopes%2fA", "v"}}),
            "jane/7 system:authenticated scopes/a=v");
  EXPECT_EQ(as(root, {{"Impersonate-User", "system:serviceaccount:x:sa"}}),
            "system:serviceaccount:x:sa/ system:serviceaccounts system:serviceaccounts:x system:authenticated");
  EXPECT_EQ(as(root, {{"Impersonate-User", "system:anonymous"}}), "system:anonymous/ system:unauthenticated");
  EXPECT_EQ(
      as(user("jane"), {{"Impersonate-User", "joe"}}),
      "403 users \"joe\" is forbidden: User \"jane\" cannot impersonate resource \"users\" in API group \"\" at the "
      "cluster scope");
  EXPECT_EQ(
      as(user("jane"), {{"Impersonate-User", "system:serviceaccount:x:sa"}}),
      "403 serviceaccounts \"sa\" is forbidden: User \"jane\" cannot impersonate resource \"serviceaccounts\" in API "
      "group \"\" in the namespace \"x\"");
  EXPECT_EQ(as(root, {{"Impersonate-Group", "dev"}}).substr(0, 3), "400");
  put("clusterroles", "", "imp",
      R"({"rules":[{"verbs":["impersonate"],"apiGroups":[""],"resources":["users"],"resourceNames":["joe"]}]})");
  put("clusterrolebindings", "", "imp",
      R"({"roleRef":{"kind":"ClusterRole","name":"imp"},"subjects":[{"kind":"User","name":"jane"}]})");
  EXPECT_EQ(as(user("jane"), {{"Impersonate-User", "joe"}}), "joe/ system:authenticated");
  EXPECT_EQ(as(user("jane"), {{"Impersonate-User", "max"}}).substr(0, 3), "403");
  EXPECT_EQ(
      as(user("jane"), {{"Impersonate-User", "joe"}, {"Impersonate-Group", "system:masters"}}),
      "403 groups \"system:masters\" is forbidden: User \"jane\" cannot impersonate resource \"groups\" in API group "
      "\"\" at the cluster scope");
  EXPECT_EQ(as(user("jane"), {{"Impersonate-User", "joe"}, {"Impersonate-Extra-k", "v"}}),
            "403 userextras.authentication.k8s.io \"v\" is forbidden: User \"jane\" cannot impersonate resource "
            "\"userextras/k\" in API group \"authentication.k8s.io\" at the cluster scope");
}

TEST_F(Authorize, AnswersReviews) {
  const char* list_pods = R"({"spec":{"resourceAttributes":{"namespace":"x","verb":"list","resource":"pods"}}})";
  EXPECT_EQ(review(user("jane"), "SelfSubjectAccessReview", list_pods),
            R"({"allowed":true,"reason":"RBAC: allowed by RoleBinding \"rb/x\" of Role \"r\" to User \"jane\""})");
  EXPECT_EQ(review(user("joe"), "SelfSubjectAccessReview", list_pods), R"({"allowed":false})");
  EXPECT_EQ(review(user("root", {"system:masters"}), "SelfSubjectAccessReview",
                   R"({"spec":{"resourceAttributes":{"verb":"*","group":"*","resource":"*"}}})"),
            R"({"allowed":true})");
  EXPECT_EQ(review(user("joe"), "SelfSubjectAccessReview",
                   R"({"spec":{"nonResourceAttributes":{"verb":"get","path":"/healthz"}}})"),
            R"({"allowed":true})");
  EXPECT_EQ(
      review(user("root", {"system:masters"}), "SubjectAccessReview",
             R"({"spec":{"user":"jane","resourceAttributes":{"namespace":"x","verb":"delete","resource":"pods"}}})"),
      R"({"allowed":false})");
  EXPECT_EQ(review(user("root", {"system:masters"}), "SubjectAccessReview",
                   R"({"spec":{"user":"a","groups":["system:masters"],"resourceAttributes":{"verb":"delete"}}})"),
            R"({"allowed":true})");
  EXPECT_EQ(
      review(user("jane"), "LocalSubjectAccessReview",
             R"({"metadata":{"namespace":"y"},"spec":{"user":"jane","resourceAttributes":{"namespace":"x"}}})"),
      "422 .authorization.k8s.io \"\" is invalid: spec.resourceAttributes.namespace: Invalid value: \"x\": must match "
      "metadata.namespace");
  EXPECT_EQ(review(user("jane"), "SelfSubjectAccessReview", R"({"spec":{}})").substr(0, 4), "422 ");
  EXPECT_EQ(review(user("jane"), "SubjectAccessReview", list_pods),
            "422 .authorization.k8s.io \"\" is invalid: spec.user: Invalid value: \"\": at least one of "
            "user or group must be specified");
  EXPECT_EQ(
      review(user("jane"), "SelfSubjectRulesReview", R"({"spec":{"namespace":"x"}})"),
      R"({"resourceRules":[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]}],"nonResourceRules":[],)"
      R"("incomplete":false})");
  EXPECT_EQ(review(user("jane"), "SelfSubjectRulesReview", R"({"spec":{}})"), "400 no namespace on request");
  admission::UserInfo full = user("jane", {"a", "b"});
  full.uid = "7";
  full.extra["k"] = {"v"};
  EXPECT_EQ(review(full, "SelfSubjectReview", "{}"),
            R"({"userInfo":{"username":"jane","uid":"7","groups":["a","b"],"extra":{"k":["v"]}}})");
}

TEST_F(Authorize, NobodyGrantsMoreThanTheyHave) {
  const admission::UserInfo jane = user("jane");
  const char* get_pods =
      R"({"metadata":{"name":"n"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]})";
  const char* get_secrets =
      R"({"metadata":{"name":"n"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]})";
  const std::string missing =
      "user \"jane\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
      "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}";
  EXPECT_EQ(grant(jane, "roles", "x", get_pods), "yes");
  EXPECT_EQ(grant(jane, "roles", "x", get_secrets),
            "403 roles.rbac.authorization.k8s.io \"n\" is forbidden: " + missing);
  EXPECT_EQ(grant(jane, "roles", "y", get_pods).substr(0, 3), "403");
  EXPECT_EQ(grant(user("root", {"system:masters"}), "clusterroles", "", get_secrets), "yes");
  EXPECT_EQ(
      grant(jane, "clusterroles", "", R"({"metadata":{"name":"a"},"aggregationRule":{}})"),
      "403 clusterroles.rbac.authorization.k8s.io \"a\" is forbidden: must have cluster-admin privileges to use the "
      "aggregationRule");
  put("clusterroles", "", "secrets", R"({"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]})");
  const char* binding = R"({"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"secrets"}})";
  EXPECT_EQ(grant(jane, "rolebindings", "x", binding),
            "403 rolebindings.rbac.authorization.k8s.io \"b\" is forbidden: " + missing);
  EXPECT_EQ(grant(jane, "rolebindings", "x", R"({"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"r"}})"),
            "yes");
  EXPECT_EQ(grant(jane, "rolebindings", "x", R"({"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"no"}})"),
            "404 role.rbac.authorization.k8s.io \"no\" not found");
  // A role that stays as it is may be written; the verbs escalate and bind lift the rule.
  put("roles", "x", "n", R"({"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]})");
  EXPECT_EQ(grant(jane, "roles", "x", get_secrets), "yes");
  put("roles", "x", "lift", R"({"rules":[{"verbs":["escalate","bind"],"apiGroups":["rbac.authorization.k8s.io"],
      "resources":["roles","clusterroles"]}]})");
  put("rolebindings", "x", "lift",
      R"({"roleRef":{"kind":"Role","name":"lift"},"subjects":[{"kind":"User","name":"jane"}]})");
  EXPECT_EQ(grant(jane, "rolebindings", "x", binding), "yes");
  EXPECT_EQ(grant(jane, "roles", "x", R"({"metadata":{"name":"z"},"rules":[{"verbs":["*"],"apiGroups":["*"],
      "resources":["*"]}]})"),
            "yes");
}

}  // namespace
}  // namespace gatepost::apiserver
