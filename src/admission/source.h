// Source: the webhooks of all stored configurations of one kind, in the order in which they are called (by
// configuration name), compiled when a configuration changes. A request asks for those whose rules match its resource;
// the answer for a (resource, subresource, operation, scope) is remembered until a configuration changes, so that idle
// configurations cost nothing.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "admission/hook.h"
#include "admission/predicates/object_selector.h"
#include "kube/registry/registry.h"
#include "storage/storage.h"

namespace gatepost::admission {

// One webhook that a request meets, and the resource in whose version it wants to see the object.
struct Match {
  std::shared_ptr<const Hook> hook;
  Resource resource;
  Kind kind;
  // Labels without which the webhook need not be looked at; none where its namespaceSelector has a say before.
  LabelBits needed_labels = 0;
};

class Source {
 public:
  Source(storage::Storage& store, const kube::Registry& registry, HookType type, TargetCache& targets);

  // By rules and matchPolicy alone.
  std::shared_ptr<const std::vector<Match>> matching(const Attributes& attributes);

 private:
  void put(const std::string& name, const std::string& bytes);
  std::optional<Match> match(const std::shared_ptr<const Hook>& hook, const Attributes& attributes) const;

  const kube::Registry& registry_;
  HookType type_;
  TargetCache& targets_;
  std::uint64_t registry_generation_ = 0;  // that answers_ are of
  std::map<std::string, std::vector<std::shared_ptr<const Hook>>> by_configuration_;
  std::unordered_map<std::string, std::shared_ptr<const std::vector<Match>>> answers_;
  storage::Subscription following_;
};

}  // namespace gatepost::admission
