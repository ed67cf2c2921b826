#include "x509/pool.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "x509/fixtures.h"

namespace gatepost::x509 {
namespace {

using namespace testing;

TEST(Pool, TakesWhatParsesAndNothingTwice) {
  const Issued a = authority("a"), b = authority("b");
  const std::string broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  Pool pool;
  EXPECT_TRUE(pool.add_pem("a text before\n" + a.certificate_pem + broken + a.key_pem + b.certificate_pem));
  EXPECT_EQ(pool.size(), 2u);
  EXPECT_TRUE(pool.add_pem(a.certificate_pem));
  EXPECT_EQ(pool.size(), 2u);
  EXPECT_FALSE(pool.add_pem(broken));
  EXPECT_FALSE(pool.add_pem(a.key_pem));
  EXPECT_FALSE(pool.add_pem(""));
}

struct BundleRow {
  std::string pem, text;
};

TEST(Pool, BundleErrorsAreClientGos) {
  const Issued a = authority("a");
  const BundleRow rows[] = {
      {"", "unable to load root certificates: no valid certificate authority data seen"},
      {"not PEM", "unable to load root certificates: unable to parse bytes as PEM block"},
      {a.key_pem, "unable to load root certificates: no valid certificate authority data seen"},
      {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
       "unable to load root certificates: failed to parse certificate: x509: malformed certificate"},
      {"-----BEGIN CERTIFICATE-----\nA*AA\n-----END CERTIFICATE-----\n",
       "unable to load root certificates: unable to parse bytes as PEM block"},
  };
  for (const auto& row : rows) {
    auto pool = pool_from_ca_bundle(row.pem);
    ASSERT_FALSE(pool);
    EXPECT_EQ(pool.error().text, row.text);
  }
  EXPECT_TRUE(pool_from_ca_bundle(a.certificate_pem));
}

TEST(Pool, LikelyParentsComeFirst) {
  const Issued old_key = authority("ca"), new_key = authority("ca"), other = authority("other");
  Pool pool = pool_of({&old_key, &new_key, &other});
  auto leaf = parsed(made({.names = {"a"}}, &new_key));
  const auto parents = pool.possible_parents(*leaf);
  ASSERT_EQ(parents.size(), 2u);
  EXPECT_EQ(parents[0]->der, der(new_key));
  EXPECT_EQ(parents[1]->der, der(old_key));
}

// A directory of the system's kind: hashes linking to files beside them, another directory, files that are no PEM.
TEST(Pool, SystemTrustIsReadFromFilesAndDirectories) {
  namespace fs = std::filesystem;
  const fs::path root = fs::path(::testing::TempDir()) / "pool_test";
  fs::remove_all(root);
  fs::create_directories(root / "certs" / "java");
  const Issued in_file = authority("in-file"), in_directory = authority("in-directory");
  std::ofstream(root / "bundle.pem") << in_file.certificate_pem;
  std::ofstream(root / "second.pem") << authority("unused").certificate_pem;
  std::ofstream(root / "certs" / "one.pem") << in_directory.certificate_pem;
  std::ofstream(root / "certs" / "README") << "no certificate";
  fs::create_symlink("one.pem", root / "certs" / "12345678.0");
  const auto pool =
      load_pool({{(root / "absent").string(), (root / "bundle.pem").string(), (root / "second.pem").string()},
                 {(root / "certs").string(), (root / "nowhere").string()}});
  EXPECT_EQ(pool->size(), 2u);
  EXPECT_TRUE(pool->contains(*parsed(in_file)));
  EXPECT_TRUE(pool->contains(*parsed(in_directory)));
  fs::remove_all(root);
}

TEST(Pool, TheEnvironmentSaysWhereTrustIs) {
  EXPECT_EQ(system_trust().files.front(), "/etc/ssl/certs/ca-certificates.crt");
  setenv("SSL_CERT_FILE", "/a/file", 1);
  setenv("SSL_CERT_DIR", "/b:/c", 1);
  const SystemTrust trust = system_trust();
  unsetenv("SSL_CERT_FILE");
  unsetenv("SSL_CERT_DIR");
  EXPECT_EQ(trust.files, std::vector<std::string>{"/a/file"});
  EXPECT_EQ(trust.directories, (std::vector<std::string>{"/b", "/c"}));
}

}  // namespace
}  // namespace gatepost::x509
