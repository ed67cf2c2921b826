#include "cel/tool.h"

#include <boost/json/value.hpp>
#include <vector>

#include "cel/environment.h"
#include "cel/kubernetes/authorizer.h"
#include "cel/vectors.h"
#include "json/parse.h"

namespace gatepost::cel {

namespace {

std::string bound_text(std::uint64_t cost) {
  return cost == UINT64_MAX ? "unbounded" : std::to_string(cost);
}

std::string cost_text(const CostBudget& budget, const CostEstimate& estimate) {
  return "cost: " + std::to_string(budget.spent) + " (estimate " + bound_text(estimate.min) + " to " +
         bound_text(estimate.max) + ")\n";
}

}  // namespace

Result<ToolOutput> show_expression(const ToolInput& input) {
  const json::Storage storage = json::make_arena();
  Arena arena;
  std::vector<Variable> variables;
  const auto add = [&](std::string_view name, const std::optional<std::string>& document,
                       std::vector<json::Value>& kept) -> Result<void> {
    kept.emplace_back();
    if (document) {
      auto parsed = json::parse(*document, storage);
      if (!parsed) return fail(std::string(name) + ": " + parsed.error().text);
      kept.back() = std::move(*parsed);
    }
    variables.push_back({name, Value::of_json(kept.back())});
    return {};
  };
  std::vector<json::Value> kept;
  kept.reserve(3);
  if (auto done = add("object", input.object, kept); !done) return fail_with(std::move(done.error()));
  if (auto done = add("oldObject", input.old_object, kept); !done) return fail_with(std::move(done.error()));
  if (auto done = add("request", input.request, kept); !done) return fail_with(std::move(done.error()));
  variables.push_back({"authorizer", authorizer_value(arena)});

  const auto program = Environment::match_conditions()->compile(input.expression);
  if (!program) return ToolOutput{program.error().text + "\n", false};
  ToolOutput out;
  out.text = "type: " + format_type(program->result_type()) + "\n";
  CostBudget budget;
  const auto value = program->evaluate({.variables = variables}, arena, budget);
  out.ok = value.has_value();
  out.text += value ? "result: " + debug_text(*value) + "\n" : "error: " + value.error().text + "\n";
  out.text += cost_text(budget, program->estimate_cost());
  return out;
}

ToolOutput show_vectors(std::string_view lines, Verbose verbose) {
  ToolOutput out;
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  for (const VectorResult& result : run_vectors(lines)) {
    switch (result.outcome) {
      case VectorResult::Outcome::Passed:
        ++passed;
        break;
      case VectorResult::Outcome::Failed:
        ++failed;
        out.text += "FAIL " + result.section + "/" + result.name + ": " + result.detail + "\n";
        break;
      case VectorResult::Outcome::Skipped:
        ++skipped;
        if (verbose == Verbose::Yes)
          out.text += "SKIP " + result.section + "/" + result.name + ": " + result.detail + "\n";
        break;
    }
  }
  out.ok = failed == 0;
  out.text += std::to_string(passed) + " passed, " + std::to_string(failed) + " failed, " + std::to_string(skipped) +
              " skipped\n";
  return out;
}

}  // namespace gatepost::cel
