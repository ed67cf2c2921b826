// What a client learns of the server before it asks for anything: groups, versions, resources.
#include "apiserver/desk.h"

namespace gatepost::apiserver {
namespace {

using testing::Desk;
using testing::Told;

const json::Value* named(const json::Value& list, const char* key, std::string_view name) {
  if (const json::Array* entries = json::array_at(list, {key}))
    for (const json::Value& entry : *entries)
      if (json::string_at(entry, {"name"}) == name) return &entry;
  return nullptr;
}

TEST(Discovery, Plain) {
  Desk desk;
  EXPECT_EQ(json::string_at(desk.get("/api").json(), {"kind"}), "APIVersions");
  const json::Value groups = desk.get("/apis").json();
  EXPECT_EQ(json::string_at(groups, {"kind"}), "APIGroupList");
  const json::Value* apps = named(groups, "groups", "apps");
  ASSERT_TRUE(apps);
  EXPECT_EQ(json::string_at(*apps, {"preferredVersion", "groupVersion"}), "apps/v1");
  const json::Value* scaling = named(groups, "groups", "autoscaling");
  ASSERT_TRUE(scaling);
  EXPECT_EQ(json::string_at(*scaling, {"preferredVersion", "version"}), "v2");
  EXPECT_EQ(json::array_at(*scaling, {"versions"})->size(), 2u);
  EXPECT_EQ(json::string_at(desk.get("/apis/apps").json(), {"kind"}), "APIGroup");
}

TEST(Discovery, Resources) {
  Desk desk;
  const json::Value core = desk.get("/api/v1").json();
  EXPECT_EQ(json::string_at(core, {"groupVersion"}), "v1");
  const json::Value* pods = named(core, "resources", "pods");
  ASSERT_TRUE(pods);
  EXPECT_EQ(json::write(*pods),
            R"({"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["create","delete",)"
            R"("deletecollection","get","list","patch","update","watch"],"shortNames":["po"],"categories":["all"]})");
  const json::Value* eviction = named(core, "resources", "pods/eviction");
  ASSERT_TRUE(eviction);
  EXPECT_EQ(json::string_at(*eviction, {"group"}), "policy");
  EXPECT_EQ(json::string_at(*eviction, {"kind"}), "Eviction");
  ASSERT_TRUE(named(desk.get("/apis/apps/v1").json(), "resources", "deployments/scale"));
}

TEST(Discovery, Aggregated) {
  Desk desk;
  const std::string accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  for (const char* path : {"/api", "/apis"}) {
    Told told = desk.get(path, {{"Accept", accept + ",application/json"}});
    EXPECT_EQ(told.headers.get("Content-Type"), accept) << path;
    EXPECT_EQ(json::string_at(told.json(), {"kind"}), "APIGroupDiscoveryList") << path;
    EXPECT_FALSE(json::array_at(told.json(), {"items"})->empty()) << path;
  }
}

TEST(Discovery, WhatIsNotServed) {
  Desk desk;
  for (const char* path : {"/apis/none.example.com", "/apis/apps/v9", "/api/v2", "/nothing"})
    EXPECT_EQ(desk.get(path).status, 404) << path;
  EXPECT_EQ(desk.get("/apis/apps/v1/namespaces/a/nothing").verdict(),
            "404 the server could not find the requested resource");
}

}  // namespace
}  // namespace gatepost::apiserver
