// Kubeconfig files as kubectl reads them: which entry counts, where paths count from, and what is said of a bad one.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "client/kubeconfig.h"

namespace gatepost::client {
namespace {

const std::string dev = R"(
apiVersion: v1
kind: Config
current-context: dev
clusters:
- name: c
  cluster: {server: "https://dev:6443/", certificate-authority-data: Y2E=, tls-server-name: kubernetes}
- name: plain
  cluster: {server: "http://plain", insecure-skip-tls-verify: true, proxy-url: "socks5://p:1"}
contexts:
- name: dev
  context: {cluster: c, user: u, namespace: team}
- name: other
  context: {cluster: plain, user: v}
- name: lost
  context: {cluster: none, user: u}
users:
- name: u
  user: {token: secret}
- name: v
  user: {client-certificate-data: Y2VydA==, client-key-data: a2V5, as: jane, as-groups: [a, b], as-user-extra: {team: [x, z]}}
- name: w
  user: {username: admin, password: pass}
)";

// "server namespace credentials", what the tables look at.
std::string describe(const Result<Connection>& read) {
  if (!read) return read.error().text;
  const Connection& it = *read;
  std::string out = it.server + " " + it.ns;
  if (!it.token.empty()) out += " token " + it.token;
  if (!it.certificate_pem.empty()) out += " certificate " + it.certificate_pem + " " + it.key_pem;
  if (!it.basic_user.empty()) out += " user " + it.basic_user + ":" + it.basic_password;
  if (!it.as.empty()) out += " as " + it.as;
  for (const std::string& group : it.as_groups) out += "," + group;
  for (const auto& [key, value] : it.as_extra) out += "," + key + "=" + value;
  return out;
}

struct Row {
  const char* name;
  KubeconfigFlags flags;
  const char* told;
};

class Flags : public testing::TestWithParam<Row> {};

TEST_P(Flags, Choose) {
  EXPECT_EQ(describe(read_connection({{dev, "/nonexistent", "dev"}}, GetParam().flags)), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Flags,
    testing::Values(
        Row{"current_context", {}, "https://dev:6443 team token secret"},
        Row{"another_context",
            {.context = "other"},
            "http://plain default certificate cert key as jane,a,b,team=x,team=z"},
        Row{"cluster", {.cluster = "plain"}, "http://plain team token secret"},
        Row{"user", {.user = "w"}, "https://dev:6443 team user admin:pass"},
        Row{"namespace", {.ns = "x"}, "https://dev:6443 x token secret"},
        Row{"as_replaces_who_is_written",
            {.context = "other", .as = "joe"},
            "http://plain default certificate cert key as joe"},
        Row{"as_with_groups", {.as = "joe", .as_groups = {"g"}}, "https://dev:6443 team token secret as joe,g"},
        Row{"missing_context", {.context = "none"}, "dev: there is no context \"none\""},
        Row{"missing_cluster", {.context = "lost"}, "dev: there is no cluster \"none\""},
        Row{"missing_user", {.user = "none"}, "dev: there is no user \"none\""}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Kubeconfig, TlsAndProxy) {
  auto read = read_connection({{dev, "", "dev"}}, {});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->ca_pem, "ca");
  EXPECT_EQ(read->server_name, "kubernetes");
  EXPECT_FALSE(read->insecure);
  read = read_connection({{dev, "", "dev"}}, {.context = "other"});
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->insecure);
  EXPECT_EQ(read->proxy_url, "socks5://p:1");
}

TEST(Kubeconfig, OfSeveralFilesTheFirstEntryCounts) {
  const std::string first =
      "contexts: [{name: dev, context: {cluster: mine, user: u}}]\n"
      "clusters: [{name: mine, cluster: {server: 'https://mine'}}]\n";
  EXPECT_EQ(describe(read_connection({{first, "", "a"}, {dev, "", "b"}}, {})), "https://mine default token secret");
  const std::string current = "current-context: other\n";
  EXPECT_EQ(describe(read_connection({{current, "", "a"}, {dev, "", "b"}}, {})),
            "http://plain default certificate cert key as jane,a,b,team=x,team=z");
}

TEST(Kubeconfig, ExecPlugin) {
  const std::string text = R"(
current-context: x
contexts: [{name: x, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://h"}}]
users:
- name: u
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./bin/token
      args: [--cluster, c]
      env: [{name: A, value: B}]
      installHint: get it there
      provideClusterInfo: true
)";
  auto read = read_connection({{text, "/etc/k", "k"}}, {});
  ASSERT_TRUE(read && read->exec);
  EXPECT_EQ(read->exec->command, "/etc/k/./bin/token");  // relative to its file, as kubectl does
  EXPECT_EQ(read->exec->arguments, (std::vector<std::string>{"--cluster", "c"}));
  EXPECT_EQ(read->exec->environment.at(0), std::pair(std::string("A"), std::string("B")));
  EXPECT_EQ(read->exec->install_hint, "get it there");
  EXPECT_TRUE(read->exec->cluster_info);
}

struct Bad {
  const char *name, *text, *told;
};

class BadFiles : public testing::TestWithParam<Bad> {};

TEST_P(BadFiles, AreToldInOneLine) {
  auto read = read_connection({{GetParam().text, "", "f"}}, {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text.substr(0, std::string_view(GetParam().told).size()), GetParam().told);
  EXPECT_EQ(read.error().text.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadFiles,
    testing::Values(
        Bad{"empty", "", "f: no current-context is set"}, Bad{"no_yaml", "a: [", "f: "},
        Bad{"a_list", "[1]", "f: no current-context is set"},
        Bad{"no_server",
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]",
            "f: the cluster has no server"},
        Bad{"bad_base64",
            "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n"
            "clusters: [{name: c, cluster: {server: s, certificate-authority-data: '!'}}]",
            "f: certificate-authority-data: "}),
    [](const auto& info) { return std::string(info.param.name); });

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "kubeconfig.XXXXXX";
    ASSERT_TRUE(mkdtemp(pattern.data()));
    directory = pattern;
    for (const char* name : {"KUBECONFIG", "HOME"}) {
      const char* value = std::getenv(name);
      kept.emplace_back(name, value ? std::optional<std::string>(value) : std::nullopt);
    }
    setenv("HOME", directory.c_str(), 1);
    unsetenv("KUBECONFIG");
  }
  void TearDown() override {
    for (const auto& [name, value] : kept) value ? setenv(name, value->c_str(), 1) : unsetenv(name);
    std::filesystem::remove_all(directory);
  }
  void write(const std::string& name, const std::string& text) {
    std::filesystem::path path = directory + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::string directory;
  std::vector<std::pair<const char*, std::optional<std::string>>> kept;
};

TEST_F(Files, AreFound) {
  write(".kube/config", dev);
  EXPECT_EQ(describe(load_connection({})), "https://dev:6443 team token secret");
  write("other", "current-context: other\n");
  setenv("KUBECONFIG", (directory + "/missing::" + directory + "/other:" + directory + "/.kube/config").c_str(), 1);
  EXPECT_EQ(describe(load_connection({})), "http://plain default certificate cert key as jane,a,b,team=x,team=z");
  EXPECT_EQ(describe(load_connection({.kubeconfig = directory + "/.kube/config"})),
            "https://dev:6443 team token secret");
  auto missing = load_connection({.kubeconfig = directory + "/none"});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().text.find(directory + "/none"), std::string::npos);
}

TEST_F(Files, NamePathsFromTheirOwnFolder) {
  write("k/config",
        "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority: pki/ca.crt}}]\n"
        "users: [{name: u, user: {client-certificate: u.crt, client-key: u.key}}]\n");
  write("k/pki/ca.crt", "CA");
  write("k/u.crt", "CERT");
  EXPECT_NE(describe(load_connection({.kubeconfig = directory + "/k/config"})).find("/k/u.key"), std::string::npos);
  write("k/u.key", "KEY");
  auto read = load_connection({.kubeconfig = directory + "/k/config"});
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->ca_pem, "CA");
  EXPECT_EQ(read->certificate_pem + read->key_pem, "CERTKEY");
}

}  // namespace
}  // namespace gatepost::client
