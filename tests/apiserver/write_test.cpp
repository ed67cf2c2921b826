#include "server_fixture.h"

namespace gatepost::apiserver {
namespace {

using testing::StartsWith;

class Write : public ServerFixture {
 protected:
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
  const std::string merge = "application/merge-patch+json";
};

TEST_F(Write, AGenerationOfTheClientIsJudgedNotDropped) {
  EXPECT_EQ(
      say("POST", maps, R"({"metadata":{"name":"x","generation":-3}})"),
      "422 ConfigMap \"x\" is invalid: metadata.generation: Invalid value: -3: must be greater than or equal to 0");
  json::Value made = ask("POST", maps, R"({"metadata":{"name":"x","generation":3}})");
  EXPECT_EQ(json::int_at(made, {"metadata", "generation"}), 3);
}

TEST_F(Write, AResourceVersionHasNoPlaceOnACreate) {
  EXPECT_EQ(say("POST", maps, R"({"metadata":{"name":"x","resourceVersion":"7"}})"),
            "500 resourceVersion should not be set on objects to be created");
  EXPECT_EQ(say("POST", maps, R"({"metadata":{"name":"x","resourceVersion":"0"}})"), "201");
}

TEST_F(Write, APutNamesTheObjectItIsFor) {
  std::string uid = text(ask("POST", maps, R"({"metadata":{"name":"x"}})"), {"metadata", "uid"});
  EXPECT_EQ(say("PUT", maps + "/x", R"({"metadata":{"name":"x","uid":"other"}})"),
            "409 Operation cannot be fulfilled on configmaps \"x\": StorageError: invalid object, Code: 4, Key: "
            "/registry/configmaps/default/x, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
            "precondition: other, UID in object meta: " +
                uid);
  EXPECT_EQ(say("PUT", maps + "/x", R"({"metadata":{"name":"x","uid":")" + uid + R"("},"data":{"a":"1"}})"), "200");
  EXPECT_EQ(say("PUT", maps + "/x", R"({"metadata":{"name":"x","resourceVersion":"abc"}})"),
            "500 strconv.ParseUint: parsing \"abc\": invalid syntax");
  EXPECT_EQ(say("PUT", maps + "/x", R"({"metadata":{"name":"x","resourceVersion":"999999"}})"),
            "409 Operation cannot be fulfilled on configmaps \"x\": the object has been modified; please apply your "
            "changes to the latest version and try again");
  EXPECT_EQ(say("PUT", maps + "/none", R"({"metadata":{"name":"none"}})"), "404 configmaps \"none\" not found");
}

TEST_F(Write, SomeKindsWantToBeToldTheVersionAndSomeAreMadeByAPut) {
  EXPECT_EQ(say("PUT", leases + "/l", R"({"metadata":{"name":"l"},"spec":{"leaseDurationSeconds":5}})"), "201");
  EXPECT_EQ(say("PUT", leases + "/l", R"({"metadata":{"name":"l"},"spec":{"leaseDurationSeconds":6}})"),
            "422 leases.coordination.k8s.io \"l\" is invalid: metadata.resourceVersion: Invalid value: 0: must be "
            "specified for an update");
  json::Value there = ask("GET", leases + "/l");
  json::Value refused = ask("PUT", leases + "/l", R"({"metadata":{"name":"l"},"spec":{}})");
  EXPECT_EQ(text(refused, {"details", "kind"}), "leases");
  std::string version = text(there, {"metadata", "resourceVersion"});
  EXPECT_EQ(
      say("PUT", leases + "/l",
          R"({"metadata":{"name":"l","resourceVersion":")" + version + R"("},"spec":{"leaseDurationSeconds":6}})"),
      "200");
}

TEST_F(Write, APutThatMakesNeedsTheRightToCreate) {
  ask("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
      R"({"metadata":{"name":"r"},"rules":[{"verbs":["update"],"apiGroups":["*"],"resources":["leases"]}]})");
  ask("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
      R"({"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"r"},
          "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"jane"}]})");
  KeptAnswer answer =
      request("PUT", leases + "/l", R"({"metadata":{"name":"l"},"spec":{}})", "application/json", "jane");
  EXPECT_EQ(answer.status, 403);
  EXPECT_THAT(answer.body, testing::HasSubstr("cannot create resource"));
}

TEST_F(Write, WhatIsTakenSaysWhy) {
  ask("POST", maps, R"({"metadata":{"name":"x","finalizers":["a.io/f"]}})");
  EXPECT_EQ(say("POST", maps, R"({"metadata":{"name":"x"}})"), "409 configmaps \"x\" already exists");
  EXPECT_EQ(say("POST", maps, R"({"metadata":{"name":"x","generateName":"y-"}})"),
            "409 configmaps \"x\" already exists, the server was not able to generate a unique name for the object");
  ask("DELETE", maps + "/x");
  EXPECT_EQ(say("POST", maps, R"({"metadata":{"name":"x"}})"),
            "409 object is being deleted: configmaps \"x\" already exists");
  EXPECT_EQ(say("POST", maps + "?dryRun=All", R"({"metadata":{"name":"x"}})"),
            "409 object is being deleted: configmaps \"x\" already exists");
}

TEST_F(Write, ADeletionIsNotForClientsToMakeUp) {
  ask("POST", maps, R"({"metadata":{"name":"x"}})");
  EXPECT_THAT(say("PATCH", maps + "/x", R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})", merge),
              StartsWith("422 ConfigMap \"x\" is invalid: metadata.deletionTimestamp: Invalid value:"));
  ask("PATCH", maps + "/x", R"({"metadata":{"finalizers":["a.io/f"]}})", merge);
  ask("DELETE", maps + "/x");
  json::Value kept = ask("PATCH", maps + "/x", R"({"metadata":{"deletionTimestamp":null},"data":{"a":"1"}})", merge);
  EXPECT_EQ(code, 200);
  EXPECT_EQ(text(kept, {"metadata", "deletionTimestamp"}), "2026-11-25T10:00:00Z");
}

