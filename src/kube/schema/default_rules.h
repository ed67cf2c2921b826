// The rules of data/defaults.rules, read once into a tree of steps that walks an object. A step looks at one member of
// a structure: sets it, applies the rules of a type to it, or hands it to code.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace gatepost::kube {

struct DefaultRules;

// A rule in code; sees the structure it is written for.
using DefaultHook = void (*)(json::Object& structure);

// The hook a rule names, or null.
DefaultHook default_hook(std::string_view name);

enum class DefaultAction { set_missing, set_zero, apply, hook };
enum class DefaultReach { member, made_member, each_element, each_value };

struct DefaultStep {
  std::string key;  // the member looked at; empty: the structure itself
  DefaultReach reach = DefaultReach::member;
  DefaultAction action = DefaultAction::apply;
  json::Value value;                    // set_*
  const DefaultRules* rules = nullptr;  // apply
  DefaultHook hook = nullptr;
};

struct DefaultRules {
  std::vector<DefaultStep> steps;
};

void apply_defaults(json::Object& structure, const DefaultRules& rules);

class DefaultCatalogue {
 public:
  // Fails with the line that cannot be read.
  static Result<DefaultCatalogue> parse(std::string_view text);

  // Rules of a kind, null when nothing is set there. `api_version` as in objects: "v1", "apps/v1".
  const DefaultRules* of_kind(std::string_view group, std::string_view version, const std::string& kind) const;

 private:
  struct OfKind {
    std::string group, version;
    const DefaultRules* rules;
  };
  DefaultRules* named(const std::string& type);
  DefaultRules* own();
  Result<void> add_rule(DefaultRules& block, std::string_view line);

  std::vector<std::unique_ptr<DefaultRules>> all_;
  std::unordered_map<std::string, DefaultRules*> types_;
  std::unordered_map<std::string, std::vector<OfKind>> kinds_;
};

}  // namespace gatepost::kube
