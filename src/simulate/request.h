// A controller's write as the request that admission sees.
#pragma once

#include "admission/attributes.h"
#include "kube/registry/registry.h"
#include "simulate/controller.h"

namespace gatepost::simulate {

// Takes `write.object` and `old_object` over.
admission::Attributes attributes_of(Write& write, const kube::ResourceInfo& resource, const json::Value& old_object);

// The groups of a controller's or a node's account.
admission::UserInfo user_of(const std::string& name);

// Whether the PodDisruptionBudgets that select the pod let it be evicted now.
bool budgets_allow(const Item& pod, const Cache& cache);

}  // namespace gatepost::simulate
