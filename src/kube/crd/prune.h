// What decoding does to a custom resource beyond JSON: fields that the schema does not know are dropped, defaults are
// filled in, nulls that are not allowed vanish (apiextensions-apiserver's schema/pruning and schema/defaulting).
// Everything works in place.
#pragma once

#include <string>
#include <vector>

#include "json/value.h"
#include "kube/crd/schema.h"

namespace gatepost::kube::crd {

// Whether apiVersion, kind and metadata belong to the value without being in the schema.
enum class Root { no, yes };

// Paths of what was dropped ("spec.a[0].b") go to `unknown`, sorted; null: nobody asks.
void prune(json::Value& value, const Schema& schema, Root root, std::vector<std::string>* unknown);

// Drops null fields whose schema neither allows null nor has a default.
void prune_nulls(json::Value& value, const Schema* schema);

void set_defaults(json::Value& value, const Schema& schema);

}  // namespace gatepost::kube::crd
