// New objects as the API server judges them, and what it was seen to answer.
#pragma once

#include <gtest/gtest.h>
#include <span>
#include <string>

#include "json/parse.h"
#include "kube/patch/patch.h"
#include "kube/schema/object.h"
#include "kube/validation/service.h"
#include "kube/validation/validate.h"

namespace gatepost::kube {

// `complaints`: one line each, "field: message", as kube-apiserver 1.36.3 printed them in details.causes.
struct Judged {
  std::string_view version, kind, object, complaints;
};

// The object as it is when it is judged; nothing if it cannot be read.
struct Prepared {
  json::Value object;
  const ResourceInfo* resource = nullptr;
};

inline Prepared prepared(const Judged& row) {
  std::size_t slash = row.version.find('/');
  GroupVersionKind gvk;
  if (slash != std::string_view::npos) gvk.group = row.version.substr(0, slash);
  gvk.version = row.version.substr(slash == std::string_view::npos ? 0 : slash + 1);
  gvk.kind = row.kind;
  const ResourceInfo* resource = Registry::builtin()->find_kind(gvk.group, gvk.version, gvk.kind);
  auto object = json::parse(row.object, json::make_arena());
  if (!resource || !object) return {};
  apply_merge_patch(*object, *json::parse(R"({"metadata":{"resourceVersion":"1","uid":"u"}})", json::make_arena()));
  if (resource->namespaced)
    apply_merge_patch(*object, *json::parse(R"({"metadata":{"namespace":"default"}})", json::make_arena()));
  object->get_object()["kind"] = gvk.kind;
  object->get_object()["apiVersion"] = row.version;
  EXPECT_TRUE(decode(*object, gvk, FieldValidation::ignore));
  set_defaults(*object, gvk);
  if (gvk.kind == "Service") (void)settle_service(*object, nullptr);
  prepare_for_create(*object, *resource);
  return {std::move(*object), resource};
}

inline std::string complaints_of(const Judged& row) {
  Prepared made = prepared(row);
  if (!made.resource) return "cannot be read";
  std::string out;
  for (const FieldError& error : validate_create(made.object, *made.resource))
    out += (out.empty() ? "" : "\n") + error.field + ": " + error.message;
  return out;
}

inline std::string warnings_of(const Judged& row) {
  Prepared made = prepared(row);
  if (!made.resource) return "cannot be read";
  std::string out;
  for (const std::string& warning : warnings_for(made.object, *made.resource))
    out += (out.empty() ? "" : "\n") + warning;
  return out;
}

inline void expect_judged(std::span<const Judged> rows) {
  for (const Judged& row : rows) EXPECT_EQ(complaints_of(row), row.complaints) << row.kind << " " << row.object;
}

}  // namespace gatepost::kube
