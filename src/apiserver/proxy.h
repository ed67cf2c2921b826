// The service and pod proxy: /api/v1/namespaces/NS/services/[SCHEME:]NAME[:PORT]/proxy/PATH. The way to a Service is
// read from its Endpoints and the pods' addresses, and certificates are not judged, as in kube-apiserver.
#pragma once

#include "apiserver/call.h"

namespace gatepost::apiserver {

bool is_proxy(const Call& call);
Handled<> handle_proxy(Call& call);

// Sends the call's request on to `url`, without judging certificates, and its answer back. The error is the transport's
// text; nothing was sent to the client then.
net::Task<Result<Answer>> forward(Call& call, std::string url);

// "10.0.0.1:80", "[::1]:80"
std::string host_port(std::string_view host, std::int64_t port);

}  // namespace gatepost::apiserver
