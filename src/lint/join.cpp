#include "lint/join.h"

#include <algorithm>

namespace gatepost::lint {
namespace {

std::optional<ServiceReference> read_service(const json::Value& config) {
  const json::Value* service = json::find(config, "service");
  if (!service || !service->is_object()) return std::nullopt;
  return ServiceReference{std::string(json::string_at(*service, {"namespace"})),
                          std::string(json::string_at(*service, {"name"})),
                          std::string(json::string_at(*service, {"path"})), json::int_at(*service, {"port"}, 443)};
}

Webhook read_webhook(const Manifest& owner, const json::Value& value, std::size_t index, WebhookType type) {
  Webhook out;
  out.owner = &owner;
  out.value = &value;
  out.index = index;
  out.type = type;
  out.name = json::string_at(value, {"name"});
  out.path = Path("webhooks") / index;
  if (const json::Array* rules = json::array_at(value, {"rules"}))
    for (const json::Value& rule : *rules) out.rules.push_back(admission::read_rule(rule));
  out.namespace_selector = admission::read_selector(value, "namespaceSelector");
  out.object_selector = admission::read_selector(value, "objectSelector");
  if (json::array_at(value, {"matchConditions"}))
    out.conditions = admission::MatchConditions::compile(value, *cel::Environment::match_conditions());
  const std::string_view policy = json::string_at(value, {"failurePolicy"});
  out.fails_closed = policy.empty() ? owner.api_version != "admissionregistration.k8s.io/v1beta1" : policy == "Fail";
  const std::string_view matching = json::string_at(value, {"matchPolicy"});
  out.equivalent = matching.empty() ? owner.api_version != "admissionregistration.k8s.io/v1beta1" : matching != "Exact";
  const std::int64_t usual = owner.api_version == "admissionregistration.k8s.io/v1beta1" ? 30 : 10;
  out.timeout = json::int_at(value, {"timeoutSeconds"}, usual);
  if (const json::Value* config = json::find(value, "clientConfig")) {
    out.service = read_service(*config);
    out.url = json::string_at(*config, {"url"});
    out.bundle = std::make_shared<const Bundle>(read_bundle(json::string_at(*config, {"caBundle"})));
  }
  return out;
}

}  // namespace

void read_webhooks(const Manifest& configuration, std::deque<Webhook>& out) {
  const bool mutating = configuration.kind == "MutatingWebhookConfiguration";
  if (!mutating && configuration.kind != "ValidatingWebhookConfiguration") return;
  const json::Array* webhooks = json::array_at(configuration.value, {"webhooks"});
  for (std::size_t i = 0; webhooks && i < webhooks->size(); ++i)
    out.push_back(
        read_webhook(configuration, (*webhooks)[i], i, mutating ? WebhookType::mutating : WebhookType::validating));
}

bool carries(const json::Object* labels, const json::Object& selector) {
  return labels && std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
           const json::Value* found = labels->if_contains(wanted.key());
           return found && *found == wanted.value();
         });
}

const json::Value* service_port(const Manifest& service, std::int64_t number) {
  const json::Array* ports = json::array_at(service.value, {"spec", "ports"});
  for (std::size_t i = 0; ports && i < ports->size(); ++i)
    if (json::int_at((*ports)[i], {"port"}) == number) return &(*ports)[i];
  return nullptr;
}

std::int64_t container_port(const Webhook& webhook) {
  if (!webhook.service_manifest || !webhook.service) return 0;
  const json::Value* port = service_port(*webhook.service_manifest, webhook.service->port);
  if (!port) return 0;
  const json::Value* target = json::find(*port, "targetPort");
  if (!target || target->is_null()) return webhook.service->port;
  if (target->is_int64()) return target->get_int64();
  if (!target->is_string()) return 0;
  for (const Workload* workload : webhook.workloads)
    if (const std::int64_t number = workload->port_number(json::view(target->get_string()))) return number;
  return 0;
}

bool selects_pods(const json::Value* selector, const Workload& workload) {
  if (!selector || selector->is_null()) return false;
  auto compiled = kube::LabelSelector::from_object(*selector);
  return compiled && compiled->matches(workload.pod_labels());
}

}  // namespace gatepost::lint
