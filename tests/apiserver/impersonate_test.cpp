// Impersonation: who it will be, what must be permitted for it, and what is refused.
#include "apiserver/impersonate.h"

#include "apiserver/desk.h"

namespace gatepost::apiserver {
namespace {

using testing::Desk;

std::string describe(const Impersonation& it) {
  std::string out = it.user.name;
  for (const std::string& group : it.user.groups) out += "|" + group;
  for (const auto& [key, values] : it.user.extra)
    for (const std::string& value : values) out += "|" + key + "=" + value;
  if (!it.user.uid.empty()) out += "|uid " + it.user.uid;
  out += " needs";
  for (const Impersonated& one : it.permitted)
    out += " " + (one.group.empty() ? "" : one.group + ":") + one.resource +
           (one.subresource.empty() ? "" : "/" + one.subresource) + (one.ns.empty() ? "" : "@" + one.ns) + "=" +
           one.name;
  return out;
}

TEST(Impersonation, IsReadFromTheHeaders) {
  struct Row {
    net::http::Headers headers;
    const char* told;
  };
  const Row rows[] = {
      {{{"Impersonate-User", "jane"}}, "jane|system:authenticated needs users=jane"},
      {{{"impersonate-user", "jane"}, {"Impersonate-Group", "a"}, {"Impersonate-Group", "b"}},
       "jane|a|b|system:authenticated needs users=jane groups=a groups=b"},
      {{{"Impersonate-User", "jane"}, {"Impersonate-Uid", "7"}},
       "jane|system:authenticated|uid 7 needs users=jane authentication.k8s.io:uids=7"},
      {{{"Impersonate-User", "jane"}, {"Impersonate-Extra-Scopes", "x"}, {"Impersonate-Extra-a%2fb", "y"}},
       "jane|system:authenticated|a/b=y|scopes=x needs users=jane authentication.k8s.io:userextras/a/b=y "
       "authentication.k8s.io:userextras/scopes=x"},
      {{{"Impersonate-User", "system:serviceaccount:ns:robot"}},
       "system:serviceaccount:ns:robot|system:serviceaccounts|system:serviceaccounts:ns|system:authenticated needs "
       "serviceaccounts@ns=robot"},
      {{{"Impersonate-User", "system:serviceaccount:ns:"}},
       "system:serviceaccount:ns:|system:authenticated needs users=system:serviceaccount:ns:"},
      {{{"Impersonate-User", "system:anonymous"}},
       "system:anonymous|system:unauthenticated needs users=system:anonymous"},
  };
  for (const Row& row : rows) {
    auto read = read_impersonation(row.headers);
    ASSERT_TRUE(read) << row.told;
    EXPECT_EQ(describe(*read), row.told);
  }
}

// kube-apiserver prints the user it was asked for as Go's %#v does.
TEST(Impersonation, WithoutAUserIsRefused) {
  struct Row {
    net::http::Headers headers;
    const char* user;
  };
  const Row rows[] = {
      {{{"Impersonate-Group", "a"}, {"Impersonate-Group", "b"}},
       R"(&user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a", "b"}, Extra:map[string][]string(nil)})"},
      {{{"Impersonate-Uid", "7"}},
       R"(&user.DefaultInfo{Name:"", UID:"7", Groups:[]string(nil), Extra:map[string][]string(nil)})"},
      {{{"Impersonate-Extra-Scopes", "x"}, {"Impersonate-Extra-Scopes", "\"y\""}},
       R"(&user.DefaultInfo{Name:"", UID:"", Groups:[]string(nil), Extra:map[string][]string{"scopes":[]string{"x", "\"y\""}}})"},
  };
  for (const Row& row : rows) {
    auto read = read_impersonation(row.headers);
    ASSERT_FALSE(read) << row.user;
    EXPECT_EQ(read.error().code, 400);
    EXPECT_EQ(read.error().message, std::string("requested ") + row.user + " without impersonating a user name");
  }
}

TEST(Impersonation, IsGrantedByRbac) {
  Desk desk;
  const auto as = [&](const char* token, const char* user) {
    return desk
        .get("/api/v1/namespaces/default/configmaps",
             {{"Authorization", std::string("Bearer ") + token}, {"Impersonate-User", user}})
        .verdict();
  };
  EXPECT_EQ(as("admin", "jane"),
            "403 configmaps is forbidden: User \"jane\" cannot list resource \"configmaps\" in API group \"\" in the "
            "namespace \"default\"");
  EXPECT_EQ(
      as("jane", "admin"),
      "403 users \"admin\" is forbidden: User \"jane\" cannot impersonate resource \"users\" in API group \"\" at "
      "the cluster scope");
}

}  // namespace
}  // namespace gatepost::apiserver
