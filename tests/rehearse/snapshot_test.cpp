#include "rehearse/snapshot.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "yaml/convert.h"

namespace gatepost::rehearse {
namespace {

json::Value read(const std::string& text) {
  auto parsed = yaml::parse(text, json::make_arena());
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text);
  return parsed ? std::move(*parsed) : json::Value();
}

constexpr const char* pod =
    "apiVersion: v1\nkind: Pod\n"
    "metadata: {name: web-1, namespace: shop, labels: {app: web}, annotations: {note: hidden},\n"
    "  ownerReferences: [{kind: ReplicaSet, name: web, uid: u, controller: true}]}\n"
    "spec:\n  nodeName: n1\n  containers:\n  - {name: c, image: reg.corp/web, command: [hidden], env: [{name: P, "
    "value: hidden}]}\n"
    "  volumes: [{name: v, secret: {secretName: hidden}}]\nstatus: {phase: Running, podIP: 10.0.0.1}\n";

TEST(Snapshot, KeepsNoSecrets) {
  const std::string kept = json::write(kept_part(read(pod)));
  EXPECT_EQ(kept.find("hidden"), std::string::npos) << kept;
  EXPECT_NE(kept.find("\"nodeName\":\"n1\""), std::string::npos) << kept;
  const std::string hooks = json::write(kept_part(
      read("apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: a}\n"
           "webhooks: [{name: w, clientConfig: {caBundle: aGlkZGVu, service: {name: s, namespace: n}}}]\n")));
  EXPECT_EQ(hooks.find("caBundle"), std::string::npos) << hooks;
}

TEST(Snapshot, MaskedNamesStillMeet) {
  std::vector<json::Value> objects;
  objects.push_back(kept_part(read(pod)));
  objects.push_back(kept_part(
      read("apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}}\n")));
  mask_names(objects, "salt");
  for (const json::Value& object : objects) {
    const std::string text = json::write(object);
    for (const char* name : {"web", "shop", "reg.corp", "n1"})
      EXPECT_EQ(text.find("\"" + std::string(name)), std::string::npos) << text;
  }
  EXPECT_EQ(json::string_at(objects[0], {"metadata", "namespace"}),
            json::string_at(objects[1], {"metadata", "namespace"}));
  EXPECT_EQ(json::string_at(objects[0], {"metadata", "labels", "app"}),
            json::string_at(objects[1], {"spec", "selector", "app"}));
  const json::Array* owners = json::array_at(objects[0], {"metadata", "ownerReferences"});
  ASSERT_TRUE(owners);
  // A pod is still known by its owner's name.
  EXPECT_TRUE(
      json::string_at(objects[0], {"metadata", "name"}).starts_with(json::string_at(owners->front(), {"name"})));
}

}  // namespace
}  // namespace gatepost::rehearse
