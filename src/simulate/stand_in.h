// The stand-in for a webhook's backend: a client that resolves the Service for real and then, instead of TLS and HTTP,
// lets the scenario decide what the backend does: allow, or fail in the words of the real client.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "admission/make_client.h"
#include "simulate/fault.h"

namespace gatepost::simulate {

// What the cluster decides for one call.
struct Played {
  Fault fault = Fault::none;
  std::string address;  // for the error's text; empty: the one that was dialled
  WallTime now;
  bool real_time = false;  // a slow backend makes the caller wait
};

// Asked for every call that reached a backend. `service` is "namespace/name", or the URL's host for a webhook that
// names a URL; `waits` is what a slow backend makes the caller wait.
using Play = std::function<Played(const std::string& service, std::chrono::nanoseconds waits)>;

// The dialer that goes with them (admission::Dependencies::dial): what it gives is never written to.
net::http::Dialer played_dialer();

admission::MakeClient stand_in_clients(std::shared_ptr<const FaultTexts> texts, Play play);

// The answer of a backend that allows everything, for the review in `body`.
std::string allowing_answer(std::string_view body);

}  // namespace gatepost::simulate
