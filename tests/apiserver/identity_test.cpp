// The server's own certificates and token: made once, kept with mode 0600, made anew when they no longer do.
#include <filesystem>
#include <sys/stat.h>

#include "apiserver/desk.h"
#include "apiserver/pki.h"
#include "base/files.h"
#include "x509/certificate.h"
#include "x509/hostname.h"

namespace gatepost::apiserver {
namespace {

class Identities : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "identity.XXXXXX";
    ASSERT_TRUE(mkdtemp(pattern.data()));
    directory = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory); }
  std::string directory;
};

TEST_F(Identities, AreMadeOnceAndKept) {
  auto first = load_or_make_identity(directory, {"localhost", "127.0.0.1"});
  ASSERT_TRUE(first) << first.error().text;
  auto second = load_or_make_identity(directory, {"localhost"});
  ASSERT_TRUE(second) << second.error().text;
  EXPECT_EQ(first->ca_pem, second->ca_pem);
  EXPECT_EQ(first->certificate_pem, second->certificate_pem);
  EXPECT_EQ(first->admin_token, second->admin_token);
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    struct stat found{};
    ASSERT_EQ(stat(entry.path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u) << entry.path();
  }
}

TEST_F(Identities, HoldEveryNameBySameCa) {
  auto first = load_or_make_identity(directory, {"localhost"});
  auto second = load_or_make_identity(directory, {"localhost", "10.0.0.1", "gatepost.example.com"});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->ca_pem, second->ca_pem);
  EXPECT_NE(first->certificate_pem, second->certificate_pem);
  auto leaf = x509::parse_certificates_pem(second->certificate_pem);
  ASSERT_TRUE(leaf);
  for (const char* name : {"localhost", "10.0.0.1", "gatepost.example.com"})
    EXPECT_TRUE(x509::verify_hostname(*leaf->front(), name)) << name;
}

TEST_F(Identities, InMemoryLeaveNothingAndAreNeverTheSame) {
  auto first = load_or_make_identity("", {"localhost"});
  auto second = load_or_make_identity("", {"localhost"});
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->ca_pem, second->ca_pem);
  EXPECT_NE(first->admin_token, second->admin_token);
}

TEST_F(Identities, ThatCannotBeReadAreToldByTheirFile) {
  ASSERT_TRUE(load_or_make_identity(directory, {"localhost"}));
  std::filesystem::remove(directory + "/ca.key");
  std::filesystem::create_directory(directory + "/ca.key");
  auto read = load_or_make_identity(directory, {"localhost"});
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().text.find(directory + "/ca.key"), std::string::npos) << read.error().text;
}

TEST(Bootstrap, MakesTheObjectsOfAKubernetesServer) {
  testing::Desk desk;
  for (const char* path : {"/api/v1/namespaces/default", "/api/v1/namespaces/kube-system",
                           "/api/v1/namespaces/default/services/kubernetes",
                           "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin",
                           "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/cluster-admin",
                           "/apis/scheduling.k8s.io/v1/priorityclasses/system-cluster-critical"})
    EXPECT_EQ(desk.get(path).status, 200) << path;
  const json::Value slice = desk.get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes").json();
  EXPECT_EQ(slice.at("endpoints").at(0).at("addresses").at(0), "127.0.0.1");
  EXPECT_EQ(slice.at("ports").at(0).at("port"), 6443);
}

// What somebody changed stays, what somebody removed comes back.
TEST(Bootstrap, LeavesWhatIsThere) {
  net::Loop loop;
  auto store = std::move(*storage::open({":memory:"}));
  auto registry = kube::Registry::builtin();
  ASSERT_TRUE(loop.run(bootstrap(*store, registry, "127.0.0.1:1")));
  storage::Key kept{"/namespaces", "", "default"}, gone{"/namespaces", "", "kube-public"};
  auto before = store->get(kept);
  ASSERT_TRUE(before);
  ASSERT_TRUE(loop.run(store->update(kept, before->revision, [](storage::Revision) { return "{}"; })));
  ASSERT_TRUE(store->get(gone));
  ASSERT_TRUE(loop.run(store->remove(gone, store->get(gone)->revision, [](storage::Revision) { return "{}"; })));
  ASSERT_TRUE(loop.run(bootstrap(*store, registry, "127.0.0.1:1")));
  EXPECT_EQ(*store->get(kept)->bytes, "{}");
  EXPECT_TRUE(store->get(gone));
  loop.run(store->close());
}

}  // namespace
}  // namespace gatepost::apiserver
