// Parse, check, estimate and evaluate whatever bytes come, in Kubernetes' environment and by the language's letter.
#include <cstddef>
#include <cstdint>
#include <string>

#include "cel/environment.h"
#include "json/parse.h"

using namespace gatepost;
using namespace gatepost::cel;

namespace {

constexpr std::size_t kLongest = 4096;
constexpr std::uint64_t kCostLimit = 20'000;

void run(const Environment& environment, const std::string& expression) {
  static const json::Storage storage = json::make_arena();
  static const json::Value object = *json::parse(
      R"({"metadata":{"name":"web","labels":{"a":"b"}},"spec":{"replicas":3,"ratio":1.5,"list":[1,"x",null]}})",
      storage);
  const auto program = environment.compile(expression);
  if (!program) return;
  program->estimate_cost();
  const Variable variables[] = {
      {"object", Value::of_json(object)}, {"oldObject", Value::null()}, {"request", Value::of_json(object)}};
  Arena arena;
  CostBudget budget{kCostLimit};
  const auto value = program->evaluate({.variables = variables}, arena, budget);
  if (value) debug_text(*value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kLongest) return 0;
  static const Environment by_letter(Environment::complete_declarations(),
                                     {.validate_literals = false, .skip_check = true});
  const std::string expression(reinterpret_cast<const char*>(data), size);
  run(*Environment::match_conditions(), expression);
  run(by_letter, expression);
  return 0;
}
