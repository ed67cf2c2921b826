#include <algorithm>
#include <fmt/format.h>

#include "base/base64.h"
#include "remedy/issue.h"
#include "remedy/remedies/bundles.h"
#include "remedy/remedies/remedies.h"
#include "remedy/remedies/rollout.h"
#include "remedy/trust.h"

namespace gatepost::remedy {
namespace {

constexpr std::string_view originating_service = "service.beta.openshift.io/originating-service-name";

const json::Value* certificate_of(const Scene& scene, const Ill& ill) {
  for (const json::Value* certificate : scene.cluster.certificates.in(ill.subject->service_namespace)) {
    const std::string_view secret = json::string_at(*certificate, {"spec", "secretName"});
    if (std::find(ill.secrets.begin(), ill.secrets.end(), secret) != ill.secrets.end()) return certificate;
  }
  return nullptr;
}

bool lists(const json::Value& certificate, const std::string& name) {
  const json::Array* names = json::array_at(certificate, {"spec", "dnsNames"});
  return names && std::any_of(names->begin(), names->end(), [&](const json::Value& one) {
           return one.is_string() && json::view(one.get_string()) == name;
         });
}

Step secret_wait(const Ill& ill, const json::Value& secret, const std::string& name) {
  Step out;
  out.id = "renew-certificate/wait";
  out.action = Action::wait;
  out.wait_for = WaitFor::new_secret;
  out.object = {"v1", "Secret", ill.subject->service_namespace, name};
  // Only the date of change is needed to see that it was written anew.
  json::Object metadata;
  metadata["resourceVersion"] = version_of(secret);
  json::Object before;
  before["metadata"] = std::move(metadata);
  out.before = json::Value(std::move(before));
  out.summary = "wait until cert-manager has written " + out.object.text() + " anew";
  return out;
}

// cert-manager issues again when the Certificate's spec changes, or when its condition Issuing is true (which is what
// its own command line sets).
Step reissue_step(Scene& scene, const Ill& ill, const json::Value& certificate) {
  const ObjectRef ref = ref_of(certificate, "cert-manager.io/v1", "Certificate");
  json::Value before = scene.current(certificate, ref);
  json::Value after(before, json::Storage());
  const std::string name = ill.subject->server_name();
  if (!lists(certificate, name)) {
    json::Object& spec = after.get_object()["spec"].get_object();
    json::Value& names = spec["dnsNames"];
    if (!names.is_array()) names.emplace_array();
    names.get_array().emplace_back(name);
    return update_step(scene, "renew-certificate/names", ref, std::move(before), std::move(after),
                       fmt::format("add {} to dnsNames of {}", name, ref.text()));
  }
  child(after, "status");
  json::Object& status = after.get_object()["status"].get_object();
  json::Value& conditions = status["conditions"];
  if (!conditions.is_array()) conditions.emplace_array();
  json::Array& list = conditions.get_array();
  list.erase(std::remove_if(list.begin(), list.end(),
                            [](const json::Value& one) { return json::string_at(one, {"type"}) == "Issuing"; }),
             list.end());
  json::Object issuing;
  issuing["type"] = "Issuing";
  issuing["status"] = "True";
  issuing["reason"] = "ManuallyTriggered";
  issuing["message"] = "Certificate re-issuance manually triggered";
  issuing["lastTransitionTime"] = rfc3339(scene.now);
  list.emplace_back(std::move(issuing));
  Step out = update_step(scene, "renew-certificate/issue-again", ref, std::move(before), std::move(after),
                         "have cert-manager issue " + ref.text() + " again");
  out.subresource = "status";
  return out;
}

Proposal by_cert_manager(Scene& scene, const Ill& ill, const json::Value& certificate) {
  Proposal out;
  Repair& repair = out.repair.emplace(repair_for(ill, "renew-certificate"));
  const std::string secret_name(json::string_at(certificate, {"spec", "secretName"}));
  repair.summary = "have cert-manager issue the certificate again and the backend serve it";
  repair.risk = "none goes unguarded; the backend is restarted, which with one replica means seconds without it";
  repair.steps.push_back(reissue_step(scene, ill, certificate));
  const json::Value none(json::Object{});
  const json::Value* secret = scene.cluster.secrets.find(ill.subject->service_namespace, secret_name);
  repair.steps.push_back(secret_wait(ill, secret ? *secret : none, secret_name));
  add_restart(scene, ill, "renew-certificate/", repair.steps);
  return out;
}

Proposal by_own_authority(Scene& scene, const Ill& ill, const std::string& name, const json::Value& secret) {
  auto made = issue_serving({.names = service_names(*ill.subject), .now = scene.now});
  if (!made) return Proposal::none("no certificate could be made: " + made.error().text);
  Proposal out;
  Repair& repair = out.repair.emplace(repair_for(ill, "renew-certificate"));
  const ObjectRef ref{"v1", "Secret", ill.subject->service_namespace, name};
  repair.summary = fmt::format("issue an own CA and a serving certificate for {} into {} and caBundle",
                               ill.subject->server_name(), ref.text());
  repair.risk =
      "none goes unguarded; the certificate is valid for a year and nobody renews it by itself: install "
      "cert-manager, or run this again in time";
  add_bundles(scene, *ill.subject, made->ca_pem, repair.steps);
  json::Value before = scene.current(secret, ref);
  json::Value after(before, json::Storage());
  json::Object& data = child(after, "data");
  data["tls.crt"] = base64::encode(made->certificate_pem);
  data["tls.key"] = base64::encode(made->key_pem);
  data["ca.crt"] = base64::encode(made->ca_pem);
  repair.steps.push_back(update_step(scene, "renew-certificate/secret", ref, std::move(before), std::move(after),
                                     "write the new certificate and its key into " + ref.text()));
  add_restart(scene, ill, "renew-certificate/", repair.steps);
  return out;
}

}  // namespace

Proposal renew_certificate(Scene& scene, const Ill& ill) {
  if (!ill.subject->by_service())
    return Proposal::none("the backend is outside of the cluster: renew its certificate there (gatepost certs issue)");
  if (const json::Value* certificate = certificate_of(scene, ill)) return by_cert_manager(scene, ill, *certificate);
  std::vector<std::string> with_certificate;
  for (const std::string& name : ill.secrets) {
    const json::Value* secret = scene.cluster.secrets.find(ill.subject->service_namespace, name);
    if (secret && !secret_bytes(*secret, "tls.crt").empty()) with_certificate.push_back(name);
  }
  if (with_certificate.size() != 1)
    return Proposal::none(
        with_certificate.empty()
            ? "no Secret with tls.crt that its pods mount was found: the backend makes its certificate "
              "itself, and a restart may renew it"
            : "its pods mount several certificates: name the Secret to gatepost certs issue");
  const json::Value& secret = *scene.cluster.secrets.find(ill.subject->service_namespace, with_certificate.front());
  const std::string_view service = json::string_at(secret, {"metadata", "annotations", originating_service});
  if (!service.empty())
    return Proposal::none(
        fmt::format("OpenShift's service-ca owns the Secret: delete it (oc -n {} delete secret {}), and "
                    "it is written anew",
                    ill.subject->service_namespace, with_certificate.front()));
  return by_own_authority(scene, ill, with_certificate.front(), secret);
}

}  // namespace gatepost::remedy
