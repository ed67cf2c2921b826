// What the input tells about a webhook's certificates: the caBundle, who keeps it up to date, the certificates that its
// backend serves. Of Secrets only the certificates are read, never the keys.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lint/bundle.h"
#include "lint/model.h"
#include "x509/certificate.h"

namespace gatepost::lint {

const Bundle& bundle_of(const Webhook& webhook);
Path bundle_path(const Webhook& webhook);

// A way by which the caBundle is written by somebody else than the author.
struct Injection {
  std::string_view key;  // of the annotation
  std::string_view value;
  bool is_cert_manager = false;
};
// By annotations of the configuration.
std::vector<Injection> injections(const Webhook& webhook);
// By a job that patches it, or by the backend's own right to write configurations.
bool is_patched_by_job(const Model& model, const Webhook& webhook);
bool writes_configurations_itself(const Model& model, const Webhook& webhook);
// By any of these, or by whoever owns the configuration.
bool is_kept_up(const Model& model, const Webhook& webhook);

// "namespace/name" in two; nothing where it is not of that form.
std::optional<std::pair<std::string, std::string>> split_reference(std::string_view reference);

// cert-manager's Certificates whose CA is injected into the configuration, and those that the backend serves.
const Manifest* injected_certificate(const Model& model, const Webhook& webhook);
std::vector<const Manifest*> served_certificates(const Model& model, const Webhook& webhook);
// The Issuer or ClusterIssuer of a Certificate.
const Manifest* issuer_of(const Model& model, const Manifest& certificate);

// A certificate of the backend: from a Secret, or from a caBundle that pins it.
struct Served {
  const Manifest* manifest = nullptr;
  Path path;
  std::vector<x509::CertificatePtr> chain;  // leaf first
  bool pinned = false;
};
std::vector<Served> served_chains(const Model& model, const Webhook& webhook);

// "CN=ca (sha256 0a1b2c3d...)": what may be told of a certificate.
std::string described(const x509::Certificate& certificate);

}  // namespace gatepost::lint
