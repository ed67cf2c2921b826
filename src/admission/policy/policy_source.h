// The policies of one type that have a binding, with their bindings, in order of their names: compiled when a policy
// changes, found by what a request is about.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "admission/policy/policy.h"
#include "storage/storage.h"

namespace gatepost::admission {

struct BoundPolicy {
  std::shared_ptr<const Policy> policy;
  std::vector<std::shared_ptr<const Binding>> bindings;
  bool asks_authorizer = false, asks_namespace = false;  // `authorizer`, `namespaceObject`
};

class PolicySource {
 public:
  // `store` outlives us.
  PolicySource(storage::Storage& store, PolicyType type);

  // Those whose rules may match. Remembered until a policy or binding changes; good until then.
  using Candidates = std::vector<const BoundPolicy*>;
  const Candidates& candidates(const Attributes& attributes, const ResourceMatcher& matcher);

 private:
  void put_policy(const std::string& name, const std::string& bytes);
  void put_binding(const std::string& name, const std::string& bytes);
  void rebuild();

  PolicyType type_;
  std::map<std::string, std::shared_ptr<const Policy>> policies_;
  std::map<std::string, std::shared_ptr<const Binding>> bindings_;
  std::vector<BoundPolicy> bound_;
  std::unordered_map<std::string, Candidates> answers_;
  std::vector<storage::Subscription> subscriptions_;
};

}  // namespace gatepost::admission
