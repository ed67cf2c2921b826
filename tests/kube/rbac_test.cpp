#include "kube/rbac.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace gatepost::kube {
namespace {

json::Value parse(std::string_view text) {
  auto value = json::parse(text, {});
  EXPECT_TRUE(value) << text;
  return value ? *value : json::Value();
}

struct RbacTest : testing::Test {
  void put(std::string_view resource, std::string_view ns, std::string_view name, std::string_view text) {
    rbac.put(resource, ns, name, parse(text));
  }
  void role(std::string_view ns, std::string_view name, std::string_view rules) {
    put(ns.empty() ? "clusterroles" : "roles", ns, name, R"({"rules":[)" + std::string(rules) + "]}");
  }
  void bind(std::string_view ns, std::string_view name, std::string_view kind, std::string_view to,
            std::string_view subjects) {
    put(ns.empty() ? "clusterrolebindings" : "rolebindings", ns, name,
        R"({"roleRef":{"kind":")" + std::string(kind) + R"(","name":")" + std::string(to) + R"("},"subjects":[)" +
            std::string(subjects) + "]}");
  }
  Decision decide(std::string_view user, const AccessRequest& request, std::vector<std::string> groups = {}) {
    return rbac.decide({user, groups}, request);
  }
  bool may(std::string_view user, const AccessRequest& request, std::vector<std::string> groups = {}) {
    return decide(user, request, std::move(groups)).allowed;
  }
  Rbac rbac;
};

TEST(RbacRules, OneRuleAndOneRequest) {
  struct Row {
    const char* rule;
    AccessRequest request;
    bool expected;
  };
  const char* pods = R"({"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"]})";
  const char* all = R"({"verbs":["*"],"apiGroups":["*"],"resources":["*"]})";
  const char* scale = R"({"verbs":["update"],"apiGroups":["apps"],"resources":["*/scale"]})";
  const char* named = R"({"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["a","b"]})";
  const char* paths = R"({"verbs":["get"],"nonResourceURLs":["/healthz","/api/*"]})";
  const char* any_path = R"({"verbs":["*"],"nonResourceURLs":["*"]})";
  const Row rows[] = {
      {pods, {.verb = "get", .resource = "pods"}, true},
      {pods, {.verb = "get", .resource = "pods", .subresource = "log"}, true},
      {pods, {.verb = "get", .resource = "pods", .subresource = "exec"}, false},
      {pods, {.verb = "delete", .resource = "pods"}, false},
      {pods, {.verb = "get", .group = "apps", .resource = "pods"}, false},
      {pods, {.verb = "get", .path = "/pods"}, false},
      {all, {.verb = "delete", .group = "x", .resource = "y", .subresource = "z"}, true},
      {all, {.verb = "get", .path = "/"}, false},
      {all, {.verb = "*", .group = "*", .resource = "*"}, true},
      {pods, {.verb = "*", .group = "*", .resource = "*"}, false},
      {scale, {.verb = "update", .group = "apps", .resource = "deployments", .subresource = "scale"}, true},
      {scale, {.verb = "update", .group = "apps", .resource = "deployments", .subresource = "status"}, false},
      {scale, {.verb = "update", .group = "apps", .resource = "deployments"}, false},
      {named, {.verb = "get", .resource = "secrets", .name = "b"}, true},
      {named, {.verb = "get", .resource = "secrets", .name = "c"}, false},
      {named, {.verb = "get", .resource = "secrets"}, false},
      {paths, {.verb = "get", .path = "/healthz"}, true},
      {paths, {.verb = "get", .path = "/healthz/x"}, false},
      {paths, {.verb = "get", .path = "/api/v1"}, true},
      {paths, {.verb = "get", .path = "/apis"}, false},
      {paths, {.verb = "post", .path = "/api/v1"}, false},
      {any_path, {.verb = "post", .path = "/x"}, true},
      {any_path, {.verb = "get", .resource = "pods"}, false},
  };
  for (const Row& row : rows) {
    const auto rules = read_rules(parse(R"({"rules":[)" + std::string(row.rule) + "]}"));
    ASSERT_EQ(rules.size(), 1u);
    EXPECT_EQ(allows(rules[0], row.request), row.expected)
        << row.rule << " " << row.request.verb << " " << row.request.resource << row.request.path;
  }
}

TEST_F(RbacTest, BindingsHoldWhereTheyStand) {
  role("", "reader", R"({"verbs":["get"],"apiGroups":[""],"resources":["pods"]})");
  role("x", "writer", R"({"verbs":["create"],"apiGroups":[""],"resources":["pods"]})");
  bind("", "everywhere", "ClusterRole", "reader", R"({"kind":"User","name":"jane"})");
  bind("x", "here", "Role", "writer", R"({"kind":"Group","name":"dev"})");
  bind("y", "there", "ClusterRole", "reader", R"({"kind":"ServiceAccount","name":"sa","namespace":"z"})");
  bind("y", "own", "ClusterRole", "reader", R"({"kind":"ServiceAccount","name":"local"})");
  const AccessRequest get_x{.verb = "get", .resource = "pods", .ns = "x"};
  const AccessRequest create_x{.verb = "create", .resource = "pods", .ns = "x"};
  const AccessRequest create_y{.verb = "create", .resource = "pods", .ns = "y"};
  const AccessRequest get_y{.verb = "get", .resource = "pods", .ns = "y"};
  const AccessRequest get_all{.verb = "get", .resource = "pods"};
  EXPECT_TRUE(may("jane", get_x));
  EXPECT_TRUE(may("jane", get_all));
  EXPECT_FALSE(may("jane", create_x));
  EXPECT_TRUE(may("joe", create_x, {"dev"}));
  EXPECT_FALSE(may("joe", create_y, {"dev"}));
  EXPECT_FALSE(may("dev", create_x));  // a group is no user
  EXPECT_TRUE(may("system:serviceaccount:z:sa", get_y));
  EXPECT_FALSE(may("system:serviceaccount:z:sa", get_x));
  EXPECT_TRUE(may("system:serviceaccount:y:local", get_y));
  rbac.remove("clusterrolebindings", "", "everywhere");
  EXPECT_FALSE(may("jane", get_x));
  rbac.remove("roles", "x", "writer");
  EXPECT_FALSE(may("joe", create_x, {"dev"}));
}

TEST_F(RbacTest, AChangedBindingReplacesTheOldOne) {
  role("", "reader", R"({"verbs":["get"],"apiGroups":[""],"resources":["pods"]})");
  const AccessRequest get{.verb = "get", .resource = "pods"};
  bind("", "b", "ClusterRole", "reader", R"({"kind":"User","name":"jane"})");
  bind("", "b", "ClusterRole", "reader", R"({"kind":"User","name":"joe"})");
  EXPECT_FALSE(may("jane", get));
  EXPECT_TRUE(may("joe", get));
  role("", "reader", R"({"verbs":["list"],"apiGroups":[""],"resources":["pods"]})");
  EXPECT_FALSE(may("joe", get));
}

TEST_F(RbacTest, SaysWhyInTheRealWords) {
  role("", "reader", R"({"verbs":["get"],"apiGroups":[""],"resources":["pods"]})");
  bind("", "b", "ClusterRole", "reader", R"({"kind":"User","name":"jane"},{"kind":"Group","name":"dev"})");
  bind("x", "rb", "ClusterRole", "reader", R"({"kind":"ServiceAccount","name":"sa"})");
  const AccessRequest get{.verb = "get", .resource = "pods", .ns = "x"};
  EXPECT_EQ(decide("jane", get).reason,
            R"(RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reader" to User "jane")");
  EXPECT_EQ(decide("joe", get, {"a", "dev"}).reason,
            R"(RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reader" to Group "dev")");
  EXPECT_EQ(decide("system:serviceaccount:x:sa", get).reason,
            R"(RBAC: allowed by RoleBinding "rb/x" of ClusterRole "reader" to ServiceAccount "sa/x")");
  EXPECT_EQ(decide("nobody", get).reason, "");
  bind("x", "broken", "Role", "gone", R"({"kind":"User","name":"max"})");
  EXPECT_EQ(decide("max", get).reason, R"(RBAC: role.rbac.authorization.k8s.io "gone" not found)");
  bind("", "broken", "ClusterRole", "lost", R"({"kind":"User","name":"max"})");
  EXPECT_EQ(decide("max", get).reason, R"(RBAC: [clusterrole.rbac.authorization.k8s.io "lost" not found, )"
                                       R"(role.rbac.authorization.k8s.io "gone" not found])");
}

TEST(RbacTexts, Forbidden) {
  EXPECT_EQ(forbidden_text("jane", {.verb = "list", .resource = "pods", .ns = "x"}),
            R"(User "jane" cannot list resource "pods" in API group "" in the namespace "x")");
  EXPECT_EQ(
      forbidden_text("jane", {.verb = "update", .group = "apps", .resource = "deployments", .subresource = "scale"}),
      R"(User "jane" cannot update resource "deployments/scale" in API group "apps" at the cluster scope)");
  EXPECT_EQ(forbidden_text("a\"b", {.verb = "get", .path = "/metrics"}), R"(User "a\"b" cannot get path "/metrics")");
}

TEST_F(RbacTest, AggregatedRolesGrantWhatTheySelect) {
  put("clusterroles", "", "admin", R"({"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"to":"admin"}}]},
      "rules":null})");
  put("clusterroles", "", "edit", R"({"metadata":{"labels":{"to":"admin"}},
      "aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"to":"edit"}}]}})");
  bind("", "b", "ClusterRole", "admin", R"({"kind":"User","name":"jane"})");
  const AccessRequest get{.verb = "get", .resource = "pods"};
  EXPECT_FALSE(may("jane", get));
  put("clusterroles", "", "part", R"({"metadata":{"labels":{"to":"edit"}},
      "rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]})");
  EXPECT_TRUE(may("jane", get));
  rbac.remove("clusterroles", "", "part");
  EXPECT_FALSE(may("jane", get));
  // Roles that select each other, or themselves: all grant what any of them grants, and lose it together.
  role("", "third", R"({"verbs":["list"],"apiGroups":[""],"resources":["pods"]})");
  put("clusterroles", "", "edit", R"({"metadata":{"labels":{"to":"admin"}},
      "aggregationRule":{"clusterRoleSelectors":[{}]}})");
  EXPECT_FALSE(may("jane", get));
  const AccessRequest list{.verb = "list", .resource = "pods"};
  EXPECT_TRUE(may("jane", list));
  rbac.remove("clusterroles", "", "third");
  EXPECT_FALSE(may("jane", list));
}

TEST_F(RbacTest, EscalationNamesWhatIsMissing) {
  role("", "some", R"({"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]},
                      {"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["a"]},
                      {"verbs":["get"],"nonResourceURLs":["/api/*"]},
                      {"verbs":["*"],"apiGroups":["apps"],"resources":["*"]})");
  bind("", "b", "ClusterRole", "some", R"({"kind":"User","name":"jane"})");
  const std::vector<std::string> groups = {"dev", "system:authenticated"};
  const auto ask = [&](const std::string& rules) {
    return rbac.escalation({"jane", groups}, "x", read_rules(parse(R"({"rules":[)" + rules + "]}")));
  };
  const std::string prefix = R"(user "jane" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC )"
                             "permissions not currently held:\n";
  EXPECT_EQ(ask(""), "");
  EXPECT_EQ(ask(R"({"verbs":["list"],"apiGroups":[""],"resources":["pods"],"resourceNames":["p"]})"), "");
  EXPECT_EQ(ask(R"({"verbs":["patch"],"apiGroups":["apps"],"resources":["deployments","deployments/scale"]})"), "");
  EXPECT_EQ(ask(R"({"verbs":["get"],"nonResourceURLs":["/api/v1","/api/*"]})"), "");
  EXPECT_EQ(ask(R"({"verbs":["get","delete","create"],"apiGroups":["","apps"],"resources":["pods"]})"),
            prefix + R"({APIGroups:[""], Resources:["pods"], Verbs:["delete" "create"]})");
  EXPECT_EQ(ask(R"({"verbs":["get"],"apiGroups":[""],"resources":["secrets"]},
                   {"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["a","b"]},
                   {"verbs":["get"],"nonResourceURLs":["/x"]})"),
            prefix + R"({APIGroups:[""], Resources:["secrets"], ResourceNames:["b"], Verbs:["get"]})"
                     "\n"
                     R"({APIGroups:[""], Resources:["secrets"], Verbs:["get"]})"
                     "\n"
                     R"({NonResourceURLs:["/x"], Verbs:["get"]})");
  EXPECT_EQ(ask(R"({"verbs":["*"],"apiGroups":["apps"],"resources":["*"]})"), "");
  EXPECT_NE(ask(R"({"verbs":["*"],"apiGroups":["*"],"resources":["*"]})"), "");
}

TEST_F(RbacTest, ManyBindingsOfOthersCostNothing) {
  role("", "reader", R"({"verbs":["get"],"apiGroups":[""],"resources":["pods"]})");
  for (int i = 0; i < 5000; ++i) {
    bind("ns" + std::to_string(i % 100), "b" + std::to_string(i), "ClusterRole", "reader",
         R"({"kind":"User","name":"user-)" + std::to_string(i) + R"("})");
  }
  EXPECT_EQ(rbac.rules_for({"user-4242", {}}, "ns42").size(), 1u);
  EXPECT_EQ(rbac.rules_for({"user-4242", {}}, "ns43").size(), 0u);
  for (int i = 0; i < 5000; ++i) rbac.remove("rolebindings", "ns" + std::to_string(i % 100), "b" + std::to_string(i));
  EXPECT_FALSE(may("user-4242", {.verb = "get", .resource = "pods", .ns = "ns42"}));
}

}  // namespace
}  // namespace gatepost::kube
