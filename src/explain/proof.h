// What the text proves beyond the tail: a budget that earlier webhooks ate, a kubelet that answered, a proxy in the API
// server's environment, a webhook of another product than the one being installed.
#pragma once

#include <string_view>
#include <vector>

#include "explain/occurrence.h"
#include "report/finding.h"

namespace gatepost::explain {

// `text` is what surrounds the error (a whole paste, or the line of a log); `longest_timeout` the largest ?timeout=
// seen for the same webhook, which its timeoutSeconds cannot be below.
std::vector<report::Evidence> prove(const Occurrence& error, std::string_view text, std::optional<int> longest_timeout);

}  // namespace gatepost::explain
