#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "apiserver/manifests/load.h"
#include "apiserver/manifests/local_webhooks.h"
#include "json/write.h"

namespace gatepost::apiserver::manifests {
namespace {

std::vector<Manifest> manifests_of(std::string_view text) {
  std::vector<Manifest> manifests;
  auto read = read_text("a.yaml", text, json::make_arena(), manifests);
  EXPECT_TRUE(read) << read.error().text;
  return manifests;
}

TEST(Manifests, DocumentsAndListsAreTakenApart) {
  const auto manifests = manifests_of(
      "# comment\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n---\n\n---\n"
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n---\n"
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n");
  ASSERT_EQ(manifests.size(), 2u);
  EXPECT_EQ(manifests[0].title(), "ConfigMap x/a");
  EXPECT_EQ(manifests[0].place(), "a.yaml:3");
  EXPECT_EQ(manifests[1].title(), "Secret b");
}

TEST(Manifests, WhatIsWrongIsNamedWithItsLine) {
  const std::pair<const char*, const char*> rows[] = {
      {"apiVersion: v1\nkind: ConfigMap\nmetadata: [", "a.yaml:4: "},
      {"apiVersion: v1\n---\nkind: A\n", "a.yaml:1: kind not set"},
      {"a: 1\n---\nkind: A\n", "a.yaml:1: apiVersion not set"},
      {"- 1\n", "a.yaml:1: this document is no object"},
      {"apiVersion: v1\nkind: A\nkind: B\n", "a.yaml:3: the key \"kind\" stands there twice"},
  };
  for (const auto& [text, expected] : rows) {
    std::vector<Manifest> manifests;
    auto read = read_text("a.yaml", text, json::make_arena(), manifests);
    ASSERT_FALSE(read) << text;
    EXPECT_TRUE(read.error().text.starts_with(expected)) << read.error().text;
  }
}

TEST(Manifests, FoldersAreReadWholeAndInOrder) {
  const auto directory = std::filesystem::temp_directory_path() / ("manifests-" + std::to_string(getpid()));
  std::filesystem::create_directories(directory / "sub");
  std::ofstream(directory / "b.yaml") << "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n";
  std::ofstream(directory / "a.json") << R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}})";
  std::ofstream(directory / "sub/c.yml") << "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";
  std::ofstream(directory / "README.md") << "not: a: manifest\n";
  auto manifests = read({directory.string()}, json::make_arena());
  std::filesystem::remove_all(directory);
  ASSERT_TRUE(manifests) << manifests.error().text;
  std::string names;
  for (const Manifest& manifest : *manifests) names += manifest.name;
  EXPECT_EQ(names, "abc");
  EXPECT_EQ(read({directory.string()}, json::make_arena()).error().text,
            "the path \"" + directory.string() + "\" does not exist");
}

TEST(Manifests, WhatOthersNeedIsLoadedFirstAndWhatWatchesLast) {
  auto manifests = manifests_of(
      "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: w}}\n---\n"
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}\n---\n"
      "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: d}}\n---\n"
      "{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n---\n"
      "{apiVersion: v1, kind: Secret, metadata: {name: s}}\n");
  sort_for_loading(manifests);
  std::string names;
  for (const Manifest& manifest : manifests) names += manifest.name;
  EXPECT_EQ(names, "admsw");
}

TEST(LocalWebhooks, ServicesBecomeTheLocalAddress) {
  const LocalWebhooks local{"127.0.0.1:9443", "CA"};
  const std::tuple<const char*, const char*> rows[] = {
      {"{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, webhooks: "
       "[{name: a, clientConfig: {service: {name: s, namespace: n, path: /mutate}}}, {name: b, clientConfig: {url: u}},"
       " {name: c, clientConfig: {service: {name: s, namespace: n}}}]}",
       R"([{"name":"a","clientConfig":{"url":"https://127.0.0.1:9443/mutate","caBundle":"Q0E="}},)"
       R"({"name":"b","clientConfig":{"url":"u"}},)"
       R"({"name":"c","clientConfig":{"url":"https://127.0.0.1:9443/","caBundle":"Q0E="}}])"},
  };
  for (const auto& [text, expected] : rows) {
    auto manifests = manifests_of(text);
    ASSERT_EQ(manifests.size(), 1u);
    EXPECT_TRUE(is_about_webhooks(manifests[0]));
    point_to(local, manifests[0]);
    EXPECT_EQ(json::write(*json::find(manifests[0].object, "webhooks")), expected);
  }
  auto definition = manifests_of(
      "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {conversion: {strategy: Webhook, "
      "webhook: {clientConfig: {service: {name: s, namespace: n, path: /convert}}}}}}");
  point_to(local, definition[0]);
  EXPECT_EQ(json::string_at(definition[0].object, {"spec", "conversion", "webhook", "clientConfig", "url"}),
            "https://127.0.0.1:9443/convert");
  EXPECT_FALSE(is_about_webhooks(manifests_of("{apiVersion: v1, kind: Service}")[0]));
}

}  // namespace
}  // namespace gatepost::apiserver::manifests
