// How objects find each other.
#pragma once

#include <deque>

#include "lint/webhook.h"

namespace gatepost::lint {

// The webhooks of a configuration; nothing for other kinds.
void read_webhooks(const Manifest& configuration, std::deque<Webhook>& out);

// Whether labels hold all of a Service's selector.
bool carries(const json::Object* labels, const json::Object& selector);

// The entry of the Service's ports that has this number; null if none has.
const json::Value* service_port(const Manifest& service, std::int64_t number);

// The number of the container port behind the webhook's Service port, by the first workload that tells; 0: unknown.
std::int64_t container_port(const Webhook& webhook);

// Whether a label selector object (of a budget, a policy, a spread constraint) selects the workload's pods. An empty
// one selects all.
bool selects_pods(const json::Value* selector, const Workload& workload);

}  // namespace gatepost::lint
