// One evaluation: the values of variables, memory, and the cost so far. Libraries see it as the first argument of their
// functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cel/value.h"

namespace re2 {
class RE2;
}

namespace gatepost::cel {

// Answers what the `authorizer` variable asks. Implemented by the server over its own authoriser.
struct AuthorizationQuestion {
  std::string_view path;  // of a request that is not about a resource
  std::string_view group, version, resource, subresource, namespace_name, name, verb;
  std::string_view field_selector, label_selector;
  std::string_view field_selector_error, label_selector_error;
  // Set: the question is for this service account instead of the request's user.
  std::string_view service_account_namespace, service_account_name;
};

struct AuthorizationAnswer {
  bool allowed = false;
  std::string reason;
  std::string error;  // set: the authoriser failed
};

class Authorizer {
 public:
  virtual ~Authorizer() = default;
  virtual AuthorizationAnswer check(const AuthorizationQuestion& question) = 0;
};

// Variables whose value is computed at their first use (`variables.x` of a policy).
class Evaluation;
class LazyVariables {
 public:
  virtual ~LazyVariables() = default;
  // False: there is no such variable.
  virtual bool find(std::string_view name, Evaluation& evaluation, Value& out) = 0;
};

struct Variable {
  std::string_view name;
  Value value;
};

struct Activation {
  std::span<const Variable> variables;
  Authorizer* authorizer = nullptr;
  LazyVariables* lazy = nullptr;  // the fields of the variable named `lazy_name`
  std::string_view lazy_name = "variables";
};

class Evaluation {
 public:
  Evaluation(Arena& memory, const Activation& values, std::uint64_t most_cost)
      : arena(memory), activation(values), cost_limit(most_cost) {}

  // Counts; beyond the limit the whole evaluation ends.
  void charge(std::uint64_t cost) {
    spent += cost;
    if (spent > cost_limit) cancelled = true;
  }

  Value error(std::string_view text) { return Value::error(arena, text); }
  Value text(std::string_view copied) { return Value::of_string(arena.copy(copied)); }
  // A compiled pattern: the program's where it is a constant. Null with `problem` set if it is wrong.
  const re2::RE2* regex(std::string_view pattern, std::string& problem);

  Arena& arena;
  const Activation& activation;
  std::uint64_t cost_limit;
  std::uint64_t spent = 0;
  bool cancelled = false;
  const re2::RE2* prepared = nullptr;  // the pattern of the call being made
};

}  // namespace gatepost::cel
