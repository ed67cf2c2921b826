// Keys and values as they lie in etcd, and its address.
#include "storage/etcd/stored_form.h"

#include <gtest/gtest.h>

#include "storage/etcd/address.h"

namespace gatepost::storage::etcd {
namespace {

TEST(EtcdStoredForm, KeysAreRead) {
  struct Row {
    Key key;
    const char* text;
  };
  for (const Row& row : {
           Row{{"/pods", "default", "a"}, "/registry/core/pods/default/a"},
           Row{{"/namespaces", "", "default"}, "/registry/core/namespaces/default"},
           Row{{"apps/deployments", "x", "y"}, "/registry/apps/deployments/x/y"},
           Row{{"rbac.authorization.k8s.io/clusterroles", "", "system:node"},
               "/registry/rbac.authorization.k8s.io/clusterroles/system:node"},
       }) {
    EXPECT_EQ(key_for("/registry", row.key), row.text);
    EXPECT_EQ(parse_key("/registry", row.text), row.key) << row.text;
  }
  for (const char* text : {"", "/registry", "/registry/", "/registry/a", "/registry/a/b", "/registry/a/b/c/d/e",
                           "/registry//b/c", "/registry/a/b/", "/registryx/a/b/c", "/other/a/b/c", "/registry/.mark"}) {
    EXPECT_FALSE(parse_key("/registry", text)) << text;
  }
}

TEST(EtcdStoredForm, TheRevisionStandsWhereItStood) {
  struct Row {
    const char* stored;
    const char* served;
  };
  for (
      const Row& row : {
          Row{R"({"metadata":{"name":"a","resourceVersion":"0","labels":{"b":"c"}},"data":{}})",
              R"({"metadata":{"name":"a","resourceVersion":"17","labels":{"b":"c"}},"data":{}})"},
          Row{R"({"kind":"X","metadata":{}})", R"({"kind":"X","metadata":{"resourceVersion":"17"}})"},
          Row{R"({"metadata": { "name" : "a" }})", R"({"metadata": {"resourceVersion":"17", "name" : "a" }})"},
          // Not the one of a label, of the data or of a nested object.
          Row{R"({"spec":{"metadata":{"resourceVersion":"1"}},"resourceVersion":"2","metadata":{"a":{"resourceVersion":"3"},"resourceVersion":4}})",
              R"({"spec":{"metadata":{"resourceVersion":"1"}},"resourceVersion":"2","metadata":{"a":{"resourceVersion":"3"},"resourceVersion":"17"}})"},
          Row{R"({"metadata":{"resource\u0056ersion":"0"}})", R"({"metadata":{"resource\u0056ersion":"17"}})"},
      }) {
    auto served = with_revision(row.stored, 17);
    ASSERT_TRUE(served) << row.stored << ": " << served.error().text;
    EXPECT_EQ(*served, row.served);
  }
  for (const char* bad : {"", "k8s\x01", "[]", "7", "{}", R"({"metadata":7})", R"({"metadata":{)", R"({"a":1}x)"}) {
    EXPECT_FALSE(with_revision(bad, 17)) << bad;
  }
}

TEST(EtcdAddress, IsOneOrMoreEndpoints) {
  EXPECT_EQ(*parse_address("etcd://a:1"), std::vector<std::string>{"a:1"});
  EXPECT_EQ(*parse_address("etcd://127.0.0.1:2379,[::1]:2380,c:3/"),
            (std::vector<std::string>{"127.0.0.1:2379", "[::1]:2380", "c:3"}));
  struct Row {
    const char* text;
    const char* error;
  };
  for (const Row& row : {
           Row{"etcd://", "\"etcd://\": an address of etcd is missing; it is etcd://HOST:PORT[,HOST:PORT...]"},
           Row{"etcd://a:1,", "\"etcd://a:1,\": an address of etcd is missing; it is etcd://HOST:PORT[,HOST:PORT...]"},
           Row{"etcd://a", "\"etcd://a\": address a: missing port in address"},
           Row{"etcd://:1", "\"etcd://:1\": address :1: missing host"},
           Row{"etcd://a:x", "\"etcd://a:x\": address a:x: invalid port"},
           Row{"etcd://a:70000", "\"etcd://a:70000\": address a:70000: invalid port"},
           Row{"etcd://a/b:1", "\"etcd://a/b:1\": address a/b:1: invalid host"},
           Row{"http://a:1", "\"http://a:1\": no etcd:// at its beginning"},
       }) {
    auto refused = parse_address(row.text);
    ASSERT_FALSE(refused) << row.text;
    EXPECT_EQ(refused.error().text, row.error);
  }
}

}  // namespace
}  // namespace gatepost::storage::etcd
