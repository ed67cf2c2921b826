// Definition: one CustomResourceDefinition, compiled: what serving its objects needs, so that a request reads no
// schema. Immutable and shared; a request keeps the one it began with while the definition changes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/crd/json_path.h"
#include "kube/crd/rules.h"
#include "kube/crd/schema.h"
#include "kube/registry/registry.h"

namespace gatepost::kube::crd {

class MergeSchema;

inline constexpr std::string_view collection = "apiextensions.k8s.io/customresourcedefinitions";
// Holds a definition that is going away until its objects are gone.
inline constexpr std::string_view cleanup_finalizer = "customresourcecleanup.apiextensions.k8s.io";

// One of additionalPrinterColumns.
struct Column {
  std::string name, type, format, description, text;  // text: the path as written
  std::int64_t priority = 0;
  JsonPath path;
};

struct Scale {
  std::vector<std::string> spec_replicas, status_replicas;  // {"spec", "replicas"}
  std::vector<std::string> label_selector;                  // empty: none
};

struct Version {
  std::string name;
  bool served = false, storage = false, deprecated = false;
  std::string deprecation_warning;  // said to every request of a deprecated version
  std::shared_ptr<const Schema> schema;
  std::shared_ptr<const MergeSchema> merge_schema;
  std::unique_ptr<const Rules> rules;  // null: no x-kubernetes-validations
  bool has_status = false;
  std::optional<Scale> scale;
  std::vector<Column> columns;
  std::vector<JsonPath> selectable;
  std::vector<std::string> selectable_names;  // "spec.color"
};

struct ConversionWebhook {
  json::Value client_config;  // as stored
  std::vector<std::string> review_versions;
};

struct Definition {
  std::string name, uid, group;
  std::string plural, singular, kind, list_kind;  // accepted ones
  std::vector<std::string> short_names, categories;
  bool namespaced = true, terminating = false, preserve_unknown_fields = false;
  std::vector<Version> versions;
  std::string storage_version;
  std::optional<ConversionWebhook> conversion;  // none: versions differ in name only
  std::string spec_text;                        // the spec it was made of, to see whether it changed
  std::uint64_t schema_revision = 0;            // objects written since then are of these schemas

  const Version* version(std::string_view version_name) const;
};

// Of a stored definition that is established; fails when its schemas cannot be read. `before`: what was made of it
// last time, whose schemas are used again when the spec is the same.
Result<std::shared_ptr<const Definition>> compile(const json::Value& object, std::uint64_t revision,
                                                  const std::shared_ptr<const Definition>& before);

// Whether a condition of the definition's status is True.
bool has_condition(const json::Value& object, std::string_view type);

// The resources that a definition serves, one for each version.
std::vector<std::shared_ptr<ResourceInfo>> resources_of(const std::shared_ptr<const Definition>& definition);

// Kubernetes' order of versions: v2 before v1 before v1beta1 before other names; true when `a` comes first.
bool version_before(std::string_view a, std::string_view b);

}  // namespace gatepost::kube::crd
