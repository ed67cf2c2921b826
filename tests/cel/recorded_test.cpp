// Expressions as the evaluator of Kubernetes 1.36 answered them: compile errors with their carets, types, run-time
// errors, estimated and actual cost. recorded.jsonl: the variables, then an expression a line with what there was.
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

#include "cel/environment.h"
#include "cel/kubernetes/authorizer.h"
#include "json/parse.h"

namespace gatepost::cel {
namespace {

std::shared_ptr<const Declarations> declarations() {
  auto out = std::make_shared<Declarations>(Environment::kubernetes_declarations());
  for (const auto& [name, type] :
       {std::pair("object", "dyn"), std::pair("oldObject", "dyn"), std::pair("s", "string"), std::pair("n", "int"),
        std::pair("l", "list(string)"), std::pair("m", "map(string,int)"), std::pair("li", "list(int)")})
    out->variable(name, out->type(type));
  out->variable("authorizer", authorizer_type());
  return out;
}

TEST(Recorded, EveryAnswerIsEqual) {
  std::ifstream file(std::string(TEST_DATA_DIR) + "/recorded.jsonl");
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  const auto first = json::parse(line, json::make_arena());
  ASSERT_TRUE(first);
  std::vector<Variable> variables;
  for (const auto& entry : *json::object_at(*first, {"variables"}))
    variables.push_back({std::string_view(entry.key().data(), entry.key().size()), Value::of_json(entry.value())});
  const Environment environment(declarations());
  std::size_t rows = 0;
  while (std::getline(file, line)) {
    const auto row = json::parse(line, json::make_arena());
    ASSERT_TRUE(row) << line;
    ++rows;
    const auto text = [&](std::string_view key) { return std::string(json::string_at(*row, {key})); };
    const std::string expression = text("expr");
    const auto program = environment.compile(expression);
    if (!program) {
      const bool check = program.error().stage == CompileError::Stage::Check;
      EXPECT_EQ(program.error().text, text(check ? "compile" : "program")) << expression;
      continue;
    }
    EXPECT_EQ("", text("compile") + text("program")) << expression;
    EXPECT_EQ(format_type(program->result_type()), text("type")) << expression;
    const CostEstimate estimate = program->estimate_cost();
    EXPECT_EQ(std::to_string(estimate.min), text("min")) << expression;
    EXPECT_EQ(std::to_string(estimate.max), text("max")) << expression;
    Arena arena;
    CostBudget budget;
    const auto value = program->evaluate({.variables = variables}, arena, budget);
    EXPECT_EQ(value ? "" : value.error().text, text("error")) << expression;
    EXPECT_EQ(std::to_string(budget.spent), text("cost")) << expression;
  }
  EXPECT_GT(rows, 500u);
}

}  // namespace
}  // namespace gatepost::cel
