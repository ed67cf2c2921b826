#include "x509/verify.h"

#include "x509/fixtures.h"

namespace gatepost::x509 {
namespace {

using namespace testing;

// The texts of Go's verifier for the certificates of a set of backends, all judged for 127.0.0.1 unless said.
class Verdicts : public ::testing::Test {
 protected:
  std::string verdict(std::vector<Issued> chain, const Pool& trusted, std::string name = "127.0.0.1",
                      ExtKeyUsage usage = ExtKeyUsage::server_auth) {
    std::vector<std::string> sent;
    for (const auto& one : chain) sent.push_back(der(one));
    auto chains = verify_peer(sent, &trusted, {std::move(name), now, usage});
    if (chains) return "ok";
    failure = chains.error().failure;
    return chains.error().text;
  }

  const std::vector<std::string> names = {"localhost", "*.conformance.svc", "127.0.0.1"};
  Issued ca = authority("conformance-ca");
  Pool roots = pool_of({&ca});
  VerifyFailure failure{};
};

TEST_F(Verdicts, GoodLeaf) {
  EXPECT_EQ(verdict({made({.common_name = "backend", .names = names}, &ca)}, roots), "ok");
}

TEST_F(Verdicts, Dates) {
  EXPECT_EQ(verdict({made({.names = names, .not_after = sys_days{year{2020} / 1 / 2}}, &ca)}, roots),
            "x509: certificate has expired or is not yet valid: current time 2026-11-25T03:57:39Z is after "
            "2020-01-02T00:00:00Z");
  EXPECT_EQ(failure, VerifyFailure::expired);
  EXPECT_EQ(verdict({made({.names = names, .not_before = sys_days{year{2190} / 1 / 1}}, &ca)}, roots),
            "x509: certificate has expired or is not yet valid: current time 2026-11-25T03:57:39Z is before "
            "2190-01-01T00:00:00Z");
  EXPECT_EQ(failure, VerifyFailure::not_yet_valid);
  // A date beyond what 64 bits of nanoseconds hold.
  EXPECT_EQ(verdict({made({.names = names, .not_after = sys_days{year{9999} / 12 / 31}}, &ca)}, roots), "ok");
}

TEST_F(Verdicts, TheLastValidSecondEndsAtItsStart) {
  const auto whole = floor<seconds>(now);
  auto leaf = parsed(made({.names = names, .not_after = whole}, &ca));
  EXPECT_TRUE(verify(leaf, {}, roots, {"127.0.0.1", whole}));
  EXPECT_FALSE(verify(leaf, {}, roots, {"127.0.0.1", now}));
}

TEST_F(Verdicts, DatesComeBeforeNamesAndNamesBeforeAuthorities) {
  Issued other = authority("other-ca");
  const auto past = sys_days{year{2020} / 1 / 2};
  verdict({made({.names = {"elsewhere.example.com"}, .not_after = past}, &other)}, roots);
  EXPECT_EQ(failure, VerifyFailure::expired);
  verdict({made({.names = {"elsewhere.example.com"}}, &other)}, roots, "localhost");
  EXPECT_EQ(failure, VerifyFailure::name_mismatch);
}

TEST_F(Verdicts, UnknownAuthorities) {
  Issued other = authority("other-ca"), same_name = authority("conformance-ca");
  EXPECT_EQ(verdict({made({.names = names}, &other)}, roots), "x509: certificate signed by unknown authority");
  EXPECT_EQ(failure, VerifyFailure::unknown_authority);
  EXPECT_EQ(verdict({made({.common_name = "self-signed-backend", .names = names})}, roots),
            "x509: certificate signed by unknown authority");
  EXPECT_EQ(verdict({made({.names = names}, &same_name)}, roots),
            "x509: certificate signed by unknown authority (possibly because of \"x509: ECDSA verification failure\" "
            "while trying to verify candidate authority certificate \"conformance-ca\")");
}

TEST_F(Verdicts, RsaKeysFailInTheirOwnWords) {
  Issued right = made({.common_name = "rsa-ca", .kind = CertificateKind::authority, .key = KeyKind::rsa_2048});
  Issued wrong = made({.common_name = "rsa-ca", .kind = CertificateKind::authority, .key = KeyKind::rsa_2048});
  Pool rsa_roots = pool_of({&right});
  EXPECT_EQ(verdict({made({.names = names}, &right)}, rsa_roots), "ok");
  EXPECT_EQ(verdict({made({.names = names}, &wrong)}, rsa_roots),
            "x509: certificate signed by unknown authority (possibly because of \"crypto/rsa: verification error\" "
            "while trying to verify candidate authority certificate \"rsa-ca\")");
}

TEST_F(Verdicts, Intermediates) {
  Issued middle = authority("conformance-intermediate", &ca);
  Issued leaf = made({.names = names}, &middle);
  EXPECT_EQ(verdict({leaf, middle}, roots), "ok");
  EXPECT_EQ(verdict({leaf}, roots), "x509: certificate signed by unknown authority");
  Issued expired = made({.common_name = "conformance-intermediate",
                         .not_after = sys_days{year{2021} / 1 / 1},
                         .kind = CertificateKind::authority,
                         .key_pem = middle.key_pem},
                        &ca);
  EXPECT_EQ(verdict({leaf, expired}, roots),
            "x509: certificate has expired or is not yet valid: current time 2026-11-25T03:57:39Z is after "
            "2021-01-01T00:00:00Z");
  EXPECT_EQ(verdict({leaf, expired, middle}, roots), "ok");
}

TEST_F(Verdicts, ALeafIsNoAuthority) {
  Issued not_a_ca = made({.common_name = "not-a-ca"}, &ca);
  EXPECT_EQ(verdict({made({.names = names}, &not_a_ca), not_a_ca}, roots),
            "x509: certificate signed by unknown authority (possibly because of \"x509: invalid signature: parent "
            "certificate cannot sign this kind of certificate\" while trying to verify candidate authority certificate "
            "\"not-a-ca\")");
}

TEST_F(Verdicts, PathLength) {
  Issued root = made({.common_name = "short", .kind = CertificateKind::authority, .max_path_len = 0});
  Issued middle = authority("middle", &root);
  Pool short_roots = pool_of({&root});
  EXPECT_EQ(verdict({made({.names = names}, &root)}, short_roots), "ok");
  EXPECT_EQ(verdict({made({.names = names}, &middle), middle}, short_roots),
            "x509: too many intermediates for path length constraint");
}

TEST_F(Verdicts, Usages) {
  Issued client = made({.names = names, .usages = {ExtKeyUsage::client_auth}}, &ca);
  EXPECT_EQ(verdict({client}, roots), "x509: certificate specifies an incompatible key usage");
  EXPECT_EQ(failure, VerifyFailure::incompatible_usage);
  EXPECT_EQ(verdict({client}, roots, "127.0.0.1", ExtKeyUsage::client_auth), "ok");
  EXPECT_EQ(verdict({client}, roots, "127.0.0.1", ExtKeyUsage::any), "ok");
  EXPECT_EQ(verdict({made({.names = names, .usages = {}}, &ca)}, roots), "ok");
  EXPECT_EQ(verdict({made({.names = names, .usages = {ExtKeyUsage::any}}, &ca)}, roots), "ok");
}

TEST_F(Verdicts, NameConstraints) {
  Issued only_svc =
      made({.common_name = "svc-ca", .kind = CertificateKind::authority, .permitted_dns = {"conformance.svc"}});
  Issued no_secret =
      made({.common_name = "some-ca", .kind = CertificateKind::authority, .excluded_dns = {"secret.svc"}});
  Pool constrained = pool_of({&only_svc, &no_secret});
  const auto judged = [&](std::string name, const Issued& by) {
    return verdict({made({.names = {name}}, &by)}, constrained, name);
  };
  EXPECT_EQ(judged("a.conformance.svc", only_svc), "ok");
  EXPECT_EQ(judged("a.conformance.svc", no_secret), "ok");
  EXPECT_EQ(judged("a.other.svc", only_svc),
            "x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "
            "\"a.other.svc\" is not permitted by any constraint");
  EXPECT_EQ(judged("a.SECRET.svc", no_secret),
            "x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "
            "\"a.SECRET.svc\" is excluded by constraint \"secret.svc\"");
  EXPECT_EQ(judged("xsecret.svc", no_secret), "ok");
}

TEST_F(Verdicts, ATrustedLeafNeedsNoChain) {
  Issued self = made({.common_name = "self-signed-backend", .names = names});
  Pool self_roots = pool_of({&self});
  EXPECT_EQ(verdict({self}, self_roots), "ok");
}

TEST_F(Verdicts, TheNumberOfSignatureChecksIsBounded) {
  std::vector<Issued> chain = {made({.names = names}, &ca)};
  Pool many;
  for (int i = 0; i < 101; ++i) EXPECT_TRUE(many.add_pem(authority("conformance-ca").certificate_pem));
  EXPECT_EQ(verdict(chain, many), "x509: signature check attempts limit reached while verifying certificate chain");
}

TEST_F(Verdicts, CrossSignaturesEnd) {
  Issued a = authority("a"), b = authority("b");
  Issued a_by_b = made({.common_name = "a", .kind = CertificateKind::authority, .key_pem = a.key_pem}, &b);
  Issued b_by_a = made({.common_name = "b", .kind = CertificateKind::authority, .key_pem = b.key_pem}, &a);
  EXPECT_EQ(verdict({made({.names = names}, &a), a_by_b, b_by_a}, roots),
            "x509: certificate signed by unknown authority");
}

}  // namespace
}  // namespace gatepost::x509
