// Resources inside resources (x-kubernetes-embedded-resource): their apiVersion, kind and metadata are those of any
// object (apiextensions-apiserver's schema/objectmeta).
#pragma once

#include <string>
#include <vector>

#include "json/value.h"
#include "kube/crd/schema.h"
#include "kube/status.h"

namespace gatepost::kube::crd {

// Decodes metadata of `object` in place as ObjectMeta; the error is the decoder's text. `unknown` gets the paths of
// unknown fields, with `prefix` before them; null: nobody asks.
Result<void> decode_metadata(json::Value& object, const std::string& prefix, std::vector<std::string>* unknown);

// The same for every embedded resource; the root is the caller's.
Result<void> decode_embedded(json::Value& value, const Schema& schema, std::vector<std::string>* unknown);

std::vector<FieldError> validate_embedded(const json::Value& value, const Schema& schema, const std::string& path = {});

}  // namespace gatepost::kube::crd
