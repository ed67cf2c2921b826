#include "envtest/go_flags.h"

#include <gtest/gtest.h>

#include "envtest/apiserver.h"

namespace gatepost::envtest {
namespace {

const std::vector<FlagSpec>& table() {
  static const std::vector<FlagSpec> rows = read_flag_table(
      "# a comment\n"
      "bind-address value used where\n"
      "etcd-servers value used\n"
      "feature-gates value none\n"
      "profiling bool quiet\n"
      "v value quiet\n");
  return rows;
}

Result<GoFlags> parse(const std::vector<std::string>& arguments) {
  return GoFlags::parse(table(), arguments);
}

TEST(GoFlags, ReadsEveryForm) {
  auto flags = parse({"--bind-address=1.2.3.4", "--etcd-servers", "http://a", "--etcd-servers=http://b,http://c",
                      "-v=2", "--profiling=false"});
  ASSERT_TRUE(flags) << flags.error().text;
  EXPECT_EQ(flags->get("bind-address"), "1.2.3.4");
  EXPECT_EQ(flags->list("etcd-servers"), (std::vector<std::string>{"http://a", "http://b", "http://c"}));
  EXPECT_TRUE(flags->has("profiling"));
  EXPECT_FALSE(flags->on("profiling"));
  EXPECT_EQ(flags->get("v"), "2");
  EXPECT_TRUE(flags->without_effect().empty());
  EXPECT_FALSE(flags->has("feature-gates"));
}

TEST(GoFlags, NamesWhatHasNoEffect) {
  auto flags = parse({"--feature-gates=A=true", "--profiling"});
  ASSERT_TRUE(flags);
  EXPECT_TRUE(flags->on("profiling"));
  EXPECT_EQ(flags->without_effect(), std::vector<std::string_view>{"feature-gates"});
  EXPECT_EQ(flags->get("feature-gates"), "A=true");
}

TEST(GoFlags, MistakesHaveTheWordsOfPflag) {
  const std::pair<std::vector<std::string>, std::string> rows[] = {
      {{"--unheard-of=1"}, "unknown flag: --unheard-of"},
      {{"--bind-address"}, "flag needs an argument: --bind-address"},
      {{"--profiling=maybe"},
       "invalid argument \"maybe\" for \"--profiling\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax"},
      {{"-x"}, "unknown shorthand flag: 'x' in -x"},
      {{"---x"}, "bad flag syntax: ---x"},
      {{"run"}, "unknown command \"run\""},
  };
  for (const auto& [arguments, text] : rows) {
    auto flags = parse(arguments);
    ASSERT_FALSE(flags) << text;
    EXPECT_EQ(flags.error().text, text);
  }
}

TEST(GoFlags, HelpAnswersTheProbeOfEnvtest) {
  // envtest looks for lines that begin with "--name".
  const std::string help = "\n" + flag_help(apiserver_flags());
  EXPECT_NE(help.find("\n      --secure-port value"), std::string::npos);
  EXPECT_NE(help.find("\n  -v, --v value"), std::string::npos);
  EXPECT_EQ(help.find("--insecure-port"), std::string::npos) << "gone since Kubernetes 1.24";
}

// What controller-runtime passes.
const std::vector<std::string> envtests_own = {
    "--allow-privileged=true",
    "--authorization-mode=RBAC",
    "--bind-address=127.0.0.1",
    "--cert-dir=/tmp/k8s_test_framework_1",
    "--client-ca-file=/tmp/k8s_test_framework_1/client-cert-auth-ca.crt",
    "--disable-admission-plugins=ServiceAccount",
    "--etcd-servers=http://127.0.0.1:2379",
    "--secure-port=6444",
    "--service-account-issuer=https://127.0.0.1:6444/",
    "--service-account-key-file=/tmp/k8s_test_framework_1/sa-signer.crt",
    "--service-account-signing-key-file=/tmp/k8s_test_framework_1/sa-signer.key",
    "--service-cluster-ip-range=10.0.0.0/24"};

TEST(ApiserverFlags, EnvtestsOwnAreTaken) {
  auto flags = GoFlags::parse(apiserver_flags(), envtests_own);
  ASSERT_TRUE(flags) << flags.error().text;
  EXPECT_TRUE(flags->without_effect().empty());
  auto options = server_options(*flags);
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->listen, "127.0.0.1:6444");
  EXPECT_EQ(options->certificate_directory, "/tmp/k8s_test_framework_1");
  EXPECT_EQ(options->service_cluster_ip_range, "10.0.0.0/24");
  EXPECT_EQ(options->authorization, apiserver::AuthorizationMode::rbac);
}

TEST(ApiserverFlags, AuthorizationModes) {
  const std::pair<const char*, const char*> refused[] = {
      {"--authorization-mode=Webhook", "authorization-mode Webhook is not served here; RBAC, Node and AlwaysAllow are"},
      {"--authorization-mode=Magic", "unknown authorization mode Magic"}};
  for (const auto& [argument, text] : refused) {
    auto flags = GoFlags::parse(apiserver_flags(), std::vector<std::string>{argument});
    ASSERT_TRUE(flags);
    auto options = server_options(*flags);
    ASSERT_FALSE(options);
    EXPECT_EQ(options.error().text, text);
  }
  auto flags =
      GoFlags::parse(apiserver_flags(), std::vector<std::string>{"--authorization-mode=Node,RBAC,AlwaysAllow"});
  auto options = server_options(*flags);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->authorization, apiserver::AuthorizationMode::always_allow);
}

}  // namespace
}  // namespace gatepost::envtest
