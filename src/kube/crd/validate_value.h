// Whether a value is of a schema, as kube-openapi's validators judge it: the same checks in the same order with the
// same texts.
#pragma once

#include <string>
#include <unordered_map>

#include "json/value.h"
#include "kube/crd/schema.h"
#include "kube/crd/value_error.h"

namespace gatepost::kube::crd {

// `old_value`: the value before a change, null for a new one. What did not change is not judged again (ratcheting).
std::vector<ValueError> validate_value(const json::Value& value, const Schema& schema,
                                       const json::Value* old_value = nullptr);

// x-kubernetes-list-type: items of sets, and keys of items of maps, must be unique.
std::vector<FieldError> validate_list_types(const json::Value& object, const Schema& schema);

// The items of a list before a change, to be found by the keys of those after it: only lists of type map have any.
class OldItems {
 public:
  OldItems(const Schema& list, const json::Value* old_list);
  // Null: there was none.
  const json::Value* matching(const json::Value& item) const;

 private:
  const Schema& list_;
  std::unordered_map<std::string, const json::Value*> by_keys_;
};

}  // namespace gatepost::kube::crd
