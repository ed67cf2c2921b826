// The public face of the language: an environment compiles expressions to programs, a program is evaluated as often as
// needed. Both are immutable and may be shared; one evaluation uses its own arena.
//
//   auto environment = Environment::admission();
//   auto program = environment->compile("object.metadata.name != ''");       // error: the text with its caret
//   Variable variables[] = {{"object", Value::of_json(object)}, ...};
//   auto result = program->evaluate({.variables = variables}, arena, budget);
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "cel/cost/estimate.h"
#include "cel/declarations.h"
#include "cel/evaluation.h"

namespace gatepost::cel {

struct CompileError {
  // Syntax and types: `ERROR: <input>:1:5: ...` lines with carets. Program: the conversion of a constant that failed.
  enum class Stage { Check, Program } stage = Stage::Check;
  std::string text;
};

struct EvaluationError {
  enum class Kind { Failed, CostExceeded } kind = Kind::Failed;
  std::string text;  // without a prefix: `no such key: foo`
};

// What one evaluation may cost, and what it did cost.
struct CostBudget {
  std::uint64_t limit = 1'000'000;
  std::uint64_t spent = 0;  // out
};

class Program {
 public:
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  // The value may point into the arena, the program and the variables' JSON.
  Result<Value, EvaluationError> evaluate(const Activation& activation, Arena& arena, CostBudget& budget) const;

  const Type& result_type() const;
  // Whether the expression names this variable.
  bool uses(std::string_view variable) const;
  // Bounds of the cost before any value is known. `sizes` says how large variables may be; null: unbounded.
  CostEstimate estimate_cost(const SizeHints* sizes = nullptr) const;

 private:
  friend class Environment;
  struct Parts;
  explicit Program(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

class Environment {
 public:
  struct Options {
    bool validate_literals = true;
    bool skip_check = false;  // evaluates what was only parsed
  };

  Environment(std::shared_ptr<const Declarations> declarations, Options options);
  explicit Environment(std::shared_ptr<const Declarations> declarations);

  // Kubernetes' libraries and no variables: the parent of every environment of the server.
  static std::shared_ptr<const Declarations> kubernetes_declarations();
  // matchConditions: object, oldObject (dyn), request, namespaceObject, authorizer, authorizer.requestResource;
  // `params` where a policy has them.
  enum class Params { none, declared };
  static std::shared_ptr<const Environment> match_conditions(Params params = Params::none);
  // A CRD's rule: `self` (and `oldSelf`) of the schema's type; the schema must outlive the environment.
  static std::shared_ptr<const Environment> schema_rule(const SchemaType& self, bool with_old_self,
                                                        bool optional_old_self);
  // Everything there is, for tools and the language's own vectors.
  static std::shared_ptr<Declarations> complete_declarations();

  Result<Program, CompileError> compile(std::string expression) const;
  const Declarations& declarations() const { return *declarations_; }

 private:
  std::shared_ptr<const Declarations> declarations_;
  Options options_;
  Macros macros_;
};

// The environments of one admission policy: what matchConditions see and `variables`, which gains a field with each
// variable that is compiled. Programs keep what they need alive. Compiling is for one thread at a time.
class PolicyEnvironments {
 public:
  enum class Variables { none, declared };
  explicit PolicyEnvironments(Environment::Params params, Variables variables = Variables::declared);

  // Of validations, audit annotations, variables and conditions.
  const Environment& expressions() const { return expressions_; }
  // Of message expressions: without authorizer.
  const Environment& messages() const { return messages_; }
  // Of mutations: Object, JSONPatch and jsonpatch.escapeKey are known, too.
  const Environment& mutations() const { return mutations_; }

  // Expressions compiled from now on may use `variables.<name>`. Null: it did not compile, and is dyn.
  void declare_variable(const std::string& name, const Type* type);

 private:
  std::shared_ptr<Declarations> shared_;
  SchemaType* variables_;  // null: `variables` is unknown
  Environment expressions_, messages_, mutations_;
};

}  // namespace gatepost::cel
