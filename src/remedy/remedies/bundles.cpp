#include "remedy/remedies/bundles.h"

#include <set>

#include "base/base64.h"
#include "remedy/trust.h"

namespace gatepost::remedy {

void add_bundles(Scene& scene, const diagnose::Subject& backend, const std::string& ca_pem, std::vector<Step>& steps) {
  std::set<const json::Value*> seen;
  for (const diagnose::Subject& subject : scene.subjects) {
    if (subject.service_name != backend.service_name || subject.service_namespace != backend.service_namespace ||
        !seen.insert(subject.owner).second)
      continue;
    const ObjectRef ref{"admissionregistration.k8s.io/v1", subject.kind, "", subject.configuration};
    json::Value before = scene.current(*subject.owner, ref);
    json::Value after(before, json::Storage());
    json::Value* hooks = after.get_object().if_contains("webhooks");
    for (std::size_t i = 0; hooks && hooks->is_array() && i < hooks->get_array().size(); ++i) {
      json::Value& entry = hooks->get_array()[i];
      if (json::string_at(entry, {"clientConfig", "service", "name"}) != subject.service_name ||
          json::string_at(entry, {"clientConfig", "service", "namespace"}) != subject.service_namespace)
        continue;
      child(entry, "clientConfig")["caBundle"] = base64::encode(side_by_side(ca_pem, bundle_of(entry), scene.now));
    }
    steps.push_back(update_step(
        scene,
        "renew-certificate/bundle-" + subject.configuration + (subject.kind.starts_with("Mutating") ? "-mutating" : ""),
        ref, std::move(before), std::move(after),
        "write the new CA into caBundle of " + ref.text() + ", beside the old one"));
  }
}

}  // namespace gatepost::remedy
