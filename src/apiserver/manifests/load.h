// Puts manifests into the server before it is ready, by the way that every request takes: server-side apply, as its
// administrator.
#pragma once

#include "apiserver/call.h"
#include "apiserver/manifests/read.h"

namespace gatepost::apiserver::manifests {

// Namespaces first, then definitions of custom resources, everything else as it comes, and what watches over writes
// (webhooks, admission policies) last, so that it does not stand in the way of what it came with.
void sort_for_loading(std::vector<Manifest>& manifests);

// Applies them in their order. The error is the first refusal, with the place of the object.
net::Task<Result<void>> load(const Deps& deps, std::string admin_token, std::vector<Manifest> manifests);

}  // namespace gatepost::apiserver::manifests
