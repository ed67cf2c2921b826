// Subresources that connect a client with a pod, a service or a node: exec, attach, portforward, proxy. The query is an
// options object (PodExecOptions, ...), which admission sees under the operation CONNECT.
#pragma once

#include "apiserver/call.h"

namespace gatepost::apiserver {

// True for the subresources above.
bool is_connect(const Call& call);

// The options object that the query stands for, with kind and apiVersion, as core/v1 prints it.
json::Value connect_options(const Call& call);

// Admission of the connection, mutating and validating.
Handled<bool> admit_connect(Call& call);

}  // namespace gatepost::apiserver
