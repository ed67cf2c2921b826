// Log lines in klog's format, as kube-apiserver writes them:
//   W1125 10:00:00.000000    1234 dispatcher.go:217] Failed calling webhook, failing closed ...
// A whole line is one write, so that lines of several threads do not mix.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace gatepost::klog {

enum class Severity : char { info = 'I', warning = 'W', error = 'E' };

// The line with its header and a newline. `where` is "file:line". Local time, as klog.
std::string format(Severity severity, WallTime time, int pid, std::string_view where, std::string_view message);

// Writes to stderr.
void write(Severity severity, std::string_view where, std::string_view message);

}  // namespace gatepost::klog
