// Who is meant to write the caBundle of a configuration: cert-manager's ca-injector, OpenShift's service-ca, several
// writers at once.
#pragma once

#include "diagnose/subject.h"

namespace gatepost::diagnose {

// Facts injection-asked, injection-impossible (the annotation cannot work), injector-missing (nobody acts on it) and
// two-writers. Needs the namespaces of cert-manager's objects loaded where the annotation names one.
void check_injection(const Subject& subject, const Cluster& cluster, Case& out);

// The namespaces whose objects the annotations name, and those where an injector may run.
std::set<std::string> injection_namespaces(const Subject& subject, const Cluster& cluster);

// The Secret whose CA an annotation asks for, by its name or through a Certificate, as "<namespace>/<name>", or "".
std::string injection_secret(const Subject& subject, const Cluster& cluster);

}  // namespace gatepost::diagnose
