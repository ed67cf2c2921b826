#include "kube/schema/object.h"

namespace gatepost::kube {
namespace {

void absent(json::Object& object, std::string_view key, json::Value value) {
  if (!object.contains(key)) object[key] = std::move(value);
}

void for_each_object(json::Object& parent, std::string_view key, void (*call)(json::Object&)) {
  json::Value* list = parent.if_contains(key);
  if (!list || !list->is_array()) return;
  for (json::Value& item : list->get_array())
    if (item.is_object()) call(item.get_object());
}

void webhook(json::Object& hook) {
  absent(hook, "matchPolicy", "Equivalent");
  absent(hook, "namespaceSelector", json::Object());
  absent(hook, "objectSelector", json::Object());
  absent(hook, "timeoutSeconds", 10);
  absent(hook, "failurePolicy", "Fail");
  for_each_object(hook, "rules", [](json::Object& rule) { absent(rule, "scope", "*"); });
  json::Value* config = hook.if_contains("clientConfig");
  if (!config || !config->is_object()) return;
  json::Value* service = config->get_object().if_contains("service");
  if (service && service->is_object()) absent(service->get_object(), "port", 443);
}

}  // namespace

void set_defaults(json::Value& object, const GroupVersionKind& kind) {
  if (!object.is_object()) return;
  if (kind.kind == "ValidatingWebhookConfiguration") for_each_object(object.get_object(), "webhooks", webhook);
  if (kind.kind == "MutatingWebhookConfiguration")
    for_each_object(object.get_object(), "webhooks", [](json::Object& hook) {
      webhook(hook);
      absent(hook, "reinvocationPolicy", "Never");
    });
}

void prepare_for_create(json::Value&, const ResourceInfo&) {}
void prepare_for_update(json::Value&, const json::Value&, const ResourceInfo&, std::string_view) {}

}  // namespace gatepost::kube
