// How the client of a webhook is made: the seam where a backend is played instead of called.
#pragma once

#include <functional>
#include <memory>

#include "net/http/client.h"

namespace gatepost::admission {

struct ClientConfig;

// `options.dial` resolves the Service and dials. Empty: net::http::Client::make.
using MakeClient =
    std::function<std::shared_ptr<net::http::Client>(const ClientConfig& config, net::http::ClientOptions options)>;

}  // namespace gatepost::admission
