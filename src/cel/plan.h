// The executable form of an expression: a tree of nodes with functions, slots and constants resolved, made once.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cel/ast.h"
#include "cel/declarations.h"

namespace re2 {
class RE2;
}

namespace gatepost::cel {

enum class Op : std::uint8_t {
  Constant,
  Variable,  // of the activation: slot
  Lazy,      // the variable whose fields are computed at first use
  Local,     // of a comprehension: slot
  Select,    // a.text
  Has,       // has(a.text)
  Index,     // a[b]
  And,
  Or,
  Conditional,
  Equal,
  NotEqual,
  InConstants,  // a in a constant set of primitive values
  NotStrictlyFalse,
  OptionalOr,       // a.or(b)
  OptionalOrValue,  // a.orValue(b)
  Call,
  List,
  Map,
  Struct,
  Fold
};

// How a call is charged at run time; see cost/actual.h.
enum class CostRule : std::uint8_t;

// How a call refuses arguments that no overload takes: `no such overload`, with the function's name where the first
// operand's type lacks the operator, or with the types of all arguments.
enum class Refusal : std::uint8_t { Plain, Operator, Signature };

struct Node {
  Op op = Op::Constant;
  bool optional = false;      // of Select and Index: `.?`, `[?`
  bool attribute = false;     // the end of a chain of selections: charged once as such
  bool member_chain = false;  // a selection below another one: not the end of the chain
  CostRule cost_rule{};
  Refusal refusal = Refusal::Signature;
  std::uint32_t slot = 0;
  Value constant;
  std::string_view text;  // the field, the function
  const Node* a = nullptr;
  const Node* b = nullptr;
  const Node* c = nullptr;
  std::vector<const Node*> args;
  std::vector<const Node*> values;  // of a map; names of a struct's fields are in `keys`
  std::vector<bool> optionals;
  std::vector<std::string_view> keys;
  std::vector<Native> natives;
  const Type* type = nullptr;  // of a struct
  bool well_known = false;     // the struct becomes a value of another type
  const re2::RE2* regex = nullptr;
  struct FoldParts* fold = nullptr;
};

struct FoldParts {
  std::uint32_t variable = 0;  // slots
  std::uint32_t second = 0;
  std::uint32_t accumulator = 0;
  bool two = false;
  bool grows = false;  // builds a list or map: the accumulator may be changed in place
  const Node* range = nullptr;
  const Node* initial = nullptr;
  const Node* condition = nullptr;
  const Node* step = nullptr;
  const Node* result = nullptr;
};

struct Plan {
  std::deque<Node> nodes;
  std::deque<FoldParts> folds;
  std::vector<std::string> variables;  // by slot
  std::uint32_t locals = 0;
  bool strict = false;  // by the language's letter, where Kubernetes is lenient
  std::vector<std::shared_ptr<const re2::RE2>> patterns;
  Arena constants;
  const Node* root = nullptr;
};

// Fails where a conversion of a constant fails: such a program cannot be made.
Result<std::unique_ptr<Plan>> make_plan(const Ast& ast, const Declarations& declarations);

// The value, or a value of kind Error.
Value evaluate(const Plan& plan, Evaluation& evaluation);

}  // namespace gatepost::cel
