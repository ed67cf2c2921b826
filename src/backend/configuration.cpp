#include "backend/configuration.h"

#include "base/base64.h"

namespace gatepost::backend {

std::string webhook_configuration(const std::string& url, const std::string& ca_pem, const Fault& fault) {
  const bool mutates = fault.review == Review::bad_patch;
  std::string out = "apiVersion: admissionregistration.k8s.io/v1\n";
  out += mutates ? "kind: MutatingWebhookConfiguration\n" : "kind: ValidatingWebhookConfiguration\n";
  out +=
      "metadata:\n"
      "  name: gatepost-backend\n"
      "webhooks:\n"
      "- name: backend.gatepost.dev\n"
      "  admissionReviewVersions: [v1]\n"
      "  sideEffects: None\n"
      "  failurePolicy: Fail\n"
      "  timeoutSeconds: 10\n"
      "  rules:\n"
      "  - apiGroups: ['']\n"
      "    apiVersions: [v1]\n"
      "    operations: [CREATE]\n"
      "    resources: [pods, configmaps]\n"
      "  clientConfig:\n";
  out += "    url: " + url + "/\n";
  out += "    caBundle: " + base64::encode(ca_pem) + "\n";
  return out;
}

}  // namespace gatepost::backend