TEST_F(Write, AnOwnerIsNamedOnce) {
  const std::string owner = R"({"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":"u"})";
  KeptAnswer answer =
      request("POST", maps, R"({"metadata":{"name":"x","ownerReferences":[)" + owner + "," + owner + "]}}");
  EXPECT_EQ(answer.status, 201);
  EXPECT_THAT(answer.headers.get("Warning"),
              testing::HasSubstr(".metadata.ownerReferences contains duplicate entries; API server dedups"));
  json::Value made = *json::parse(answer.body, json::Storage());
  EXPECT_EQ(json::array_at(made, {"metadata", "ownerReferences"})->size(), 1u);
}

TEST_F(Write, APatchIsReadForAnObjectThatIsThere) {
  EXPECT_EQ(say("PATCH", maps + "/none", "{", merge), "404 configmaps \"none\" not found");
}

TEST_F(Write, ServicesThatTheClusterCannotHaveAreRefusedBeforeTheirFieldsAreJudged) {
  const std::string services = "/api/v1/namespaces/default/services";
  ask("POST", services, R"({"metadata":{"name":"x"},"spec":{"clusterIP":"None","ports":[{"port":1}]}})");
  EXPECT_EQ(
      say("PATCH", services + "/x", R"({"spec":{"clusterIP":"10.96.77.7"}})", merge),
      "422 Service \"x\" is invalid: [spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not "
      "configured for dual-stack services, spec.ipFamilies[1]: Invalid value: \"IPv6\": not configured on this "
      "cluster]");
  EXPECT_EQ(
      say("POST", services, R"({"metadata":{"name":"y"},"spec":{"ipFamilies":["IPv6"],"ports":[{"port":0}]}})"),
      "422 Service \"y\" is invalid: spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster");
  EXPECT_EQ(say("POST", services, R"({"metadata":{"name":"y"},"spec":{"clusterIP":"10.1.1.1","ports":[{"port":1}]}})"),
            "422 Service \"y\" is invalid: spec.clusterIPs: Invalid value: [\"10.1.1.1\"]: failed to allocate IP "
            "10.1.1.1: the provided network does not match the current range");
}

TEST_F(Write, PortsOfOneNumberShareTheirNodePort) {
  json::Value made = ask("POST", "/api/v1/namespaces/default/services",
                         R"({"metadata":{"name":"x"},"spec":{"type":"NodePort","ports":[
                             {"name":"a","port":53,"protocol":"TCP"},{"name":"b","port":53,"protocol":"UDP"}]}})");
  const json::Array* ports = json::array_at(made, {"spec", "ports"});
  ASSERT_TRUE(ports && ports->size() == 2);
  EXPECT_EQ(json::int_at((*ports)[0], {"nodePort"}), json::int_at((*ports)[1], {"nodePort"}));
}

}  // namespace
}  // namespace gatepost::apiserver
