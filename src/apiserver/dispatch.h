// The path of a request, in order: authenticate, impersonate, read what is asked, authorise, route to the verb, answer.
// This is the page to read first.
#pragma once

#include "apiserver/call.h"

namespace gatepost::apiserver {

// Answers one request whole. Never throws; every refusal is a Status.
net::Task<void> dispatch(const Deps& deps, net::http::Request& request, const net::http::Peer& peer,
                         net::http::ResponseWriter& writer);

}  // namespace gatepost::apiserver
