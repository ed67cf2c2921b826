// GP119-GP130: how what is intercepted is limited.
#include <cctype>
#include <map>
#include <set>

#include "diagnose/nearest.h"
#include "lint/rules/common.h"
#include "lint/rules/disjoint.h"

namespace gatepost::lint {
namespace {

using Requirement = kube::LabelSelector::Requirement;
using Operator = kube::LabelSelector::Operator;

constexpr std::string_view name_label = "kubernetes.io/metadata.name";

std::span<const Requirement> requirements_of(const Result<kube::LabelSelector>& selector) {
  if (!selector) return {};
  return selector->requirements();
}

bool excludes(const Requirement& requirement) {
  return requirement.op == Operator::not_in || requirement.op == Operator::does_not_exist;
}

bool asks_for_presence(const Requirement& requirement) {
  return requirement.op == Operator::in || requirement.op == Operator::exists;
}

bool asks_for_opt_in(const Result<kube::LabelSelector>& selector) {
  const auto requirements = requirements_of(selector);
  return std::any_of(requirements.begin(), requirements.end(),
                     [](const Requirement& one) { return asks_for_presence(one) && one.key != name_label; });
}

// The matchExpressions entry of that key.
Path expression_path(const Webhook& webhook, std::string_view selector, std::string_view key) {
  const json::Array* list = json::array_at(*webhook.value, {selector, "matchExpressions"});
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if (json::string_at((*list)[i], {"key"}) == key) return Path(selector) / "matchExpressions" / i;
  return Path(selector);
}

// --- GP119

// The operations that the backend says it looks at, on its Service, its workload or the configuration.
std::vector<std::string> declared_operations(const Webhook& webhook) {
  constexpr std::string_view key = "gatepost.dev/operations";
  std::string_view text = webhook.owner->annotation(key);
  if (text.empty() && webhook.service_manifest) text = webhook.service_manifest->annotation(key);
  for (const Workload* workload : webhook.workloads)
    if (text.empty()) text = workload->manifest->annotation(key);
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(", "), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// Whether anything that the rule names can be connected to.
bool can_connect(const Model& model, const admission::Rule& rule) {
  for (const std::string& item : rule.resources) {
    const std::size_t slash = item.find('/');
    const std::string resource = item.substr(0, slash);
    if (slash == std::string::npos && resource != "*") continue;
    if (item == "*/*" || slash == std::string::npos || item.substr(slash + 1) == "*") return true;
    if (is_one_of(item.substr(slash + 1), {"exec", "attach", "portforward", "proxy"})) return true;
  }
  return std::any_of(rule.groups.begin(), rule.groups.end(),
                     [&](const std::string& group) { return group != "*" && !model.registry().has_group(group); });
}

std::string needless(const Model& model, const Webhook& webhook, const admission::Rule& rule,
                     const std::vector<std::string>& declared) {
  const auto& operations = rule.operations;
  if (!declared.empty()) {
    std::vector<std::string> more;
    for (const std::string& operation : operations)
      if (!holds(declared, operation)) more.push_back(operation);
    return more.empty()
               ? ""
               : fmt::format("the backend looks at {} only, the rule sends {}", joined(declared), joined(more));
  }
  if (holds(operations, "*")) return "the rule asks for every operation, CONNECT and DELETE too";
  if (holds(operations, "CONNECT") && !can_connect(model, rule)) return "nothing the rule names can be connected to";
  if (holds(operations, "DELETE") && webhook.mutating()) return "there is nothing to mutate in a deletion";
  constexpr std::array<std::string_view, 4> every = {"CREATE", "UPDATE", "DELETE", "CONNECT"};
  if (std::all_of(every.begin(), every.end(), [&](std::string_view operation) { return holds(operations, operation); }))
    return "the rule asks for every operation, CONNECT and DELETE too";
  return "";
}

void needless_operations(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    const std::vector<std::string> declared = declared_operations(webhook);
    for (std::size_t i = 0; i < webhook.rules.size(); ++i) {
      const std::string why = needless(model, webhook, webhook.rules[i], declared);
      if (!why.empty()) sink.add(webhook, Path("rules") / i / "operations", why);
    }
  }
}

// --- GP120, GP121

void scope_not_set(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    for (std::size_t i = 0; i < webhook.rules.size(); ++i) {
      const admission::Rule& rule = webhook.rules[i];
      if (rule.scope != admission::Scope::all || rule.resources.empty()) continue;
      bool all_namespaced = true;
      for (const std::string& item : rule.resources) {
        const std::string resource = item.substr(0, item.find('/'));
        all_namespaced = all_namespaced && std::any_of(rule.groups.begin(), rule.groups.end(), [&](const auto& group) {
                           return model.is_namespaced(group, resource).value_or(false);
                         });
      }
      if (all_namespaced)
        sink.add(webhook, Path("rules") / i / "scope",
                 "only resources of namespaces are listed, but the scope is open");
    }
}

void no_namespace_selector(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.namespace_selector || !webhook.namespace_selector->everything()) continue;
    const bool namespaced = std::any_of(webhook.rules.begin(), webhook.rules.end(), [&](const admission::Rule& rule) {
      if (rule.scope == admission::Scope::cluster) return false;
      if (rule.scope == admission::Scope::namespaced) return true;
      for (const std::string& group : rule.groups)
        for (const std::string& item : rule.resources) {
          const std::string resource = item.substr(0, item.find('/'));
          if (group == "*" || resource == "*") return true;
          // What nobody knows may well be namespaced; a resource of another group of the rule is none of this one.
          const auto known = model.is_namespaced(group, resource);
          if (known ? *known : !model.registry().has_group(group)) return true;
        }
      return false;
    });
    if (namespaced) sink.add(webhook, "namespaceSelector", "no namespaceSelector limits what an outage reaches");
  }
}

