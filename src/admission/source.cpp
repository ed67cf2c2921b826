#include "admission/source.h"

#include <algorithm>

#include "json/parse.h"

namespace gatepost::admission {
namespace {

std::string collection(HookType type) {
  return type == HookType::mutating ? "admissionregistration.k8s.io/mutatingwebhookconfigurations"
                                    : "admissionregistration.k8s.io/validatingwebhookconfigurations";
}

bool any_rule(const Hook& hook, const RuleSubject& subject) {
  return std::any_of(hook.rules.begin(), hook.rules.end(), [&](const Rule& rule) { return matches(rule, subject); });
}

}  // namespace

Source::Source(storage::Storage& store, const kube::Registry& registry, HookType type, TargetCache& targets)
    : registry_(registry), type_(type), targets_(targets) {
  for (const storage::Object& object : store.list(collection(type), {}).objects) put(object.key.name, *object.bytes);
  following_ = store.on_change(collection(type), [this](const storage::Event& event) {
    if (event.type == storage::EventType::removed)
      by_configuration_.erase(event.object.key.name);
    else
      put(event.object.key.name, *event.object.bytes);
    answers_.clear();
  });
}

void Source::put(const std::string& name, const std::string& bytes) {
  auto parsed = json::parse(bytes, json::make_arena(bytes.size() * 2));
  if (parsed) by_configuration_[name] = compile_hooks(*parsed, type_, targets_);
}

std::optional<Match> Source::match(const std::shared_ptr<const Hook>& hook, const Attributes& attributes) const {
  RuleSubject subject = rule_subject(attributes);
  if (any_rule(*hook, subject)) return Match{hook, attributes.resource, attributes.kind};
  if (!hook->equivalent) return std::nullopt;
  const kube::ResourceInfo* own =
      registry_.find(attributes.resource.group, attributes.resource.version, attributes.resource.resource);
  if (!own) return std::nullopt;
  for (const kube::ResourceInfo* other : registry_.equivalents(*own)) {
    if (other == own) continue;
    subject.group = other->group;
    subject.version = other->version;
    subject.resource = other->resource;
    if (!any_rule(*hook, subject)) continue;
    Kind kind{other->group, other->version, other->kind};
    if (!attributes.subresource.empty()) {
      const kube::SubresourceInfo* sub = other->subresource(attributes.subresource);
      if (!sub) continue;
      kind = {sub->kind.group, sub->kind.version, sub->kind.kind};
    }
    return Match{hook, {other->group, other->version, other->resource}, kind};
  }
  return std::nullopt;
}

std::shared_ptr<const std::vector<Match>> Source::matching(const Attributes& attributes) {
  static const auto nothing = std::make_shared<const std::vector<Match>>();
  if (by_configuration_.empty() || is_exempt(attributes)) return nothing;
  std::string key = attributes.resource.group + "/" + attributes.resource.version + "/" + attributes.resource.resource +
                    "/" + attributes.subresource + "/" + std::string(operation_name(attributes.operation)) +
                    (rule_subject(attributes).cluster_scoped ? "/cluster" : "/namespaced");
  if (registry_generation_ != registry_.generation()) {
    // Custom resources came or went.
    answers_.clear();
    registry_generation_ = registry_.generation();
  }
  auto& slot = answers_[key];
  if (slot) return slot;
  auto found = std::make_shared<std::vector<Match>>();
  for (const auto& [name, hooks] : by_configuration_)
    for (const auto& hook : hooks)
      if (auto matched = match(hook, attributes)) {
        bool namespaces_all = hook->namespace_selector && hook->namespace_selector->everything();
        if (namespaces_all) matched->needed_labels = needed_labels(hook->object_selector);
        found->push_back(std::move(*matched));
      }
  slot = std::move(found);
  return slot;
}

}  // namespace gatepost::admission
