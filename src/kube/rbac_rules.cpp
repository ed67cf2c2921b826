#include "kube/rbac_rules.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "net/go_text.h"

namespace gatepost::kube {
namespace {

bool has(std::span<const std::string> list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

bool has_or_all(std::span<const std::string> list, std::string_view value) {
  return std::ranges::any_of(list, [&](const std::string& one) { return one == "*" || one == value; });
}

// "pods/log" for the resource and its subresource without making the string.
bool is_combined(std::string_view rule, std::string_view resource, std::string_view subresource) {
  if (subresource.empty()) return rule == resource;
  return rule.size() == resource.size() + 1 + subresource.size() && rule.starts_with(resource) &&
         rule[resource.size()] == '/' && rule.ends_with(subresource);
}

// "*/scale" means that subresource of everything.
bool is_any_with(std::string_view rule, std::string_view subresource) {
  return !subresource.empty() && rule.size() == subresource.size() + 2 && rule.starts_with("*/") &&
         rule.ends_with(subresource);
}

bool resource_matches(std::span<const std::string> rules, std::string_view resource, std::string_view subresource) {
  return std::ranges::any_of(rules, [&](const std::string& rule) {
    return rule == "*" || is_combined(rule, resource, subresource) || is_any_with(rule, subresource);
  });
}

bool path_matches(std::string_view rule, std::string_view path) {
  if (rule == "*" || rule == path) return true;
  if (!rule.ends_with('*')) return false;
  while (rule.ends_with('*')) rule.remove_suffix(1);
  return path.starts_with(rule);
}

bool paths_match(std::span<const std::string> rules, std::string_view path) {
  return std::ranges::any_of(rules, [&](const std::string& rule) { return path_matches(rule, path); });
}

// `part` is of one verb on one resource or path.
bool covers(const PolicyRule& owner, const PolicyRule& part) {
  if (!has_or_all(owner.verbs, part.verbs.front())) return false;
  if (!part.non_resource_urls.empty()) return paths_match(owner.non_resource_urls, part.non_resource_urls.front());
  if (!has_or_all(owner.api_groups, part.api_groups.front())) return false;
  const std::string_view combined = part.resources.front();
  const std::size_t slash = combined.find('/');
  const std::string_view subresource = slash == combined.npos ? std::string_view() : combined.substr(slash + 1);
  if (!resource_matches(owner.resources, combined.substr(0, slash), subresource)) return false;
  return owner.resource_names.empty() ||
         (!part.resource_names.empty() && has(owner.resource_names, part.resource_names.front()));
}

std::vector<PolicyRule> break_down(const PolicyRule& rule) {
  std::vector<PolicyRule> parts;
  for (const std::string& group : rule.api_groups) {
    for (const std::string& resource : rule.resources) {
      for (const std::string& verb : rule.verbs) {
        if (rule.resource_names.empty()) parts.push_back({{verb}, {group}, {resource}, {}, {}});
        for (const std::string& name : rule.resource_names) parts.push_back({{verb}, {group}, {resource}, {name}, {}});
      }
    }
  }
  for (const std::string& url : rule.non_resource_urls) {
    for (const std::string& verb : rule.verbs) parts.push_back({{verb}, {}, {}, {}, {url}});
  }
  return parts;
}

std::vector<std::string> strings(const json::Value& object, std::string_view key) {
  std::vector<std::string> out;
  if (const json::Array* list = json::array_at(object, {key})) {
    for (const json::Value& item : *list) {
      if (item.is_string()) out.emplace_back(json::view(item.get_string()));
    }
  }
  return out;
}

}  // namespace

std::vector<PolicyRule> read_rules(const json::Value& object) {
  std::vector<PolicyRule> rules;
  const json::Array* list = json::array_at(object, {"rules"});
  if (!list) return rules;
  rules.reserve(list->size());
  for (const json::Value& item : *list) {
    if (!item.is_object()) continue;
    rules.push_back({strings(item, "verbs"), strings(item, "apiGroups"), strings(item, "resources"),
                     strings(item, "resourceNames"), strings(item, "nonResourceURLs")});
  }
  return rules;
}

bool allows(const PolicyRule& rule, const AccessRequest& request) {
  if (!has_or_all(rule.verbs, request.verb)) return false;
  if (!request.path.empty()) return paths_match(rule.non_resource_urls, request.path);
  return has_or_all(rule.api_groups, request.group) &&
         resource_matches(rule.resources, request.resource, request.subresource) &&
         (rule.resource_names.empty() || has(rule.resource_names, request.name));
}

std::vector<PolicyRule> missing_rules(std::span<const PolicyRule> owned, std::span<const PolicyRule> wanted) {
  std::vector<PolicyRule> missing;
  for (const PolicyRule& rule : wanted) {
    for (PolicyRule& part : break_down(rule)) {
      if (std::ranges::none_of(owned, [&](const PolicyRule& owner) { return covers(owner, part); })) {
        missing.push_back(std::move(part));
      }
    }
  }
  return missing;
}

std::vector<PolicyRule> compact_rules(std::vector<PolicyRule> rules) {
  std::vector<PolicyRule> out;
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> simple;  // group, resource, name -> in `out`
  for (PolicyRule& rule : rules) {
    const bool is_simple = rule.api_groups.size() == 1 && rule.resources.size() == 1 &&
                           rule.resource_names.size() <= 1 && rule.non_resource_urls.empty();
    if (!is_simple) {
      out.push_back(std::move(rule));
      continue;
    }
    const std::string name = rule.resource_names.empty() ? std::string() : "=" + rule.resource_names.front();
    const auto [at, fresh] = simple.try_emplace({rule.api_groups.front(), rule.resources.front(), name}, out.size());
    if (fresh) {
      out.push_back(std::move(rule));
    } else {
      out[at->second].verbs.insert(out[at->second].verbs.end(), rule.verbs.begin(), rule.verbs.end());
    }
  }
  return out;
}

std::string rule_text(const PolicyRule& rule) {
  std::string out = "{";
  const auto part = [&](const char* name, const std::vector<std::string>& list) {
    if (list.empty()) return;
    if (out.size() > 1) out += ", ";
    out += name;
    out += ':';
    out += go_quote(list);
  };
  part("APIGroups", rule.api_groups);
  part("Resources", rule.resources);
  part("NonResourceURLs", rule.non_resource_urls);
  part("ResourceNames", rule.resource_names);
  part("Verbs", rule.verbs);
  return out + "}";
}

std::string go_quote(std::span<const std::string> list) {
  std::string out = "[";
  for (const std::string& text : list) {
    if (out.size() > 1) out += ' ';
    out += net::go_quote(text);
  }
  return out + "]";
}

}  // namespace gatepost::kube