// --- GP122, GP123

bool names_a_system_namespace(const Requirement& requirement, const Webhook& webhook) {
  return std::any_of(requirement.values.begin(), requirement.values.end(), [&](const std::string& value) {
    return value == system_namespace || value == lease_namespace || value == "kube-public" ||
           (webhook.service && value == webhook.service->ns);
  });
}

// Whether a namespace with these labels is kept out by this requirement.
bool keeps_out(const Requirement& requirement, const json::Object& labels) {
  const json::Value* found = labels.if_contains(requirement.key);
  if (requirement.op == Operator::does_not_exist) return found != nullptr;
  return found && found->is_string() && holds(requirement.values, json::view(found->get_string()));
}

void exclusion_label_absent(const Model& model, Sink& sink) {
  const auto& namespaces = model.of_kind("Namespace");
  for (const Webhook& webhook : model.webhooks()) {
    for (const Requirement& requirement : requirements_of(webhook.namespace_selector)) {
      if (!excludes(requirement) || requirement.key == name_label) continue;
      auto add = [&](std::string_view ns) {
        sink.add(webhook, expression_path(webhook, "namespaceSelector", requirement.key),
                 fmt::format("{} is to be kept out by the label {}, which it does not carry", ns, requirement.key));
      };
      // NotIn [kube-system] by a label that only the label of names is sure to be.
      if (requirement.op == Operator::not_in && names_a_system_namespace(requirement, webhook)) {
        auto meant = std::find_if(requirement.values.begin(), requirement.values.end(), [&](const std::string& value) {
          return model.selects_namespace(webhook, value) &&
                 (model.declares_namespace(value) || value == system_namespace || value == lease_namespace);
        });
        if (meant != requirement.values.end()) {
          add(*meant);
          break;
        }
      }
      const bool keeps_any_out = std::any_of(namespaces.begin(), namespaces.end(), [&](const Manifest* one) {
        return keeps_out(requirement, model.namespace_labels(one->name));
      });
      if (keeps_any_out || namespaces.empty()) continue;
      const std::string own = webhook.service ? webhook.service->ns : "";
      if (!own.empty() && model.declares_namespace(own) && model.selects_namespace(webhook, own)) {
        add(own);
        break;
      }
      if (model.declares_namespace(system_namespace) && model.selects_namespace(webhook, system_namespace)) {
        add(system_namespace);
        break;
      }
    }
  }
}

