// Credentials from a program (client.authentication.k8s.io): it is run once and prints an ExecCredential.
#pragma once

#include <string>

#include "client/kubeconfig.h"

namespace gatepost::client {

struct ExecCredential {
  std::string token, certificate_pem, key_pem;
};

// Runs the program (blocking, at most a minute, 1 MiB of output). The error tells what to install where the program is
// missing and the kubeconfig says it; the program's own words go to standard error.
Result<ExecCredential> run_plugin(const ExecPlugin& plugin, const Connection& connection);

// What a plugin printed.
Result<ExecCredential> read_credential(std::string_view output, const ExecPlugin& plugin);

}  // namespace gatepost::client
