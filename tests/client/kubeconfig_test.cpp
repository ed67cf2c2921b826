#include "client/kubeconfig.h"

#include <fstream>
#include <gtest/gtest.h>

#include "client/exec_plugin.h"
#include "client/in_cluster.h"

namespace gatepost::client {
namespace {

const std::string first = R"(
current-context: a
contexts:
- {name: a, context: {cluster: one, user: u, namespace: team}}
- {name: b, context: {cluster: two, user: w}}
clusters:
- {name: one, cluster: {server: "https://one:6443/", tls-server-name: kube, proxy-url: "http://proxy:3128"}}
users:
- {name: u, user: {token: secret, as: jane, as-groups: [g1, g2]}}
)";
const std::string second = R"(
current-context: b
clusters:
- {name: one, cluster: {server: "https://shadowed:6443"}}
- {name: two, cluster: {server: "https://two:6443", insecure-skip-tls-verify: true}}
users:
- name: w
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./login
      args: [--cluster, two]
      env: [{name: A, value: b}]
      installHint: install login first
- {name: basic, user: {username: me, password: p}}
)";

Result<Connection> read(const KubeconfigFlags& flags = {}) {
  return read_connection({{first, "/a", "first"}, {second, "/b", "second"}}, flags);
}

TEST(Kubeconfig, SeveralFilesAreOneAndTheFirstCounts) {
  auto connection = read();
  ASSERT_TRUE(connection) << connection.error().text;
  EXPECT_EQ(connection->server, "https://one:6443");
  EXPECT_EQ(connection->server_name, "kube");
  EXPECT_EQ(connection->proxy_url, "http://proxy:3128");
  EXPECT_EQ(connection->token, "secret");
  EXPECT_EQ(connection->ns, "team");
  EXPECT_EQ(connection->as, "jane");
  EXPECT_EQ(connection->as_groups, (std::vector<std::string>{"g1", "g2"}));
}

TEST(Kubeconfig, FlagsChooseAndOverride) {
  KubeconfigFlags flags;
  flags.context = "b";
  auto connection = read(flags);
  ASSERT_TRUE(connection) << connection.error().text;
  EXPECT_EQ(connection->server, "https://two:6443");
  EXPECT_TRUE(connection->insecure);
  ASSERT_TRUE(connection->exec);
  EXPECT_EQ(connection->exec->command, "/b/./login");  // relative to its own file
  EXPECT_EQ(connection->exec->arguments, (std::vector<std::string>{"--cluster", "two"}));
  flags.user = "basic";
  flags.ns = "other";
  flags.as = "bob";
  flags.as_groups = {"g"};
  flags.request_timeout = "5s";
  connection = read(flags);
  ASSERT_TRUE(connection) << connection.error().text;
  EXPECT_EQ(connection->basic_user, "me");
  EXPECT_EQ(connection->ns, "other");
  EXPECT_EQ(connection->as, "bob");
  EXPECT_EQ(connection->as_groups, std::vector<std::string>{"g"});
  EXPECT_EQ(connection->request_timeout, std::chrono::seconds(5));
}

TEST(Kubeconfig, MistakesAreOneLine) {
  struct Row {
    KubeconfigFlags flags;
    const char* part;
  };
  KubeconfigFlags context, cluster, user, groups, time;
  context.context = "c";
  cluster.cluster = "three";
  user.user = "nobody";
  groups.context = "b", groups.as_groups = {"g"};
  time.request_timeout = "soon";
  for (const Row& row :
       {Row{context, "there is no context \"c\""}, Row{cluster, "there is no cluster \"three\""},
        Row{user, "there is no user \"nobody\""}, Row{groups, "need --as"}, Row{time, "--request-timeout soon"}}) {
    auto connection = read(row.flags);
    ASSERT_FALSE(connection) << row.part;
    EXPECT_NE(connection.error().text.find(row.part), std::string::npos) << connection.error().text;
    EXPECT_EQ(connection.error().text.find('\n'), std::string::npos);
  }
  EXPECT_FALSE(read_connection({{"a: [", "/a", "broken"}}, {}));
}

TEST(InCluster, TheEnvironmentAndTheMountedFiles) {
  char name[] = "/tmp/client-test-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  const std::string dir = name;
  std::ofstream(dir + "/ca.crt") << "pem";
  std::ofstream(dir + "/token") << "t";
  std::ofstream(dir + "/namespace") << "mine";
  const auto inside = [](const char* key) { return std::string(key).ends_with("HOST") ? "fd00::1" : "443"; };
  auto connection = in_cluster(inside, dir);
  ASSERT_TRUE(connection && *connection);
  EXPECT_EQ((*connection)->server, "https://[fd00::1]:443");
  EXPECT_EQ((*connection)->ns, "mine");
  EXPECT_EQ((*connection)->token_file, dir + "/token");
  EXPECT_FALSE(in_cluster([](const char*) { return std::string(); }, dir));
  connection = in_cluster(inside, dir + "/missing");
  EXPECT_TRUE(connection && !*connection);
  std::system(("rm -rf " + dir).c_str());
}

struct PluginRow {
  const char* name;
  const char* script;
  const char* error;  // part of it; "": none
};
const PluginRow plugins[] = {
    {"token", R"(echo '{"kind":"ExecCredential","apiVersion":"v","status":{"token":"t"}}')", ""},
    {"told",
     R"(case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) echo '{"kind":"ExecCredential","apiVersion":"v","status":{"token":"t"}}';; esac)",
     ""},
    {"other version", R"(echo '{"kind":"ExecCredential","apiVersion":"w","status":{"token":"t"}}')", "apiVersion w"},
    {"nothing", "true", "no ExecCredential"},
    {"empty status", R"(echo '{"kind":"ExecCredential","apiVersion":"v","status":{}}')",
     "neither a token nor a certificate"},
    {"half a certificate",
     R"(echo '{"kind":"ExecCredential","apiVersion":"v","status":{"clientCertificateData":"c"}}')", "without its key"},
    {"failure", "exit 3", "exit code 3"},
};

TEST(ExecPlugin, Runs) {
  for (const PluginRow& row : plugins) {
    ExecPlugin plugin;
    plugin.command = "/bin/sh";
    plugin.api_version = "v";
    plugin.arguments = {"-c", row.script};
    auto credential = run_plugin(plugin, {});
    EXPECT_EQ(credential.has_value(), *row.error == 0) << row.name;
    if (credential) EXPECT_EQ(credential->token, "t") << row.name;
    if (!credential) EXPECT_NE(credential.error().text.find(row.error), std::string::npos) << credential.error().text;
  }
  ExecPlugin missing;
  missing.command = "no-such-program-here";
  missing.install_hint = "install it";
  auto credential = run_plugin(missing, {});
  ASSERT_FALSE(credential);
  EXPECT_NE(credential.error().text.find("install it"), std::string::npos) << credential.error().text;
}

}  // namespace
}  // namespace gatepost::client
