#include "rehearse/change.h"

#include <algorithm>
#include <set>

#include "json/parse.h"
#include "json/write.h"
#include "simulate/objects.h"
#include "yaml/write.h"

namespace gatepost::rehearse {
namespace {

// A change of one webhook: the field and its new value.
struct Candidate {
  std::size_t webhook = 0;
  std::string field, summary;
  json::Value value;
};

json::Value configuration_of(const World& world, const Webhook& webhook) {
  auto stored = world.cluster->store().get({webhook.collection, "", webhook.configuration_name});
  auto parsed = stored ? json::parse(*stored->bytes, json::make_arena()) : Result<json::Value>(fail("gone"));
  return parsed ? std::move(*parsed) : json::Value();
}

json::Value hook_of(const World& world, const Webhook& webhook) {
  const json::Value configuration = configuration_of(world, webhook);
  const json::Array* hooks = json::array_at(configuration, {"webhooks"});
  return hooks && webhook.index < hooks->size() ? json::Value((*hooks)[webhook.index], json::make_arena())
                                                : json::Value();
}

// The selector with one requirement more.
json::Value with_requirement(const json::Value& hook, std::string_view field, std::string_view key,
                             const std::vector<std::string>& values) {
  json::Value selector(json::Object{}, json::make_arena());
  if (const json::Object* present = json::object_at(hook, {field})) selector.get_object() = *present;
  json::Value& list = selector.get_object()["matchExpressions"];
  if (!list.is_array()) list = json::Array(selector.storage());
  json::Array listed;
  for (const std::string& value : values) listed.emplace_back(value);
  for (json::Value& requirement : list.get_array()) {
    if (json::string_at(requirement, {"key"}) != key || json::string_at(requirement, {"operator"}) != "NotIn") continue;
    for (json::Value& value : listed) requirement.get_object()["values"].get_array().push_back(std::move(value));
    return selector;
  }
  list.get_array().emplace_back(json::Object{{"key", key}, {"operator", "NotIn"}, {"values", std::move(listed)}});
  return selector;
}

// A label that the pods of the backend carry and few others do.
std::pair<std::string, std::string> label_of(const World& world, const Backend& backend) {
  simulate::ItemPtr service = world.cluster->cache().find(simulate::collection::services, backend.ns, backend.service);
  const json::Object* selector = service ? json::object_at(service->value, {"spec", "selector"}) : nullptr;
  if (!selector || selector->empty() || !selector->begin()->value().is_string()) return {};
  return {std::string(selector->begin()->key()), std::string(json::view(selector->begin()->value().get_string()))};
}

std::vector<Candidate> candidates_for(const World& world, std::size_t index, const std::set<std::string>& spaces,
                                      const std::set<std::string>& backends) {
  const Webhook& webhook = world.webhooks[index];
  const json::Value hook = hook_of(world, webhook);
  std::vector<Candidate> out;
  const std::vector<std::string> names(spaces.begin(), spaces.end());
  std::string listed;
  for (const std::string& name : names) listed += (listed.empty() ? "" : ", ") + name;
  out.push_back(
      {index, "namespaceSelector",
       "exclude namespace" + std::string(names.size() > 1 ? "s " : " ") + listed + " from webhook " + webhook.name,
       with_requirement(hook, "namespaceSelector", "kubernetes.io/metadata.name", names)});
  for (const std::string& id : backends) {
    const Backend* backend = world.find(id);
    if (!backend) continue;
    auto [key, value] = label_of(world, *backend);
    if (key.empty()) continue;
    out.push_back({index, "objectSelector",
                   "exclude objects labelled " + key + "=" + value + " from webhook " + webhook.name,
                   with_requirement(hook, "objectSelector", key, {value})});
  }
  out.push_back(
      {index, "failurePolicy", "let requests pass while webhook " + webhook.name + " fails", json::Value("Ignore")});
  return out;
}

net::Task<void> put_hook(World* world, const Webhook& webhook, std::string field, json::Value value) {
  json::Value configuration = configuration_of(*world, webhook);
  json::Value* hooks = configuration.is_object() ? configuration.get_object().if_contains("webhooks") : nullptr;
  if (!hooks || !hooks->is_array() || webhook.index >= hooks->get_array().size()) co_return;
  json::Object& hook = hooks->get_array()[webhook.index].get_object();
  if (value.is_null())
    hook.erase(field);
  else
    hook[field] = value;
  co_await world->cluster->put(*world->cluster->resource(webhook.collection), std::move(configuration));
}

std::string lines_of(const json::Value& value, char sign, int indent) {
  std::string text = yaml::write(value), out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += sign;
    out += std::string(static_cast<std::size_t>(indent), ' ') + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return out;
}

Edit edit_of(const World& world, const Candidate& candidate) {
  const Webhook& webhook = world.webhooks[candidate.webhook];
  const json::Value hook = hook_of(world, webhook);
  const json::Value* before = json::find(hook, candidate.field);
  Edit edit;
  edit.configuration = webhook.configuration;
  edit.webhook = webhook.name;
  edit.summary = candidate.summary;
  const std::string path = "/webhooks/" + std::to_string(webhook.index) + "/";
  json::Array operations;
  // The patch fails where the list is another one by then.
  operations.emplace_back(json::Object{{"op", "test"}, {"path", path + "name"}, {"value", webhook.name}});
  operations.emplace_back(
      json::Object{{"op", before ? "replace" : "add"}, {"path", path + candidate.field}, {"value", candidate.value}});
  edit.patch = json::write(json::Value(std::move(operations)));
  edit.command = "kubectl patch " + webhook.configuration + " --type=json -p='" + edit.patch + "'";
  edit.diff = " # " + webhook.configuration + "\n webhooks:\n - name: " + webhook.name + "\n";
  if (before) edit.diff += lines_of(json::Value(json::Object{{candidate.field, *before}}), '-', 2);
  edit.diff += lines_of(json::Value(json::Object{{candidate.field, candidate.value}}), '+', 2);
  return edit;
}

net::Task<bool> helps(World* world, Scenario scenario, std::vector<Candidate> candidates) {
  std::vector<json::Value> before;
  for (Candidate& candidate : candidates) {
    const Webhook& webhook = world->webhooks[candidate.webhook];
    const json::Value hook = hook_of(*world, webhook);
    const json::Value* present = json::find(hook, candidate.field);
    before.push_back(present ? json::Value(*present, json::make_arena()) : json::Value());
    co_await put_hook(world, webhook, candidate.field, candidate.value);
  }
  const Played played = co_await play(world, std::move(scenario));
  for (std::size_t i = candidates.size(); i-- > 0;)
    co_await put_hook(world, world->webhooks[candidates[i].webhook], candidates[i].field, before[i]);
  co_return played.wedged.empty();
}

}  // namespace

net::Task<std::optional<Change>> smallest_change(World* world, Scenario scenario, Played wedged) {
  // Which webhook keeps which wedged backends from coming back.
  std::map<std::size_t, std::set<std::string>> spaces, backends;
  for (const Wait& wait : wedged.waits) {
    if (wait.webhook.empty()) continue;
    if (std::find(wedged.wedged.begin(), wedged.wedged.end(), wait.backend) == wedged.wedged.end()) continue;
    const Backend* waiting = world->find(wait.backend);
    for (std::size_t w = 0; waiting && w < world->webhooks.size(); ++w) {
      if (world->webhooks[w].name != wait.webhook || world->webhooks[w].backend != wait.on) continue;
      spaces[w].insert(waiting->ns);
      backends[w].insert(wait.backend);
    }
  }
  Change change;
  std::vector<std::vector<Candidate>> all;
  for (const auto& [w, names] : spaces) all.push_back(candidates_for(*world, w, names, backends[w]));
  // One edit, the mildest first; where that is not enough, the same kind of edit of every webhook concerned.
  constexpr std::size_t kinds = 3, most_tries = 40;
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    for (const auto& candidates : all) {
      const std::size_t at = kind + 1 == kinds ? candidates.size() - 1 : kind;
      if (at >= candidates.size() || (kind == 1 && candidates.size() < kinds) || change.tried >= most_tries) continue;
      ++change.tried;
      if (!co_await helps(world, scenario, {candidates[at]})) continue;
      change.edits = {edit_of(*world, candidates[at])};
      co_return change;
    }
  }
  if (all.size() < 2) co_return std::nullopt;
  for (std::size_t kind : {std::size_t{0}, kinds - 1}) {
    std::vector<Candidate> together;
    for (const auto& candidates : all) together.push_back(kind == 0 ? candidates.front() : candidates.back());
    ++change.tried;
    if (!co_await helps(world, scenario, together)) continue;
    // What turns out not to be needed is left out again.
    for (std::size_t i = 0; i < together.size() && together.size() > 1 && change.tried < most_tries;) {
      std::vector<Candidate> fewer = together;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      ++change.tried;
      if (co_await helps(world, scenario, fewer))
        together = std::move(fewer);
      else
        ++i;
    }
    for (const Candidate& candidate : together) change.edits.push_back(edit_of(*world, candidate));
    co_return change;
  }
  co_return std::nullopt;
}

}  // namespace gatepost::rehearse
