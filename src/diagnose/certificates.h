// Three facts kept apart: the certificate in the Secret, the one that is served, the caBundle. Each pair that differs
// has its own cause. Only subjects, dates and fingerprints are ever printed.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "diagnose/backend.h"

namespace gatepost::diagnose {

// "<name>" of each Secret that the backend's pods (or their template) mount.
std::vector<std::string> mounted_secrets(const Backend& backend);

// What a handshake showed: DER, leaf first.
struct Served {
  std::string address;
  std::vector<std::string> chain;
};

// Facts bundle-empty, bundle-broken; secret-good (what it holds would be accepted), secret-expired, secret-misnamed,
// secret-untrusted; served-as-secret, served-otherwise, secret-ca-accepts (the Secret's CA would accept what is
// served), served-by-mesh (a service mesh's identity). `served` has one entry a pod; empty where nobody saw it.
void check_certificates(const Subject& subject, const Cluster& cluster, const std::vector<std::string>& secrets,
                        const std::vector<Served>& served, WallTime now, Case& out);

}  // namespace gatepost::diagnose
