#include "admission/hook.h"

#include <map>

namespace gatepost::admission {
namespace {

// The first version of the webhook's list that we speak.
ReviewVersion read_version(const json::Value& webhook) {
  for (const std::string& version : read_texts(webhook, "admissionReviewVersions")) {
    if (version == "v1") return ReviewVersion::v1;
    if (version == "v1beta1") return ReviewVersion::v1beta1;
  }
  return ReviewVersion::none;
}

SideEffects read_side_effects(const json::Value& webhook) {
  std::string_view text = json::string_at(webhook, {"sideEffects"});
  if (text == "None") return SideEffects::none;
  if (text == "NoneOnDryRun") return SideEffects::none_on_dry_run;
  if (text == "Some") return SideEffects::some;
  return SideEffects::unknown;
}

}  // namespace

std::string_view metric_type(HookType type) {
  return type == HookType::mutating ? "admit" : "validating";
}

std::vector<std::shared_ptr<const Hook>> compile_hooks(const json::Value& configuration, HookType type,
                                                       TargetCache& targets) {
  std::vector<std::shared_ptr<const Hook>> hooks;
  const json::Array* webhooks = json::array_at(configuration, {"webhooks"});
  if (!webhooks) return hooks;
  std::map<std::string, int, std::less<>> seen;
  for (const json::Value& webhook : *webhooks) {
    auto hook = std::make_shared<Hook>();
    hook->type = type;
    hook->name = json::string_at(webhook, {"name"});
    hook->configuration = json::string_at(configuration, {"metadata", "name"});
    hook->uid = hook->configuration + "/" + hook->name + "/" + std::to_string(seen[hook->name]++);
    if (const json::Array* rules = json::array_at(webhook, {"rules"}))
      for (const json::Value& rule : *rules) hook->rules.push_back(read_rule(rule));
    hook->equivalent = json::string_at(webhook, {"matchPolicy"}) != "Exact";
    hook->namespace_selector = read_selector(webhook, "namespaceSelector");
    hook->object_selector = read_selector(webhook, "objectSelector");
    hook->conditions = MatchConditions::compile(webhook, *cel::Environment::match_conditions());
    hook->failure_policy =
        json::string_at(webhook, {"failurePolicy"}) == "Ignore" ? FailurePolicy::ignore : FailurePolicy::fail;
    hook->side_effects = read_side_effects(webhook);
    hook->review_version = read_version(webhook);
    hook->timeout = std::chrono::seconds(json::int_at(webhook, {"timeoutSeconds"}, 10));
    hook->reinvocable = json::string_at(webhook, {"reinvocationPolicy"}) == "IfNeeded";
    const json::Value* client_config = json::find(webhook, "clientConfig");
    hook->target = targets.get(read_client_config(client_config ? *client_config : json::Value(json::Object())));
    hooks.push_back(std::move(hook));
  }
  return hooks;
}

}  // namespace gatepost::admission
