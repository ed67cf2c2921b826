// What a webhook blocks while it does not answer.
#pragma once

#include "diagnose/subject.h"

namespace gatepost::diagnose {

// Resources and namespaces that it is called for, and whether it stands in the way of the cluster's own parts.
report::Facts impact_of(const Subject& subject, const Cluster& cluster);

}  // namespace gatepost::diagnose
