// The webhook configuration that points an API server to a backend, so that a fault can be tried with two commands.
#pragma once

#include <string>

#include "backend/faults.h"

namespace gatepost::backend {

// YAML: a configuration called gatepost-backend with one webhook for the creation of pods and config maps. It mutates
// where the fault lies in a patch. `url` is the backend's, `ca_pem` what to trust.
std::string webhook_configuration(const std::string& url, const std::string& ca_pem, const Fault& fault);

}  // namespace gatepost::backend
