// The remedies, one a file: each looks at an unhealthy webhook and gives a repair, or says why it has none. Pure, but
// for renew-certificate, which makes keys.
#pragma once

#include <set>
#include <string>

#include "remedy/scene.h"

namespace gatepost::remedy {

// The CA that signs what is served goes into caBundle, from a source that can be trusted; where ca-injector owns the
// field, its annotation is repaired instead.
Proposal resync_ca_bundle(Scene& scene, const Ill& ill);
// The Secret holds a good certificate and another one is served: rollout restart.
Proposal restart_stale_backend(Scene& scene, const Ill& ill);
// cert-manager issues again; or an own CA and certificate go into the Secret and the bundle.
Proposal renew_certificate(Scene& scene, const Ill& ill);

// Exclude the backend's namespace, then fail open, then delete; wait; put it back with the exclusions kept.
enum class Emergency { no, yes };  // yes: at once, without waiting for the narrower way to fail
Proposal break_deadlock(Scene& scene, const Ill& ill, Emergency emergency);

// Port, target port, path, namespace, selector, name: only where one candidate fits.
Proposal fix_service_reference(Scene& scene, const Ill& ill);
Proposal delete_stale_configuration(Scene& scene, const Ill& ill);

Proposal raise_timeout(Scene& scene, const Ill& ill);
Proposal lower_timeout(Scene& scene, const Ill& ill);

Proposal scale_backend(Scene& scene, const Ill& ill);
Proposal exclude_namespaces(Scene& scene, const Ill& ill);
Proposal set_failure_policy(Scene& scene, const Ill& ill);

// Adds "namespace is none of these" to the webhook's namespaceSelector. False where they are left out already.
bool add_exclusion(json::Value& entry, const std::set<std::string>& namespaces);

}  // namespace gatepost::remedy
