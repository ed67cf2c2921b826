// The patches of the Kubernetes API, as functions from a document to a document. Errors carry the texts that
// kube-apiserver answers (from evanphx/json-patch and apimachinery's strategicpatch).
#pragma once

#include "base/result.h"
#include "json/value.h"
#include "kube/registry/registry.h"
#include "kube/status.h"

namespace gatepost::kube {

enum class PatchType { json, merge, strategic, apply };

// RFC 6902. The error is the library's text ("testing value /data/a failed: test failed"), to be wrapped by the caller:
// the API server wraps it in 422/400, a webhook's patch in an internal error.
Result<void> apply_json_patch(json::Value& document, const json::Value& patch);
// The same from the patch's bytes, with Go's texts for what is no patch at all. Bounded to 10,000 operations.
Result<void> apply_json_patch(json::Value& document, std::string_view patch_bytes);

// RFC 7386.
void apply_merge_patch(json::Value& document, const json::Value& patch);

// Strategic merge by the merge keys and strategies of `kind`'s schema ($patch, $retainKeys, $setElementOrder,
// $deleteFromPrimitiveList).
ApiResult<void> apply_strategic_patch(json::Value& document, const json::Value& patch, const GroupVersionKind& kind);

}  // namespace gatepost::kube
