// The service and pod proxy: /api/v1/namespaces/NS/services/[SCHEME:]NAME[:PORT]/proxy/PATH. The way to a Service is
// read from its Endpoints and the pods' addresses, and certificates are not judged, as in kube-apiserver.
#pragma once

#include "apiserver/call.h"

namespace gatepost::apiserver {

bool is_proxy(const Call& call);
Handled<> handle_proxy(Call& call);

}  // namespace gatepost::apiserver
