#include "remedy/remedies/injection.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatepost::remedy {
namespace {

constexpr std::string_view from_certificate = "cert-manager.io/inject-ca-from";
constexpr std::string_view from_secret = "cert-manager.io/inject-ca-from-secret";
constexpr std::string_view direct_injection = "cert-manager.io/allow-direct-injection";

std::string annotation(const json::Value& object, std::string_view key) {
  return std::string(json::string_at(object, {"metadata", "annotations", key}));
}

// The Certificates that are meant: written to a Secret that the backend mounts, or made for the Service's name.
std::vector<const json::Value*> fitting_certificates(const Scene& scene, const Ill& ill) {
  std::vector<const json::Value*> out;
  for (const json::Value* certificate : scene.cluster.certificates.in(ill.subject->service_namespace)) {
    const std::string_view secret = json::string_at(*certificate, {"spec", "secretName"});
    const json::Array* names = json::array_at(*certificate, {"spec", "dnsNames"});
    const bool mounted = std::find(ill.secrets.begin(), ill.secrets.end(), secret) != ill.secrets.end();
    const bool named = names && std::any_of(names->begin(), names->end(), [&](const json::Value& name) {
                         return name.is_string() && json::view(name.get_string()) == ill.subject->server_name();
                       });
    if (mounted || named) out.push_back(certificate);
  }
  return out;
}

Step wait_for_bundle(const Ill& ill) {
  Step out;
  out.id = "resync-ca-bundle/wait";
  out.action = Action::wait;
  out.wait_for = WaitFor::bundle;
  out.object = ill.configuration();
  out.before = whole(*ill.subject->owner, out.object);
  out.summary = "wait until ca-injector has written caBundle";
  return out;
}

Proposal with_annotation(Scene& scene, const Ill& ill, std::string_view key, const std::string& value) {
  const ObjectRef ref = ill.configuration();
  json::Value before = scene.current(*ill.subject->owner, ref);
  json::Value after(before, json::Storage());
  json::Object& annotations = child(after.get_object()["metadata"], "annotations");
  for (const std::string_view other : {from_certificate, from_secret})
    if (other != key) annotations.erase(other);
  annotations[key] = value;
  Proposal out;
  Repair& repair = out.repair.emplace(repair_for(ill, "resync-ca-bundle"));
  repair.summary = fmt::format("tell ca-injector the right source: {}: {}", key, value);
  repair.risk = "none goes unguarded; ca-injector writes the bundle, so that a hand-set one would not last";
  repair.steps.push_back(
      update_step(scene, "resync-ca-bundle/annotation", ref, std::move(before), std::move(after), repair.summary));
  repair.steps.push_back(wait_for_bundle(ill));
  return out;
}

Proposal allow_secret(Scene& scene, const Ill& ill, const json::Value& secret) {
  const ObjectRef ref = ref_of(secret, "v1", "Secret");
  json::Value before = scene.current(secret, ref);
  json::Value after(before, json::Storage());
  child(after.get_object()["metadata"], "annotations")[direct_injection] = "true";
  Proposal out;
  Repair& repair = out.repair.emplace(repair_for(ill, "resync-ca-bundle"));
  repair.summary = fmt::format("let ca-injector read {}: {}: \"true\"", ref.text(), direct_injection);
  repair.risk = "none goes unguarded; the Secret's ca.crt may then be injected";
  repair.steps.push_back(
      update_step(scene, "resync-ca-bundle/allow-injection", ref, std::move(before), std::move(after), repair.summary));
  repair.steps.push_back(wait_for_bundle(ill));
  return out;
}

}  // namespace

std::optional<Proposal> repair_injection(Scene& scene, const Ill& ill) {
  if (ill.finding.root_cause != "ca-injector-misconfigured") return std::nullopt;
  const std::string secret_reference = annotation(*ill.subject->owner, from_secret);
  if (const std::size_t slash = secret_reference.find('/'); slash != std::string::npos) {
    const json::Value* secret =
        scene.cluster.secrets.find(secret_reference.substr(0, slash), secret_reference.substr(slash + 1));
    if (secret && annotation(*secret, direct_injection) != "true") return allow_secret(scene, ill, *secret);
  }
  const auto fitting = fitting_certificates(scene, ill);
  if (fitting.size() == 1) {
    const std::string value =
        fmt::format("{}/{}", ill.subject->service_namespace, json::string_at(*fitting.front(), {"metadata", "name"}));
    return with_annotation(scene, ill, from_certificate, value);
  }
  if (fitting.empty() && ill.secrets.size() == 1 && !secret_reference.empty())
    return with_annotation(scene, ill, from_secret, ill.subject->service_namespace + "/" + ill.secrets.front());
  return Proposal::none(fitting.empty()
                            ? "the annotation of ca-injector names nothing that exists, and no Certificate is made for "
                              "the Service: correct the annotation by hand"
                            : "several Certificates fit: name the right one in the annotation by hand");
}

}  // namespace gatepost::remedy
