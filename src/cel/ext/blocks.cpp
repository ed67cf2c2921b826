// cel.block: an expression over numbered, shared parts, as optimizers write them. Parts are computed at their first
// use.
#include "cel/libraries.h"

namespace gatepost::cel {

namespace {

bool is_cel(const MacroCall& call) {
  return call.target->kind == ExprKind::Ident && call.target->name == "cel";
}

std::string part_name(std::int64_t index) {
  return "@index" + std::to_string(index);
}

Expr* expand_block(MacroCall& call) {
  if (!is_cel(call)) return nullptr;
  if (call.args[0]->kind != ExprKind::List)
    return call.fail_at(call.args[0], "cel.block requires the first arg to be a list literal");
  Expr* out = call.args[1];
  const auto& parts = call.args[0]->entries;
  for (std::size_t i = parts.size(); i > 0; --i) {
    ComprehensionExpr bound;
    bound.range = call.ast.list({}, call.offset);
    bound.variable = "#unused";
    bound.accumulator = part_name(static_cast<std::int64_t>(i - 1));
    bound.initial = parts[i - 1].value;
    bound.condition = call.ast.literal(Value::of_bool(false), call.offset);
    bound.step = call.ast.ident(bound.accumulator, call.offset);
    bound.result = out;
    out = call.ast.comprehension(std::move(bound), call.offset);
  }
  return out;
}

bool is_number(const Expr* arg) {
  return arg->kind == ExprKind::Literal && arg->literal.is(ValueKind::Int) && arg->literal.integer >= 0;
}

Expr* expand_index(MacroCall& call) {
  if (!is_cel(call)) return nullptr;
  if (!is_number(call.args[0]))
    return call.fail_at(call.args[0], "cel.index requires a single non-negative int constant arg");
  return call.ast.ident(part_name(call.args[0]->literal.integer), call.offset);
}

template <char Kind>
Expr* expand_variable(MacroCall& call) {
  if (!is_cel(call)) return nullptr;
  if (!is_number(call.args[0]) || !is_number(call.args[1]))
    return call.fail_at(call.args[0], "cel.iterVar requires two non-negative int constant args");
  const std::string place =
      std::to_string(call.args[0]->literal.integer) + ":" + std::to_string(call.args[1]->literal.integer);
  return call.ast.ident(std::string(Kind == 'i' ? "@it:" : "@ac:") + place, call.offset);
}

}  // namespace

void add_blocks(Declarations& to) {
  to.macros({{"block", 2, true, expand_block},
             {"index", 1, true, expand_index},
             {"iterVar", 2, true, expand_variable<'i'>},
             {"accuVar", 2, true, expand_variable<'a'>}});
}

}  // namespace gatepost::cel
