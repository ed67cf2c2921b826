// What a controller asks of the API server, without a connection: the way of its requests through admission, strategy
// and validation is that of everybody's, as one of kube-controller-manager's service accounts.
#pragma once

#include <string>

#include "apiserver/call.h"
#include "apiserver/options.h"
#include "apiserver/write.h"

namespace gatepost::apiserver {

class Agent {
 public:
  // `account`: the service account in kube-system, such as "namespace-controller". `deps` outlives the agent.
  Agent(const Deps& deps, std::string account) : deps_(deps), account_(std::move(account)) {}

  // NotFound is no error: it is gone. `resource` is of a registry that the caller holds until the task has ended.
  net::Task<kube::ApiResult<void>> remove(const kube::ResourceInfo& resource, storage::Key key, DeleteOptions options);
  // `subresource`: "" or one that changes the object itself, such as "status" or "finalize".
  net::Task<kube::ApiResult<void>> change(const kube::ResourceInfo& resource, storage::Key key, std::string subresource,
                                          Change change);

  const Deps& deps() const { return deps_; }

 private:
  const Deps& deps_;
  std::string account_;
};

// How objects of a collection are stored: the resource whose version and group those are. Null: not served.
const kube::ResourceInfo* stored_resource(const kube::Registry& registry, std::string_view collection);

// DeleteOptions with only these set.
DeleteOptions delete_options(std::string propagation_policy, std::string uid);

}  // namespace gatepost::apiserver
