// The stand-in for kube-apiserver: our server behind the command line that envtest gives to the real one.
#pragma once

#include <span>
#include <string>

#include "apiserver/server.h"
#include "envtest/go_flags.h"

namespace gatepost::envtest {

// Exit code: 0 after SIGTERM, 1 for anything that keeps it from serving, as kube-apiserver's.
int run_apiserver(std::span<const std::string> arguments);

// What the flags ask of the server; where its data lies is not among it.
Result<apiserver::ServerOptions> server_options(const GoFlags& flags);

// The table of its flags.
const std::vector<FlagSpec>& apiserver_flags();

}  // namespace gatepost::envtest
