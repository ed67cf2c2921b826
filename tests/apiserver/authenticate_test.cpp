#include "apiserver/authenticate.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <unistd.h>

#include "apiserver/token_file.h"
#include "x509/issue.h"

namespace gatepost::apiserver {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string describe(const Tokens& tokens, const std::string& token) {
  const auto at = tokens.find(token);
  if (at == tokens.end()) return "none";
  std::string out = at->second.name + "|" + at->second.uid;
  for (const std::string& group : at->second.groups) out += "|" + group;
  return out;
}

TEST(TokenFile, ReadsTheCsvOfTheRealServer) {
  struct Row {
    const char *text, *token, *expected;
  };
  const Row rows[] = {
      {"t,jane,1\n", "t", "jane|1"},
      {"t,jane,1", "t", "jane|1"},
      {"t,jane,1,dev", "t", "jane|1|dev"},
      {"t,jane,1,\"dev,ops\"\r\nu,joe,2,\"\"\r\n", "t", "jane|1|dev|ops"},
      {"t,jane,1,\"dev,ops\"\r\nu,joe,2,\"\"\r\n", "u", "joe|2"},
      {"\n\nt,\"a \"\"b\"\"\",1\n\n", "t", "a \"b\"|1"},
      {"t,\"two\nlines\",1\n", "t", "two\nlines|1"},
      {"t,jane,1\nt,joe,2\n", "t", "joe|2"},
      {",jane,1\n", "", "none"},
      {"t,jane,1,dev,more,columns\n", "t", "jane|1|dev"},
      {"", "t", "none"},
  };
  for (const Row& row : rows) {
    Tokens tokens;
    ASSERT_TRUE(add_tokens(row.text, tokens)) << row.text;
    EXPECT_EQ(describe(tokens, row.token), row.expected) << row.text;
  }
}

TEST(TokenFile, NamesTheLineAndNeverTheToken) {
  const std::pair<const char*, const char*> rows[] = {
      {"a,b,c\nsecret,jane\n", "line 2: must have at least 3 columns (token, user name, user uid), found 2"},
      {"secret\n", "line 1: must have at least 3 columns (token, user name, user uid), found 1"},
      {"a,b,c\n\nsec\"ret,b,c\n", "line 3: bare \" in a field without quotes"},
      {"\"secret,b,c\n", "line 2: a quoted field does not end"},
      {"\"secret\"x,b,c\n", "line 1: text behind a quoted field"},
  };
  for (const auto& [text, expected] : rows) {
    Tokens tokens;
    const auto added = add_tokens(text, tokens);
    ASSERT_FALSE(added) << text;
    EXPECT_EQ(added.error().text, expected);
  }
}

struct Authenticate : testing::Test {
  kube::ApiResult<admission::UserInfo> ask(net::http::Headers headers, std::vector<std::string> certificates = {}) {
    net::http::Request request;
    request.headers = std::move(headers);
    return authenticator->authenticate(request, {"127.0.0.1:1", std::move(certificates)});
  }
  void make(AuthenticationOptions options) {
    auto made = Authenticator::make(std::move(options));
    ASSERT_TRUE(made) << made.error().text;
    authenticator = std::move(*made);
  }
  std::unique_ptr<Authenticator> authenticator;
};

TEST_F(Authenticate, Tokens) {
  make({.extra_tokens_csv = "tok,jane,7,\"dev,system:masters\"\nplain,joe,8\n"});
  const auto jane = ask({{"Authorization", "Bearer tok"}});
  ASSERT_TRUE(jane);
  EXPECT_EQ(jane->name, "jane");
  EXPECT_EQ(jane->uid, "7");
  EXPECT_THAT(jane->groups, ElementsAre("dev", "system:masters", "system:authenticated"));
  EXPECT_TRUE(jane->extra.empty());
  EXPECT_EQ(ask({{"Authorization", "bearer plain"}})->name, "joe");
  EXPECT_EQ(ask({{"authorization", "BEARER plain "}})->name, "joe");
  EXPECT_EQ(ask({{"Authorization", "Bearer plain more"}})->name, "joe");
  for (const char* wrong : {"Bearer nonsense", "Bearer TOK", "Bearer tok,"}) {
    const auto answer = ask({{"Authorization", wrong}});
    ASSERT_FALSE(answer) << wrong;
    EXPECT_EQ(answer.error().code, 401);
    EXPECT_EQ(kube::to_json(answer.error()),
              R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized",)"
              R"("reason":"Unauthorized","code":401})");
  }
}

TEST_F(Authenticate, NobodyIsAnonymous) {
  make({.extra_tokens_csv = "tok,jane,7\n"});
  for (const char* header : {"", "Basic dG9r", "Bearer", "Bearer  tok"}) {
    const auto nobody = ask({{"Authorization", header}});
    ASSERT_TRUE(nobody) << header;
    EXPECT_EQ(nobody->name, "system:anonymous");
    EXPECT_THAT(nobody->groups, ElementsAre("system:unauthenticated"));
  }
}

TEST_F(Authenticate, ClientCertificates) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto hour = std::chrono::hours(1);
  const auto authority = [&](const char* name) {
    return *x509::issue({.common_name = name,
                         .not_before = now - hour,
                         .not_after = now + hour,
                         .kind = x509::CertificateKind::authority,
                         .usages = {}});
  };
  const x509::Issued ours = authority("ours"), other = authority("other");
  x509::IssueOptions good{.common_name = "jane",
                          .organizations = {"dev", "ops"},
                          .not_before = now - hour,
                          .not_after = now + hour,
                          .usages = {x509::ExtKeyUsage::client_auth}};
  const auto der = [](const x509::IssueOptions& options, const x509::Issued& by) {
    return *x509::first_certificate_der(x509::issue(options, &by)->certificate_pem);
  };
  x509::IssueOptions expired = good, server = good, nameless = good;
  expired.not_after = now - std::chrono::seconds(10);
  server.usages = {x509::ExtKeyUsage::server_auth};
  nameless.common_name = "";
  make({.extra_tokens_csv = "tok,joe,7\n", .client_ca_pem = ours.certificate_pem});
  const std::string jane_der = der(good, ours);
  for (int again = 0; again < 2; ++again) {
    const auto jane = ask({}, {jane_der});
    ASSERT_TRUE(jane);
    EXPECT_EQ(jane->name, "jane");
    EXPECT_EQ(jane->uid, "");
    EXPECT_THAT(jane->groups, ElementsAre("dev", "ops", "system:authenticated"));
    EXPECT_THAT(jane->extra.at("authentication.kubernetes.io/credential-id").at(0), HasSubstr("X509SHA256="));
  }
  for (const std::string& wrong :
       {der(expired, ours), der(server, ours), der(nameless, ours), der(good, other), std::string("no certificate")}) {
    const auto answer = ask({}, {wrong});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, 401);
    EXPECT_EQ(ask({{"Authorization", "Bearer tok"}}, {wrong})->name, "joe");
  }
  EXPECT_EQ(ask({{"Authorization", "Bearer tok"}}, {jane_der})->name, "jane");  // the certificate is asked first
}

TEST(AuthenticatorMake, NamesTheFile) {
  const auto missing = Authenticator::make({.token_file = "/nonexistent/tokens.csv"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text, "token file /nonexistent/tokens.csv: No such file or directory");
  const std::string path = (std::filesystem::temp_directory_path() / ("tokens-" + std::to_string(::getpid()))).string();
  std::ofstream(path) << "secret,jane\n";
  const auto bad = Authenticator::make({.token_file = path});
  std::filesystem::remove(path);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().text,
            "token file " + path + ": line 1: must have at least 3 columns (token, user name, user uid), found 2");
  EXPECT_FALSE(Authenticator::make({.client_ca_pem = "nonsense"}));
}

}  // namespace
}  // namespace gatepost::apiserver
