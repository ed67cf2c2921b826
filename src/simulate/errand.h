// One request to the embedded server without a connection, as whoever it may be: through the handlers that everybody's
// requests take, behind authentication and authorisation.
#pragma once

#include <string>

#include "apiserver/call.h"
#include "simulate/controller.h"

namespace gatepost::simulate {

// The error is the server's answer.
net::Task<kube::ApiResult<void>> send(const apiserver::Deps* deps, Write write);

// A merge patch of an object that everybody may read, such as an Event's count.
net::Task<kube::ApiResult<void>> send_patch(const apiserver::Deps* deps, storage::Key key, std::string patch,
                                            std::string user);

}  // namespace gatepost::simulate
