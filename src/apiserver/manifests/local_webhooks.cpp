#include "apiserver/manifests/local_webhooks.h"

#include "apiserver/pki.h"
#include "base/base64.h"

namespace gatepost::apiserver::manifests {
namespace {

constexpr std::string_view registration = "admissionregistration.k8s.io/";

bool is_configuration(const Manifest& manifest) {
  return manifest.api_version.starts_with(registration) &&
         (manifest.kind == "ValidatingWebhookConfiguration" || manifest.kind == "MutatingWebhookConfiguration");
}

bool is_definition(const Manifest& manifest) {
  return manifest.api_version.starts_with("apiextensions.k8s.io/") && manifest.kind == "CustomResourceDefinition";
}

void rewrite(const LocalWebhooks& local, json::Value* client_config) {
  json::Object* config = client_config ? client_config->if_object() : nullptr;
  const json::Value* service = config ? config->if_contains("service") : nullptr;
  if (!service || !service->is_object()) return;
  std::string path(json::string_at(*service, {"path"}));
  if (!path.starts_with('/')) path.insert(0, "/");
  config->erase("service");
  (*config)["url"] = "https://" + local.address + path;
  (*config)["caBundle"] = base64::encode(local.ca_pem);
}

json::Value* at(json::Value* value, const char* name) {
  json::Object* object = value ? value->if_object() : nullptr;
  return object ? object->if_contains(name) : nullptr;
}

}  // namespace

bool is_about_webhooks(const Manifest& manifest) {
  return is_configuration(manifest) || is_definition(manifest);
}

void point_to(const LocalWebhooks& local, Manifest& manifest) {
  if (is_definition(manifest)) {
    rewrite(local, at(at(at(at(&manifest.object, "spec"), "conversion"), "webhook"), "clientConfig"));
  } else if (is_configuration(manifest)) {
    json::Value* webhooks = at(&manifest.object, "webhooks");
    if (!webhooks || !webhooks->is_array()) return;
    for (json::Value& webhook : webhooks->get_array()) rewrite(local, at(&webhook, "clientConfig"));
  }
}

Result<std::string> webhook_certificates(const std::string& directory, const std::string& host) {
  std::vector<std::string> names{"localhost", "127.0.0.1"};
  if (host != names[0] && host != names[1]) names.push_back(host);
  return make_serving_files(directory, names);
}

}  // namespace gatepost::apiserver::manifests
