// The objects that a Kubernetes server makes for itself at its start: the system's namespaces, the Service
// `kubernetes`, RBAC's default roles and bindings, priority classes.
#pragma once

#include "kube/registry/registry.h"
#include "net/task.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

// Makes those that are missing, in one go; what is there stays as it is. `address` is where this server listens.
net::Task<Result<void>> bootstrap(storage::Storage& store, std::shared_ptr<const kube::Registry> registry,
                                  std::string address);

}  // namespace gatepost::apiserver
