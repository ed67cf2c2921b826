// namespaceSelector: is the namespace of a request one that the webhook asks for? Labels are read from the store when
// they are first needed and kept until their namespace changes.
#pragma once

#include <string>
#include <unordered_map>

#include "admission/attributes.h"
#include "kube/selector/selector.h"
#include "kube/status.h"
#include "storage/storage.h"

namespace gatepost::admission {

class NamespaceLabels {
 public:
  // `store` outlives us.
  explicit NamespaceLabels(storage::Storage& store);

  // Null when the namespace has no labels. The error is the 404 for a namespace that is not there. The pointer is good
  // until the namespace changes.
  kube::ApiResult<const json::Object*> of(const std::string& ns);

 private:
  storage::Storage& store_;
  std::unordered_map<std::string, json::Value> known_;
  storage::Subscription following_;
};

// Objects of the cluster scope match, except Namespaces, which are judged by their own labels: the new ones on create
// and update, the stored ones on delete.
kube::ApiResult<bool> matches_namespace(const Result<kube::LabelSelector>& selector, const Attributes& attributes,
                                        NamespaceLabels& labels);

}  // namespace gatepost::admission
