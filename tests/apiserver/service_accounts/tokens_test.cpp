#include "apiserver/service_accounts/tokens.h"

#include <gtest/gtest.h>

#include "net/loop.h"
#include "x509/issue.h"
#include "x509/jws.h"

namespace gatepost::apiserver {
namespace {

using namespace std::chrono_literals;

const WallTime now = std::chrono::system_clock::from_time_t(1800000000);

std::string new_key(x509::KeyKind kind) {
  x509::IssueOptions options;
  options.common_name = "test";
  options.key = kind;
  options.not_before = std::chrono::floor<std::chrono::seconds>(now);
  options.not_after = options.not_before + 1h;
  auto issued = x509::issue(options);
  EXPECT_TRUE(issued);
  return issued->key_pem;
}

TEST(Jws, IsBelievedOnlyWholeAndByItsKey) {
  for (const auto kind : {x509::KeyKind::ec_p256, x509::KeyKind::rsa_2048}) {
    const std::string key = new_key(kind);
    auto signer = x509::JwsSigner::make(key);
    ASSERT_TRUE(signer);
    auto verifier = x509::JwsVerifier::make(), stranger = x509::JwsVerifier::make();
    ASSERT_TRUE(verifier->add(key));
    ASSERT_TRUE(stranger->add(new_key(kind)));
    const std::string token = (*signer)->sign(R"({"a":1})");
    EXPECT_EQ(verifier->verify(token), R"({"a":1})");
    EXPECT_FALSE(stranger->verify(token));
    std::string changed = token;
    char& in_payload = changed[changed.find('.') + 2];
    in_payload = in_payload == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verifier->verify(changed));
    for (const char* wrong : {"", ".", "..", "a.b", "a.b.c", "eyJhbGciOiJub25lIn0.e30."})
      EXPECT_FALSE(verifier->verify(wrong)) << wrong;
  }
  EXPECT_FALSE(x509::JwsSigner::make("no key"));
  EXPECT_FALSE(x509::JwsVerifier::make()->add("no key"));
}

class Tokens : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = storage::open({.directory = ":memory:"});
    ASSERT_TRUE(opened);
    store = std::move(*opened);
    put("/serviceaccounts", "robot", R"({"metadata":{"name":"robot","namespace":"n","uid":"u1"}})");
    auto made = ServiceAccountTokens::make({}, new_key(x509::KeyKind::ec_p256), *store);
    ASSERT_TRUE(made) << made.error().text;
    tokens = std::move(*made);
    claims.ns = "n";
    claims.account = {"robot", "u1"};
    claims.audiences = tokens->audiences();
  }
  void put(const char* collection, const char* name, const char* bytes) {
    auto stored =
        loop.run(store->create({collection, "n", name}, [bytes](storage::Revision) { return std::string(bytes); }));
    ASSERT_TRUE(stored);
  }
  bool believed(const std::string& token, WallTime at = now, const std::vector<std::string>& audiences = {}) {
    return tokens->user_of(token, audiences, at).has_value();
  }

  net::Loop loop;
  std::unique_ptr<storage::Storage> store;
  std::unique_ptr<const ServiceAccountTokens> tokens;
  TokenClaims claims;
};

TEST_F(Tokens, NameTheirAccount) {
  auto user = tokens->user_of(tokens->issue(claims, now).token, {}, now);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->user.name, "system:serviceaccount:n:robot");
  EXPECT_EQ(user->user.uid, "u1");
  EXPECT_EQ(user->user.groups, (std::vector<std::string>{"system:serviceaccounts", "system:serviceaccounts:n"}));
}

TEST_F(Tokens, AreGoodForTheirTimeAndAudience) {
  const std::string token = tokens->issue(claims, now).token;
  EXPECT_TRUE(believed(token, now + 59min));
  EXPECT_FALSE(believed(token, now + 62min));
  EXPECT_FALSE(believed(token, now - 2min));
  EXPECT_FALSE(believed(token, now, {"vault"}));
  claims.audiences = {"vault"};
  const std::string other = tokens->issue(claims, now).token;
  EXPECT_FALSE(believed(other));
  EXPECT_TRUE(believed(other, now, {"vault"}));
}

TEST_F(Tokens, EndWithWhatTheyAreBoundTo) {
  claims.account.uid = "u0";
  EXPECT_FALSE(believed(tokens->issue(claims, now).token)) << "an account of the same name that came later";
  claims.account.uid = "u1";
  claims.pod = {"p", "pu"};
  const std::string token = tokens->issue(claims, now).token;
  EXPECT_FALSE(believed(token));
  put("/pods", "p", R"({"metadata":{"name":"p","namespace":"n","uid":"pu"}})");
  EXPECT_TRUE(believed(token));
}

}  // namespace
}  // namespace gatepost::apiserver
