// Expressions of webhooks and policies: compiled when their configuration changes, with kube-apiserver's texts for what
// does not compile (apiserver/pkg/admission/plugin/cel). Immutable and shared by requests.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cel/environment.h"
#include "json/value.h"

namespace gatepost::admission {

struct Expression {
  std::string text;
  std::optional<cel::Program> program;
  std::string problem;  // why there is no program: "compilation failed: ..."

  // False: its value cannot depend on the variable, which need not be made.
  bool mentions(std::string_view variable) const { return text.find(variable) != std::string::npos; }

  // `results`: the types that it may have, as CEL writes them; none: any.
  static Expression compile(const cel::Environment& environment, std::string text,
                            std::initializer_list<std::string_view> results = {});
};

// The `variables` of a policy, in order of declaration. Each may use those before it.
class Variables {
 public:
  // `list`: [{name, expression}], null for none. Declares each in `environments`.
  static Variables compile(const json::Array* list, cel::PolicyEnvironments& environments);

  std::size_t size() const { return expressions_.size(); }
  // Where a variable is, or nothing.
  std::optional<std::size_t> find(std::string_view name) const;
  const Expression& at(std::size_t index) const { return expressions_[index]; }
  const std::string& name(std::size_t index) const { return names_[index]; }

 private:
  std::vector<Expression> expressions_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

}  // namespace gatepost::admission
