#include "lint/rules/common.h"

#include <cctype>

namespace gatepost::lint {

Path resources_path(const Model& model, const Webhook& webhook, const Target& target, Operations operations) {
  auto rule = model.rule_for(webhook, target, operations);
  return rule ? Path("rules") / *rule / "resources" : Path("rules");
}

namespace {

template <class Asks>
std::string text_of(std::span<const Target> targets, Asks asks) {
  std::vector<std::string> names;
  for (const Target& target : targets)
    if (asks(target)) names.push_back(to_text(target));
  return joined(names);
}

void add(const Model& model, const Webhook& webhook, std::span<const Target> targets, Operations operations,
         std::string_view what, const std::string& names, Sink& sink) {
  if (names.empty()) return;
  for (const Target& target : targets)
    if (model.asks_for(webhook, target, operations))
      return sink.add(webhook, resources_path(model, webhook, target, operations), fmt::format("{} ({})", what, names));
}

}  // namespace

std::string asked_targets(const Model& model, const Webhook& webhook, std::span<const Target> targets,
                          Operations operations) {
  return text_of(targets, [&](const Target& target) { return model.asks_for(webhook, target, operations); });
}

std::string asked_targets_in(const Model& model, const Webhook& webhook, std::span<const Target> targets,
                             Operations operations, std::string_view ns) {
  return text_of(targets, [&](const Target& target) { return model.asks_for_in(webhook, target, operations, ns); });
}

void add_targets(const Model& model, const Webhook& webhook, std::span<const Target> targets, Operations operations,
                 std::string_view what, Sink& sink) {
  add(model, webhook, targets, operations, what, asked_targets(model, webhook, targets, operations), sink);
}

void add_targets_in(const Model& model, const Webhook& webhook, std::span<const Target> targets, Operations operations,
                    std::string_view ns, std::string_view what, Sink& sink) {
  add(model, webhook, targets, operations, what, asked_targets_in(model, webhook, targets, operations, ns), sink);
}

bool holds(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string joined(const std::vector<std::string>& list, std::string_view separator) {
  std::string out;
  for (const std::string& item : list) out += (out.empty() ? "" : std::string(separator)) + item;
  return out;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool asks_for_builtin_namespaced(const Model& model, const Webhook& webhook) {
  return std::any_of(webhook.rules.begin(), webhook.rules.end(), [&](const admission::Rule& rule) {
    if (rule.scope == admission::Scope::cluster) return false;
    for (const std::string& group : rule.groups) {
      if (group == "*") return true;
      if (!model.registry().has_group(group)) continue;
      for (const std::string& item : rule.resources) {
        const std::string resource = item.substr(0, item.find('/'));
        if (resource == "*" || model.is_namespaced(group, resource).value_or(false)) return true;
      }
    }
    return false;
  });
}

std::string_view how_it_fails(const Webhook& webhook) {
  return webhook.fails_closed ? "fails closed" : "fails open";
}

}  // namespace gatepost::lint
