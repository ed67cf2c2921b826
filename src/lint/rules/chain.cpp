#include "lint/rules/chain.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace gatepost::lint {
namespace {

constexpr std::size_t most_namespaces = 50;  // that are looked at one by one
constexpr std::size_t most_told = 6;

std::int64_t cost(const Webhook& webhook) {
  const bool again = webhook.mutating() && json::string_at(*webhook.value, {"reinvocationPolicy"}) == "IfNeeded";
  return webhook.timeout * (again ? 2 : 1);
}

// Namespaces in which requests may meet different webhooks.
std::vector<std::string> namespaces_of(const Model& model) {
  std::set<std::string> names = {"default", "kube-system", "kube-node-lease"};
  for (const Manifest* one : model.of_kind("Namespace"))
    if (names.size() < most_namespaces) names.insert(one->name);
  return {names.begin(), names.end()};
}

}  // namespace

std::int64_t Chain::seconds() const {
  std::int64_t out = 0, longest_check = 0;
  for (const Webhook* webhook : mutating) out += cost(*webhook);
  for (const Webhook* webhook : validating) longest_check = std::max(longest_check, cost(*webhook));
  return out + longest_check;
}

const Webhook* Chain::longest() const {
  const Webhook* out = nullptr;
  for (const Webhook* webhook : all())
    if (!out || cost(*webhook) > cost(*out)) out = webhook;
  return out;
}

std::vector<const Webhook*> Chain::all() const {
  std::vector<const Webhook*> out = mutating;
  out.insert(out.end(), validating.begin(), validating.end());
  return out;
}

std::string Chain::text() const {
  std::string out;
  std::size_t told = 0;
  for (const Webhook* webhook : all()) {
    if (told++ == most_told) return out + fmt::format(" and {} more", all().size() - most_told);
    out += fmt::format("{}{} {}{} s", out.empty() ? "" : ", ", webhook->name,
                       cost(*webhook) > webhook->timeout ? "2 x " : "", webhook->timeout);
  }
  return out;
}

std::vector<Chain> chains_of(const Model& model, const Target& target) {
  std::vector<Chain> out;
  std::set<std::vector<const Webhook*>> seen;
  for (const Operations& operation : {Operations{true, false, false, false}, Operations{false, true, false, false},
                                      Operations{false, false, true, false}}) {
    std::vector<const Webhook*> asked;
    for (const Webhook& webhook : model.webhooks())
      if (model.asks_for(webhook, target, operation)) asked.push_back(&webhook);
    if (asked.empty()) continue;
    std::vector<std::string> namespaces = namespaces_of(model);
    if (!model.is_namespaced(target.group, target.resource).value_or(true) && target.resource != "namespaces")
      namespaces = {""};
    for (const std::string& ns : namespaces) {
      Chain chain;
      for (const Webhook* webhook : asked)
        if (ns.empty() || model.selects_namespace(*webhook, ns))
          (webhook->mutating() ? chain.mutating : chain.validating).push_back(webhook);
      if (!chain.all().empty() && seen.insert(chain.all()).second) out.push_back(std::move(chain));
    }
  }
  return out;
}

std::vector<Chain> chains(const Model& model) {
  std::set<std::pair<std::string, std::string>> resources;
  for (const auto& info : model.registry().all()) resources.emplace(info->group, info->resource);
  for (const Webhook& webhook : model.webhooks())
    for (const admission::Rule& rule : webhook.rules)
      for (const std::string& group : rule.groups)
        for (const std::string& item : rule.resources)
          if (group != "*" && !item.starts_with('*')) resources.emplace(group, item.substr(0, item.find('/')));
  std::map<std::vector<const Webhook*>, Chain> found;
  for (const auto& [group, resource] : resources)
    for (Chain& chain : chains_of(model, {group, resource, ""})) {
      std::vector<const Webhook*> key = chain.all();
      std::sort(key.begin(), key.end());
      found.emplace(std::move(key), std::move(chain));
    }
  std::vector<Chain> out;
  for (const auto& [key, chain] : found) {
    const bool part = std::any_of(found.begin(), found.end(), [&](const auto& other) {
      return other.first.size() > key.size() &&
             std::includes(other.first.begin(), other.first.end(), key.begin(), key.end()) &&
             other.second.seconds() >= chain.seconds();
    });
    if (!part) out.push_back(chain);
  }
  return out;
}

}  // namespace gatepost::lint