// Whether something that fails closed judges who may label a namespace.
bool guards_namespace_labels(const Model& model) {
  const Target namespaces{"", "namespaces", ""};
  for (const Webhook& webhook : model.webhooks())
    if (!webhook.mutating() && model.asks_for(webhook, namespaces, {false, true, false, false})) return true;
  for (const Manifest* policy : model.of_kind("ValidatingAdmissionPolicy")) {
    const json::Array* rules = json::array_at(policy->value, {"spec", "matchConstraints", "resourceRules"});
    for (std::size_t i = 0; rules && i < rules->size(); ++i)
      if (holds(admission::read_texts((*rules)[i], "resources"), "namespaces")) return true;
  }
  return false;
}

void exclusion_label_forgeable(const Model& model, Sink& sink) {
  if (guards_namespace_labels(model)) return;
  for (const Webhook& webhook : model.webhooks()) {
    // Who has to opt in may as well not do so.
    if (asks_for_opt_in(webhook.namespace_selector) || asks_for_opt_in(webhook.object_selector)) continue;
    for (const Requirement& requirement : requirements_of(webhook.namespace_selector)) {
      if (!excludes(requirement) || requirement.key == name_label) continue;
      // Opting out of an injector is meant to be easy; a bare word is a label that anything may carry.
      if (webhook.mutating() && requirement.key.find('/') != std::string::npos) continue;
      if (model.settings().profile == Profile::aks &&
          is_one_of(requirement.key, {"control-plane", "kubernetes.azure.com/managedby"}))
        continue;
      sink.add(webhook, expression_path(webhook, "namespaceSelector", requirement.key),
               fmt::format("whoever may label a namespace with {} switches the webhook off there", requirement.key));
    }
  }
}

// --- GP124 - GP126

void object_selector_as_opt_out(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.mutating()) continue;
    for (const Requirement& requirement : requirements_of(webhook.object_selector))
      if (excludes(requirement))
        sink.add(webhook, expression_path(webhook, "objectSelector", requirement.key),
                 fmt::format("whoever writes the object skips the check with the label {}", requirement.key));
  }
}

void policy_exempts_system_namespaces(const Model& model, Sink& sink) {
  auto first = [](const kube::LabelSelector& selector) -> std::string {
    for (const Requirement& requirement : selector.requirements())
      if (requirement.op == Operator::not_in && requirement.key == name_label)
        for (const std::string& value : requirement.values)
          if (value == system_namespace || value.ends_with("-system")) return value;
    return "";
  };
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.mutating() || !webhook.namespace_selector || !asks_for_builtin_namespaced(model, webhook)) continue;
    const std::string ns = first(*webhook.namespace_selector);
    if (!ns.empty())
      sink.add(webhook, expression_path(webhook, "namespaceSelector", name_label),
               fmt::format("what is written in {} is not checked", ns));
  }
  struct Holder {
    std::string_view kind, field;
  };
  for (const Holder& holder : {Holder{"ValidatingAdmissionPolicy", "matchConstraints"},
                               Holder{"ValidatingAdmissionPolicyBinding", "matchResources"}})
    for (const Manifest* policy : model.of_kind(holder.kind)) {
      const json::Value* selector = policy->at({"spec", holder.field, "namespaceSelector"});
      auto compiled = selector ? kube::LabelSelector::from_object(*selector) : kube::LabelSelector{};
      const std::string ns = compiled ? first(*compiled) : "";
      if (!ns.empty())
        sink.add(*policy, Path("spec") / holder.field / "namespaceSelector",
                 fmt::format("what is written in {} is not checked", ns));
    }
}

