// The flags of every command that talks to a cluster: kubectl's.
#pragma once

#include "cli/flags.h"
#include "client/kubeconfig.h"

namespace gatepost::cli {

void add_cluster_flags(Flags& flags, gatepost::client::KubeconfigFlags& connection);
// The same without --cluster, which means something else to `lint`.
void add_connection_flags(Flags& flags, gatepost::client::KubeconfigFlags& connection);

}  // namespace gatepost::cli
