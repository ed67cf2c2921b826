// Where the CA of a backend may be taken from, and whether it accepts what is served. Never from the wire unless that
// was asked for.
#pragma once

#include <string>
#include <vector>

#include "remedy/scene.h"

namespace gatepost::remedy {

struct TrustSource {
  std::string name;  // "Secret sys/hook-tls (ca.crt)"
  std::string pem;
  bool proof_needed = false;  // nothing but its CA's acceptance of what is served says that it belongs to the backend
};

// The most trustworthy first: --ca-file, what ca-injector was told to use, the Secrets that the backend mounts, those
// of cert-manager's Certificates for the Service, ConfigMaps that it mounts; with --trust-served what is served.
std::vector<TrustSource> trust_sources(const Scene& scene, const Ill& ill);

// Whether the CA accepts every endpoint that was seen; where none was seen, the certificates in the Secrets. nullopt:
// there is nothing to compare with.
std::optional<bool> accepts(const TrustSource& source, const Scene& scene, const Ill& ill);

// Whether one chain (DER, leaf first) is accepted for the webhook's server name.
bool accepts_chain(const std::string& ca_pem, const std::vector<std::string>& chain, const Ill& ill, WallTime now);

// The certificates of `pem` that are authorities or stand alone and are still valid.
std::string usable_authorities(const std::string& pem, WallTime now);

// Both, each certificate once, the new ones first.
std::string side_by_side(const std::string& new_pem, const std::string& old_pem, WallTime now);

// The decoded bytes of a Secret's key, or "".
std::string secret_bytes(const json::Value& secret, std::string_view key);
// The present caBundle as PEM, or "".
std::string bundle_of(const json::Value& webhook);

// The names a serving certificate of the Service needs: hook.sys.svc first.
std::vector<std::string> service_names(const diagnose::Subject& subject);

}  // namespace gatepost::remedy
