// The options of a write: query parameters (and DeleteOptions bodies) as CreateOptions, UpdateOptions, PatchOptions and
// DeleteOptions, checked as kube-apiserver checks them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apiserver/call.h"
#include "json/value.h"
#include "kube/schema/object.h"

namespace gatepost::apiserver {

struct WriteOptions {
  bool dry_run = false;
  bool force = false;  // apply
  std::string field_manager;
  kube::FieldValidation field_validation = kube::FieldValidation::warn;
  std::string precondition_uid;  // of a PUT that names the uid
  json::Value as_object;         // {"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1",...}: what webhooks see
};

struct DeleteOptions {
  bool dry_run = false;
  std::optional<std::int64_t> grace_period_seconds;
  std::string propagation_policy;         // "", Orphan, Background, Foreground
  std::optional<bool> orphan_dependents;  // the older way to say Orphan
  std::string precondition_uid, precondition_resource_version;
  bool admitted = false;  // admission has already agreed (an eviction's deletion)
  json::Value as_object;
};

// `kind`: CreateOptions, UpdateOptions or PatchOptions.
kube::ApiResult<WriteOptions> read_write_options(const Call& call, std::string_view kind);

// What webhooks see of a patch (UpdateOptions) or of a PUT that makes an object (CreateOptions).
json::Value options_as(std::string_view kind, const json::Value& options);

// From the body if there is one, else from the query.
kube::ApiResult<DeleteOptions> read_delete_options(const Call& call);

}  // namespace gatepost::apiserver
