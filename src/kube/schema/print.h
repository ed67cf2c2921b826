// Objects as kube-apiserver prints them: the fields of built-in kinds in the order of their Go structs, the keys of
// maps and of kinds without a Go type sorted. The tree's own order does not matter.
#pragma once

#include <string>

#include "json/value.h"
#include "kube/schema/types.h"

namespace gatepost::kube {

enum class PrintForm {
  decoded,  // as the tree is
  stored,   // as it comes back from the store, where protobuf does not tell an empty list or map from none
};

// An object with its kind and apiVersion.
void print(const json::Value& object, PrintForm form, std::string& out);

// A value of a type; null: of a kind without a Go type.
void print(const json::Value& value, const Schema* schema, PrintForm form, std::string& out);

}  // namespace gatepost::kube
