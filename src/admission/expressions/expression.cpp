#include "admission/expressions/expression.h"

#include <algorithm>

namespace gatepost::admission {

Expression Expression::compile(const cel::Environment& environment, std::string text,
                               std::initializer_list<std::string_view> results) {
  Expression out;
  out.text = std::move(text);
  auto program = environment.compile(out.text);
  if (!program) {
    bool checked = program.error().stage != cel::CompileError::Stage::Check;
    out.problem = (checked ? "program instantiation failed: " : "compilation failed: ") + program.error().text;
    return out;
  }
  std::string type = cel::declared_name(program->result_type());
  if (results.size() != 0 && std::find(results.begin(), results.end(), type) == results.end()) {
    std::string wanted;
    for (std::string_view result : results) wanted += (wanted.empty() ? "" : " ") + std::string(result);
    out.problem = results.size() == 1 ? "must evaluate to " + wanted + " but got " + type
                                      : "must evaluate to one of [" + wanted + "] but got " + type;
    return out;
  }
  out.program.emplace(std::move(*program));
  return out;
}

Variables Variables::compile(const json::Array* list, cel::PolicyEnvironments& environments) {
  Variables out;
  if (!list) return out;
  for (const json::Value& entry : *list) {
    Expression expression =
        Expression::compile(environments.expressions(), std::string(json::string_at(entry, {"expression"})));
    std::string name(json::string_at(entry, {"name"}));
    environments.declare_variable(name, expression.program ? &expression.program->result_type() : nullptr);
    out.by_name_[name] = out.expressions_.size();  // of a name that comes twice, the last
    out.names_.push_back(std::move(name));
    out.expressions_.push_back(std::move(expression));
  }
  return out;
}

std::optional<std::size_t> Variables::find(std::string_view name) const {
  auto at = by_name_.find(name);
  if (at == by_name_.end()) return std::nullopt;
  return at->second;
}

}  // namespace gatepost::admission
