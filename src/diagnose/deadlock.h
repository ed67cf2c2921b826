// Webhooks that keep their own backends from coming back: a dead backend's pods cannot be created because the API
// server would have to call the dead backend (or another one that waits for it).
#pragma once

#include "diagnose/subject.h"

namespace gatepost::diagnose {

// Whether creating pods in the namespace of the webhook's own backend calls the webhook, failing closed.
bool blocks_own_pods(const Subject& subject, const Cluster& cluster);
// The same for the pods of another webhook's backend.
bool blocks_pods_of(const Subject& subject, const Subject& other, const Cluster& cluster);

// The webhooks of a ring in which each one's pods need the next one's webhook, beginning and ending with `subject`;
// empty where there is none. `down` are all webhooks without ready endpoints.
std::vector<const Subject*> ring_of(const Subject& subject, const std::vector<const Subject*>& down,
                                    const Cluster& cluster);

// Facts self-blocked and mutually-blocked, for a webhook without ready endpoints whose pods are missing. `down` are all
// webhooks without ready endpoints, `refusing` the webhooks that events of refused pods name.
void check_deadlock(const Subject& subject, const std::vector<const Subject*>& down,
                    const std::vector<std::string>& refusing, const Cluster& cluster, Case& out);

// Tells of a webhook that still has pods, or whose repair makes new ones, that no pod can come while it is down.
void check_deadlock_ahead(const Subject& subject, const Cluster& cluster, Case& out);

}  // namespace gatepost::diagnose
