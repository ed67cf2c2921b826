// The objects that a Kubernetes server makes for itself at its start: the system's namespaces, the Service
// `kubernetes`, RBAC's default roles and bindings, priority classes.
#pragma once

#include "apiserver/service_range.h"
#include "kube/registry/registry.h"
#include "net/task.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

// Makes those that are missing, in one go; what is there stays as it is. `address` is where this server is reached,
// host and port; `services` holds the address of the Service `kubernetes`.
net::Task<Result<void>> bootstrap(storage::Storage& store, std::shared_ptr<const kube::Registry> registry,
                                  std::string address, ServiceRange services = {});

}  // namespace gatepost::apiserver
