// The last lines that a crashed container wrote, and the events that carry a webhook's error: what others saw. Anything
// that looks like a credential is taken out.
#pragma once

#include <string>
#include <string_view>

#include "client/rest.h"
#include "diagnose/subject.h"

namespace gatepost::diagnose {

// Reads the logs of the case's crashed containers.
net::Task<void> show_log_lines(client::Rest* rest, std::string ns, Case* found);

// Events whose message is this webhook's error: who was refused, how often, when. Fills count, firstSeen, lastSeen.
void check_carried(const Subject& subject, const Cluster& cluster, Case& out);

// `text` with what looks like a token, key or password replaced.
std::string without_secrets(std::string_view text);

}  // namespace gatepost::diagnose
