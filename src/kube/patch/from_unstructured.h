// A strategically patched document -> the kind's Go type: what apimachinery's converter refuses and changes
// (runtime.DefaultUnstructuredConverter), with its texts. It works on JSON's values, not on text, so its texts are
// other ones than decoding's.
#pragma once

#include "json/value.h"
#include "kube/registry/registry.h"

namespace gatepost::kube {

// Changes numbers as Go's conversions do (1.0 becomes 1, an int64 is cut to an int32's bits). The error is that of the
// first field, in the struct's order, that does not fit: "cannot convert int64 to string", "unrecognized type: int32",
// "cannot restore slice from map".
Result<void> from_unstructured(json::Value& document, const GroupVersionKind& kind);

}  // namespace gatepost::kube