void broad_rule_without_match_conditions(const Model& model, Sink& sink) {
  constexpr std::array hot = {Target{"", "pods", ""},
                              Target{"", "pods", "status"},
                              Target{"", "nodes", "status"},
                              Target{"", "events", ""},
                              Target{"", "configmaps", ""},
                              Target{"", "secrets", ""},
                              Target{"", "endpoints", ""},
                              Target{"discovery.k8s.io", "endpointslices", ""},
                              Target{"coordination.k8s.io", "leases", ""}};
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.has("matchConditions")) continue;
    if (webhook.object_selector && !webhook.object_selector->everything()) continue;
    for (std::size_t i = 0; i < webhook.rules.size(); ++i) {
      const admission::Rule& rule = webhook.rules[i];
      const bool wide = holds(rule.resources, "*") || holds(rule.resources, "*/*") || holds(rule.groups, "*") ||
                        holds(rule.operations, "*") ||
                        (webhook.namespace_selector && webhook.namespace_selector->everything());
      if (!wide) continue;
      const std::string names = asked_targets(model, webhook, hot, any_write);
      if (names.empty()) break;
      sink.add(webhook, Path("rules") / i / "resources",
               fmt::format("often written objects ({}) are all sent, and no matchConditions filter them", names));
      break;
    }
  }
}

// --- GP127

void mirror_pods_mutated(const Model& model, Sink& sink) {
  const Target pods{"", "pods", ""};
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.mutating() || !model.asks_for(webhook, pods, create_or_update)) continue;
    if (webhook.conditions && webhook.conditions->mention("kubernetes.io/config.mirror")) continue;
    if (asks_for_opt_in(webhook.object_selector) || asks_for_opt_in(webhook.namespace_selector)) continue;
    sink.add(webhook, resources_path(model, webhook, pods, create_or_update),
             "mirror pods of static pods are mutated, too, without effect on what runs");
  }
}

// --- GP128, GP129

struct KnownResources {
  std::map<std::string, std::set<std::string>, std::less<>> by_group;
  std::map<std::string, std::set<std::string>, std::less<>> groups_of;  // resource -> groups
};

KnownResources known_resources(const Model& model) {
  KnownResources out;
  auto add = [&](std::string_view group, std::string_view resource) {
    out.by_group[std::string(group)].emplace(resource);
    out.groups_of[std::string(resource)].emplace(group);
  };
  for (const auto& info : model.registry().all()) {
    add(info->group, info->resource);
    for (const auto& sub : info->subresources) add(info->group, info->resource + "/" + sub.name);
  }
  for (const Manifest* definition : model.of_kind("CustomResourceDefinition")) {
    const std::string_view group = definition->text({"spec", "group"}),
                           plural = definition->text({"spec", "names", "plural"});
    add(group, plural);
    add(group, std::string(plural) + "/status");
    add(group, std::string(plural) + "/scale");
  }
  return out;
}

bool is_served(const Model& model, std::string_view group, std::string_view version, std::string_view resource) {
  if (version == "*" || !model.registry().has_group(group)) return true;
  return model.registry().find(group, version, resource) != nullptr;
}

// Why an entry of a rule's resources can match nothing; empty if it may.
std::string hopeless(const Model& model, const KnownResources& known, const admission::Rule& rule,
                     const std::string& item) {
  if (std::any_of(item.begin(), item.end(), [](unsigned char c) { return std::isupper(c) != 0; }))
    return fmt::format("resources are written in lower case: \"{}\" matches nothing", item);
  const std::string resource = item.substr(0, item.find('/'));
  if (item == "*" || resource == "*") return "";
  const bool whole = item.find('/') == std::string::npos;
  const bool any_sub = !whole && item.substr(item.find('/') + 1) == "*";
  bool group_known = true, version_known = false, found = false;
  std::vector<std::string> names;
  for (const std::string& group : rule.groups) {
    // Groups of custom resources and of aggregated APIs have a dot; others are built in, or nowhere.
    if (group != "*" && group.find('.') == std::string::npos && !model.registry().has_group(group)) continue;
    auto resources = known.by_group.find(group);
    if (group == "*" || resources == known.by_group.end()) {
      group_known = false;
      continue;
    }
    names.insert(names.end(), resources->second.begin(), resources->second.end());
    if (!resources->second.contains(whole || any_sub ? resource : item)) continue;
    found = true;
    for (const std::string& version : rule.versions)
      version_known = version_known || is_served(model, group, version, resource);
  }
  if (!group_known || rule.groups.empty()) return "";
  if (found && (version_known || rule.versions.empty())) return "";
  if (found) return fmt::format("{} is not served in the version {}", item, joined(rule.versions));
  auto elsewhere = known.groups_of.find(item);
  if (elsewhere != known.groups_of.end()) {
    const std::string& group = *elsewhere->second.begin();
    return fmt::format("{} is in the group \"{}\", not in \"{}\"", item, group, joined(rule.groups));
  }
  const auto near = diagnose::nearest(item, names);
  return fmt::format("there is no resource \"{}\" in \"{}\"{}", item, joined(rule.groups),
                     near.empty() ? "" : fmt::format("; {} is near", near[0]));
}

