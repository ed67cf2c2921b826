// A store with policies and bindings, and an Admission on it, all on one loop.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "admission/admission.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/loop.h"

namespace gatepost::admission::policy_testing {
inline json::Value parsed(std::string_view text) {
  auto value = json::parse(text, json::Storage());
  if (!value) throw std::runtime_error(std::string(text) + ": " + value.error().text);
  return *value;
}

constexpr const char* config_maps =
    R"j({"resourceRules":[{"operations":["*"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}],"matchPolicy":"Equivalent"})j";

class Stage {
 public:
  Stage() : store(std::move(*storage::open({":memory:"}))) {
    put("/namespaces", "", "team", R"j({"metadata":{"name":"team","labels":{"stage":"test"}}})j");
    Dependencies dependencies{*store, kube::Registry::builtin()};
    dependencies.authorize = [](const UserInfo& user, const cel::AuthorizationQuestion& question) {
      return cel::AuthorizationAnswer{user.name == "jane" && question.verb == "get", "", ""};
    };
    admission = Admission::make(std::move(dependencies));
  }
  ~Stage() {
    admission.reset();
    loop.run(store->close());
  }

  void put(const std::string& collection, const std::string& ns, const std::string& name, const std::string& bytes) {
    storage::Key key{collection, ns, name};
    auto encode = [bytes](storage::Revision) { return bytes; };
    if (auto present = store->get(key))
      ASSERT_TRUE(loop.run(store->update(key, present->revision, encode)));
    else
      ASSERT_TRUE(loop.run(store->create(key, encode)));
  }

  // A policy for ConfigMaps unless `spec` says otherwise, and a binding for it.
  void policy(const std::string& spec, const std::string& binding = R"j({"validationActions":["Deny"]})j",
              const std::string& name = "p", const char* type = "validating") {
    std::string where = std::string("admissionregistration.k8s.io/") + type + "admissionpolic";
    json::Value full = parsed(spec), bound = parsed(binding);
    if (!full.get_object().contains("matchConstraints")) full.get_object()["matchConstraints"] = parsed(config_maps);
    put(where + "ies", "", name, json::write(json::Object({{"metadata", {{"name", name}}}, {"spec", full}})));
    bound.get_object()["policyName"] = name;
    put(where + "ybindings", "", name + "-b",
        json::write(json::Object({{"metadata", {{"name", name + "-b"}}}, {"spec", bound}})));
  }

  void config_map(const std::string& ns, const std::string& name, const std::string& members) {
    put("/configmaps", ns, name,
        R"j({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")j" + name + R"j(","namespace":")j" + ns +
            R"j(","labels":{"for":"policies"}},)j" + members + "}");
  }

  static Attributes create(const std::string& object = R"j({"apiVersion":"v1","kind":"ConfigMap","metadata":)j"
                                                       R"j({"name":"m","namespace":"team"},"data":{"n":"7"}})j") {
    Attributes out;
    out.kind = {"", "v1", "ConfigMap"};
    out.resource = {"", "v1", "configmaps"};
    out.ns = "team";
    out.name = "m";
    out.object = parsed(object);
    out.user.name = "jane";
    return out;
  }

  std::string validated(Attributes attributes = create()) {
    trail = {};
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    auto result = loop.run(admission->validate(attributes, deadline, trail));
    if (result) return "ok";
    status = result.error();
    return std::to_string(status.code) + " " + status.reason + " " + status.message;
  }

  std::string mutated(Attributes attributes = create()) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    auto result = loop.run(admission->mutate(attributes, deadline, trail));
    if (result) return json::write(attributes.object);
    status = result.error();
    return std::to_string(status.code) + " " + status.reason + " " + status.message;
  }

  net::Loop loop;
  std::unique_ptr<storage::Storage> store;
  std::unique_ptr<Admission> admission;
  Trail trail;
  kube::Status status;
};

}  // namespace gatepost::admission::policy_testing
