// The directory that KUBEBUILDER_ASSETS names: this program under the names etcd, kube-apiserver and kubectl. Started
// under one of them it plays that part.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::envtest {

// Makes DIR and fills it: a copy of the running program, and two more names for it.
Result<void> write_assets(const std::string& directory);

// The directory as an environment variable may name it.
std::string absolute_path(const std::string& directory);

// The exit code of the part that the name of the program asks for; nothing: it is no such name.
std::optional<int> play_part(std::string_view program, std::span<const std::string> arguments);

// kubectl is not ours: the next one on PATH runs, or a line tells that there is none.
int run_kubectl(std::span<const std::string> arguments);

}  // namespace gatepost::envtest
