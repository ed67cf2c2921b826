#include "kube/schema/default_rules.h"

#include <algorithm>

#include "json/parse.h"

namespace gatepost::kube {
namespace {

bool is_zero(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::null:
      return true;
    case json::Kind::string:
      return value.get_string().empty();
    case json::Kind::int64:
      return value.get_int64() == 0;
    case json::Kind::array:
      return value.get_array().empty();
    default:
      return false;
  }
}

void apply_to(json::Value& value, const DefaultStep& step) {
  if (!value.is_object()) return;
  if (step.action == DefaultAction::hook)
    step.hook(value.get_object());
  else
    apply_defaults(value.get_object(), *step.rules);
}

void set(json::Object& structure, const DefaultStep& step) {
  json::Value* present = structure.if_contains(step.key);
  if (!present)
    structure.emplace(step.key, step.value);
  else if (present->is_null() || (step.action == DefaultAction::set_zero && is_zero(*present)))
    *present = step.value;
}

void run(json::Object& structure, const DefaultStep& step) {
  if (step.action == DefaultAction::set_missing || step.action == DefaultAction::set_zero) return set(structure, step);
  if (step.key.empty()) {
    if (step.action == DefaultAction::hook)
      step.hook(structure);
    else
      apply_defaults(structure, *step.rules);
    return;
  }
  json::Value* member = structure.if_contains(step.key);
  if (!member && step.reach == DefaultReach::made_member)
    member = &structure.emplace(step.key, json::Object()).first->value();
  if (!member) return;
  switch (step.reach) {
    case DefaultReach::member:
    case DefaultReach::made_member:
      return apply_to(*member, step);
    case DefaultReach::each_element:
      if (member->is_array())
        for (json::Value& element : member->get_array()) apply_to(element, step);
      return;
    case DefaultReach::each_value:
      if (member->is_object())
        for (auto& entry : member->get_object()) apply_to(entry.value(), step);
      return;
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\r')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string_view word(std::string_view& rest) {
  rest = trimmed(rest);
  std::string_view taken = rest.substr(0, rest.find(' '));
  rest.remove_prefix(taken.size());
  rest = trimmed(rest);
  return taken;
}

DefaultReach take_reach(std::string_view& segment) {
  auto take = [&](std::string_view suffix) {
    if (!segment.ends_with(suffix)) return false;
    segment.remove_suffix(suffix.size());
    return true;
  };
  if (take("[]")) return DefaultReach::each_element;
  if (take("{}")) return DefaultReach::each_value;
  if (take("+")) return DefaultReach::made_member;
  return DefaultReach::member;
}

}  // namespace

void apply_defaults(json::Object& structure, const DefaultRules& rules) {
  for (const DefaultStep& step : rules.steps) run(structure, step);
}

Result<DefaultCatalogue> DefaultCatalogue::parse(std::string_view text) {
  DefaultCatalogue catalogue;
  DefaultRules* block = nullptr;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    std::string_view rest = trimmed(line);
    if (rest.empty() || rest.front() == '#') continue;
    if (line.front() == ' ') {
      if (!block) return fail("a rule before the first block: " + std::string(line));
      if (auto added = catalogue.add_rule(*block, rest); !added) return fail_with(added.error());
      continue;
    }
    std::string_view what = word(rest);
    if (what == "type") {
      block = catalogue.named(std::string(rest));
    } else if (what == "kind") {
      std::string_view api = word(rest);
      std::size_t slash = std::min(api.find('/'), api.size());
      block = catalogue.own();
      catalogue.kinds_[std::string(rest)].push_back(
          {std::string(api.substr(0, slash)), std::string(api.substr(std::min(slash + 1, api.size()))), block});
    } else {
      return fail("neither type nor kind nor a rule: " + std::string(line));
    }
  }
  return catalogue;
}

DefaultRules* DefaultCatalogue::own() {
  all_.push_back(std::make_unique<DefaultRules>());
  return all_.back().get();
}

DefaultRules* DefaultCatalogue::named(const std::string& type) {
  DefaultRules*& rules = types_[type];
  if (!rules) rules = own();
  return rules;
}

// Rules that begin with the same segment as the one before share its step, so that a member is looked up once.
Result<void> DefaultCatalogue::add_rule(DefaultRules& block, std::string_view line) {
  std::string_view rest = line, path = word(rest), sign = word(rest);
  DefaultRules* at = &block;
  DefaultStep step;
  if (path != ".") {
    for (std::size_t dot; (dot = path.find('.')) != std::string_view::npos; path.remove_prefix(dot + 1)) {
      std::string_view segment = path.substr(0, dot);
      DefaultReach reach = take_reach(segment);
      DefaultStep* before = at->steps.empty() ? nullptr : &at->steps.back();
      bool shared =
          before && before->key == segment && before->action == DefaultAction::apply && before->rules &&
          std::find_if(types_.begin(), types_.end(), [&](const auto& type) { return type.second == before->rules; }) ==
              types_.end() &&
          (before->reach == reach || (before->reach == DefaultReach::made_member && reach == DefaultReach::member));
      if (shared) {
        at = const_cast<DefaultRules*>(before->rules);
        continue;
      }
      DefaultStep inner;
      inner.key = segment;
      inner.reach = reach;
      DefaultRules* next = own();
      inner.rules = next;
      at->steps.push_back(std::move(inner));
      at = next;
    }
    step.reach = take_reach(path);
    step.key = path;
  }
  if (sign == "=" || sign == "?=") {
    step.action = sign == "=" ? DefaultAction::set_missing : DefaultAction::set_zero;
    auto value = json::parse(rest, json::Storage());
    if (!value) return fail("not JSON: " + std::string(line));
    step.value = std::move(*value);
  } else if (sign == ":") {
    step.rules = named(std::string(rest));
  } else if (sign == "!") {
    step.action = DefaultAction::hook;
    step.hook = default_hook(rest);
    if (!step.hook) return fail("no such hook: " + std::string(line));
  } else {
    return fail("not a rule: " + std::string(line));
  }
  at->steps.push_back(std::move(step));
  return {};
}

const DefaultRules* DefaultCatalogue::of_kind(std::string_view group, std::string_view version,
                                              const std::string& kind) const {
  auto found = kinds_.find(kind);
  if (found == kinds_.end()) return nullptr;
  for (const OfKind& of : found->second)
    if (of.group == group && of.version == version) return of.rules;
  return nullptr;
}

}  // namespace gatepost::kube
