#include <algorithm>
#include <fmt/format.h>

#include "base/base64.h"
#include "remedy/change.h"
#include "remedy/diff.h"
#include "remedy/remedies/injection.h"
#include "remedy/remedies/remedies.h"
#include "remedy/trust.h"

namespace gatepost::remedy {
namespace {

// Whether another entry calls the same backend and so needs the same CA.
bool same_backend(const json::Value& entry, const diagnose::Subject& subject) {
  if (!subject.by_service()) return json::string_at(entry, {"name"}) == subject.name();
  return json::string_at(entry, {"clientConfig", "service", "name"}) == subject.service_name &&
         json::string_at(entry, {"clientConfig", "service", "namespace"}) == subject.service_namespace;
}

// Whether an endpoint that was seen, or may exist unseen, still needs the old CA.
bool old_needed(const std::string& new_pem, const Scene& scene, const Ill& ill) {
  if (!ill.saw_all) return true;
  return std::any_of(ill.endpoints.begin(), ill.endpoints.end(), [&](const Seen& seen) {
    return !seen.served.empty() && !accepts_chain(new_pem, seen.served, ill, scene.now);
  });
}

}  // namespace

Proposal resync_ca_bundle(Scene& scene, const Ill& ill) {
  if (auto injected = repair_injection(scene, ill)) return std::move(*injected);
  const auto sources = trust_sources(scene, ill);
  if (sources.empty())
    return Proposal::none(
        "no trustworthy source of its CA was found (a Secret with ca.crt that its pods mount, a cert-manager "
        "Certificate, "
        "a ConfigMap); give one with --ca-file FILE, or take what is served with --trust-served");
  const TrustSource* chosen = nullptr;
  for (const TrustSource& source : sources) {
    if (accepts(source, scene, ill).value_or(!source.proof_needed)) {
      chosen = &source;
      break;
    }
  }
  if (!chosen && sources.front().proof_needed)
    return Proposal::none(
        "no Secret of its namespace holds a CA that is known to be its own; give one with --ca-file FILE");
  if (!chosen)
    return Proposal::none(
        fmt::format("{} does not accept what is served: the backend serves an older certificate, or one "
                    "of somebody else",
                    sources.front().name));
  const ObjectRef ref = ill.configuration();
  json::Value before = scene.current(*ill.subject->owner, ref);
  json::Value after(before, json::Storage());
  json::Value* hooks = after.get_object().if_contains("webhooks");
  bool kept_old = false;
  for (std::size_t i = 0; hooks && hooks->is_array() && i < hooks->get_array().size(); ++i) {
    json::Value& entry = hooks->get_array()[i];
    if (!same_backend(entry, *ill.subject)) continue;
    const std::string old = bundle_of(entry);
    std::string pem = chosen->pem;
    if (old_needed(chosen->pem, scene, ill)) {
      std::string both = side_by_side(chosen->pem, old, scene.now);
      kept_old = kept_old || both != pem;
      pem = std::move(both);
    }
    child(entry, "clientConfig")["caBundle"] = base64::encode(pem);
  }
  if (changes_between(before, after).empty())
    return Proposal::none("caBundle holds the CA of " + chosen->name + " already: the backend serves something else");
  Proposal out;
  Repair& repair = out.repair.emplace(repair_for(ill, "resync-ca-bundle"));
  repair.summary = fmt::format("write the CA from {} into caBundle{}", chosen->name,
                               kept_old ? ", beside the old one while replicas may still serve it" : "");
  repair.risk =
      "none goes unguarded; whoever holds the key of this CA can answer for the webhook: " + describe_pem(chosen->pem);
  repair.steps.push_back(
      update_step(scene, "resync-ca-bundle", ref, std::move(before), std::move(after), repair.summary));
  return out;
}

}  // namespace gatepost::remedy
