#include "admission/policy/match_resources.h"

#include <algorithm>

#include "admission/predicates/object_selector.h"

namespace gatepost::admission {
namespace {

std::vector<NamedRule> read_rules(const json::Value& value, std::string_view key) {
  std::vector<NamedRule> out;
  if (const json::Array* list = json::array_at(value, {key}))
    for (const json::Value& rule : *list) out.push_back({read_rule(rule), read_texts(rule, "resourceNames")});
  return out;
}

// The other resources that serve the same objects, with the kind that is read and written there.
std::vector<MatchedAs> equivalents_of(const kube::Registry& registry, const Attributes& attributes) {
  std::vector<MatchedAs> out;
  const Resource& asked = attributes.resource;
  const kube::ResourceInfo* own = registry.find(asked.group, asked.version, asked.resource);
  if (!own) return out;
  for (const kube::ResourceInfo* other : registry.equivalents(*own)) {
    if (other == own) continue;
    Kind kind{other->group, other->version, other->kind};
    if (!attributes.subresource.empty()) {
      const kube::SubresourceInfo* sub = other->subresource(attributes.subresource);
      if (!sub) continue;
      kind = {sub->kind.group, sub->kind.version, sub->kind.kind};
    }
    out.push_back({{other->group, other->version, other->resource}, std::move(kind)});
  }
  return out;
}

bool names_match(const NamedRule& rule, const Attributes& attributes) {
  return rule.names.empty() || std::find(rule.names.begin(), rule.names.end(), attributes.name) != rule.names.end();
}

}  // namespace

MatchResources MatchResources::read(const json::Value& value) {
  MatchResources out;
  out.rules = read_rules(value, "resourceRules");
  out.excluded = read_rules(value, "excludeResourceRules");
  out.equivalent = json::string_at(value, {"matchPolicy"}) == "Equivalent";
  out.namespaces = read_selector(value, "namespaceSelector");
  out.objects = read_selector(value, "objectSelector");
  return out;
}

std::optional<MatchedAs> ResourceMatcher::match_rules(const std::vector<NamedRule>& rules, bool equivalent,
                                                      const Attributes& attributes, bool any_name) const {
  RuleSubject subject = rule_subject(attributes);
  for (const NamedRule& rule : rules)
    if (matches(rule.rule, subject) && (any_name || names_match(rule, attributes)))
      return MatchedAs{attributes.resource, attributes.kind};
  if (!equivalent) return std::nullopt;
  const std::vector<MatchedAs> others = equivalents_of(registry_, attributes);
  for (const NamedRule& rule : rules) {
    if (!any_name && !names_match(rule, attributes)) continue;
    for (const MatchedAs& other : others) {
      subject.group = other.resource.group;
      subject.version = other.resource.version;
      subject.resource = other.resource.resource;
      if (matches(rule.rule, subject)) return other;
    }
  }
  return std::nullopt;
}

Result<std::optional<MatchedAs>> ResourceMatcher::match(const MatchResources& wanted, const Attributes& attributes) {
  auto in_namespace = matches_namespace(wanted.namespaces, attributes, labels_);
  if (in_namespace && !*in_namespace) return std::optional<MatchedAs>();
  auto selected = matches_object(wanted.objects, attributes.object, attributes.old_object);
  if (selected && !*selected) return std::optional<MatchedAs>();
  if (match_rules(wanted.excluded, wanted.equivalent, attributes, false)) return std::optional<MatchedAs>();
  std::optional<MatchedAs> matched = wanted.rules.empty()
                                         ? MatchedAs{attributes.resource, attributes.kind}
                                         : match_rules(wanted.rules, wanted.equivalent, attributes, false);
  if (!matched) return std::optional<MatchedAs>();
  // A selector that cannot be judged counts only for requests that are asked for.
  if (!in_namespace) return fail(in_namespace.error().message);
  if (!selected) return fail(selected.error().message);
  return matched;
}

bool ResourceMatcher::may_match(const MatchResources& wanted, const Attributes& attributes) const {
  return wanted.rules.empty() || match_rules(wanted.rules, wanted.equivalent, attributes, true).has_value();
}

}  // namespace gatepost::admission
