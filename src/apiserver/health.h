// /healthz, /livez and /readyz, with kube-apiserver's names of checks.
#pragma once

#include <optional>
#include <string>

#include "apiserver/request_info.h"

namespace gatepost::apiserver {

// "ok", or the list of checks with ?verbose; nullopt when the path is not about health.
std::optional<std::string> health_text(std::string_view path, const Query& query);

// What /version says: this server speaks for Kubernetes 1.36.
std::string version_document();

}  // namespace gatepost::apiserver
