// The way of a deletion: admission, preconditions, grace, finalizers, the store.
#pragma once

#include "apiserver/call.h"
#include "apiserver/options.h"

namespace gatepost::apiserver {

// Deletes the object that call.info names. An object with finalizers or a grace period is only marked.
Handled<> remove_object(Call& call, DeleteOptions options);

}  // namespace gatepost::apiserver
