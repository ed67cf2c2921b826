// ApplyConfiguration: a configuration that a policy made, laid over an object by the schema of its kind, with the merge
// of server-side apply (kube/apply).
#pragma once

#include "base/result.h"
#include "json/value.h"
#include "kube/schema/types.h"

namespace gatepost::admission {

// The error has kube-apiserver's text behind "error applying patch: ".
Result<json::Value> apply_configuration(const kube::Schema& schema, const json::Value& object,
                                        json::Value configuration);

}  // namespace gatepost::admission
