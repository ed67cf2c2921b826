// The stand-in for etcd: it answers the health check that envtest waits for, and tells the stand-in for kube-apiserver
// where objects are kept. It stores nothing itself.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "net/task.h"

namespace gatepost::envtest {

// Exit code: 0 after SIGTERM; 2 for a wrong command line, as etcd's; 1 when it cannot serve.
int run_etcd(std::span<const std::string> arguments);

// The directory for the objects of the stand-in that answers at `url`; empty when a real etcd (or anything else)
// answers there. The error says that nothing does.
net::Task<Result<std::string>> ask_for_data(std::string url);

}  // namespace gatepost::envtest