void never_matches(const Model& model, Sink& sink) {
  if (model.webhooks().empty()) return;
  const KnownResources known = known_resources(model);
  for (const Webhook& webhook : model.webhooks())
    for (std::size_t i = 0; i < webhook.rules.size(); ++i)
      for (std::size_t j = 0; j < webhook.rules[i].resources.size(); ++j) {
        const std::string why = hopeless(model, known, webhook.rules[i], webhook.rules[i].resources[j]);
        if (!why.empty()) sink.add(webhook, Path("rules") / i / "resources" / j, why);
      }
}

void rule_on_webhook_configurations(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    for (std::size_t i = 0; i < webhook.rules.size(); ++i)
      if (holds(webhook.rules[i].groups, "admissionregistration.k8s.io"))
        sink.add(webhook, Path("rules") / i / "apiGroups",
                 "webhooks are never called for webhook configurations and admission policies");
}

// --- GP130

void many_mutating_on_one_resource(const Model& model, Sink& sink) {
  std::vector<Target> targets;
  for (const auto& info : model.registry().all()) targets.push_back({info->group, info->resource, ""});
  for (const Manifest* definition : model.of_kind("CustomResourceDefinition"))
    targets.push_back({definition->text({"spec", "group"}), definition->text({"spec", "names", "plural"}), ""});
  std::vector<const Webhook*> mutating;
  for (const Webhook& webhook : model.webhooks())
    if (webhook.mutating()) mutating.push_back(&webhook);
  const auto most =
      static_cast<std::size_t>(std::max<std::int64_t>(2, model.settings().thresholds.mutating_per_resource));
  if (mutating.size() < most) return;
  constexpr std::size_t most_compared = 64;  // beyond that many it is a crowd in any case
  std::map<std::vector<const Webhook*>, std::vector<std::string>> crowds;
  for (const Target& target : targets) {
    // Those that may be called for one object: entries whose selectors exclude each other are never called together.
    std::vector<const Webhook*> met;
    for (const Webhook* webhook : mutating)
      if (model.asks_for(*webhook, target, any_write) &&
          (met.size() >= most_compared || std::none_of(met.begin(), met.end(), [&](const Webhook* other) {
             return exclude_each_other(*webhook, *other);
           })))
        met.push_back(webhook);
    std::vector<std::string>* resources = met.size() >= most ? &crowds[met] : nullptr;
    if (resources && !holds(*resources, to_text(target))) resources->push_back(to_text(target));
  }
  for (auto& [webhooks, resources] : crowds) {
    constexpr std::size_t most_told = 5;
    const std::size_t count = resources.size();
    resources.resize(std::min(count, most_told));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(webhooks.size(), most_told); ++i) names.push_back(webhooks[i]->name);
    sink.add(*webhooks.back(), "rules",
             fmt::format("{} mutating webhooks follow each other on {}{}: {}{}", webhooks.size(), joined(resources),
                         count > most_told ? " and more" : "", joined(names),
                         webhooks.size() > most_told ? " and more" : ""));
  }
}

constexpr Rule rules[] = {{"GP119", needless_operations},
                          {"GP120", scope_not_set},
                          {"GP121", no_namespace_selector},
                          {"GP122", exclusion_label_absent},
                          {"GP123", exclusion_label_forgeable},
                          {"GP124", object_selector_as_opt_out},
                          {"GP125", policy_exempts_system_namespaces},
                          {"GP126", broad_rule_without_match_conditions},
                          {"GP127", mirror_pods_mutated},
                          {"GP128", never_matches},
                          {"GP129", rule_on_webhook_configurations},
                          {"GP130", many_mutating_on_one_resource}};

}  // namespace

std::span<const Rule> selector_rules() {
  return rules;
}

}  // namespace gatepost::lint
