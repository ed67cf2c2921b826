// What tests of custom resources share: JSON from text, and a served definition made of a schema.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "json/parse.h"
#include "kube/crd/definition.h"
#include "kube/status.h"

namespace gatepost::kube::crd {

inline json::Value parsed(const std::string& text) {
  auto value = json::parse(text, json::Storage());
  EXPECT_TRUE(value) << text;
  return value ? std::move(*value) : json::Value();
}

// "field: message" of each.
inline std::vector<std::string> lines(const std::vector<FieldError>& errors) {
  std::vector<std::string> out;
  for (const FieldError& error : errors) out.push_back(error.field + ": " + error.message);
  return out;
}

// acme.io/v1 Widget, established, with `schema` and what else `version` says of it.
inline std::shared_ptr<const Definition> definition_of(const std::string& schema, const std::string& version = "") {
  auto made = compile(
      parsed(R"({"metadata":{"name":"widgets.acme.io","uid":"u"},"spec":{"group":"acme.io","scope":"Namespaced",)"
             R"("versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":)" +
             schema + "}" + version +
             R"(}]},"status":{"acceptedNames":{"plural":"widgets","singular":"widget","kind":"Widget",)"
             R"("listKind":"WidgetList"}}})"),
      1, nullptr);
  EXPECT_TRUE(made) << (made ? "" : made.error().text);
  return made ? *made : nullptr;
}

inline std::shared_ptr<ResourceInfo> resource_of(const std::string& schema, const std::string& version = "") {
  return resources_of(definition_of(schema, version)).front();
}

}  // namespace gatepost::kube::crd
