// Every text of this layer that a client or the log sees.
#pragma once

#include <string>

#include "json/value.h"
#include "kube/status.h"

namespace gatepost::admission {

// `failed calling webhook "x": failed to call webhook: <why>`
std::string call_failed(const std::string& webhook, const std::string& why);
// `failed calling webhook "x": <why>`
std::string webhook_failed(const std::string& webhook, const std::string& why);

// The answer to a denial, from the webhook's `status` (null: none).
kube::Status denied(const std::string& webhook, const json::Value& status);

// What client-go makes of an HTTP status that is no success, and of a Status object in its body.
std::string http_status_text(int status, std::string_view body);

// A patch where there is no object (DELETE, CONNECT).
std::string cannot_modify(const std::string& webhook);
// A patch of a type that is not JSONPatch.
std::string unsupported_patch(const std::string& type);

// A dry run met a webhook that has side effects.
kube::Status dry_run_unsupported(const std::string& webhook);

}  // namespace gatepost::admission
