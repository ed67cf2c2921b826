// What the controllers of workloads have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulate/controller.h"

namespace gatepost::simulate {

// The key of an object of `collection`, or that of the owner of kind `kind` of a pod; false: the change is neither's.
bool key_of_owner(const Item& item, std::string_view collection, std::string_view kind, std::vector<std::string>& keys);

// Writes the status of `next` as `user` unless it is that of `item` already.
net::Task<kube::ApiResult<void>> write_status(Api& api, ItemPtr item, json::Value next, std::string user);

}  // namespace gatepost::simulate
