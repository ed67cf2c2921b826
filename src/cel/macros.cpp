#include "cel/macros.h"

namespace gatepost::cel {

namespace {

constexpr std::string_view kOldAccumulator = "__result__";
constexpr std::string_view kUnusedVariable = "#unused";

// Writes the parts of an expansion, all at the place of the call.
struct Writer {
  MacroCall& call;

  Expr* accumulator() const { return call.ast.ident(std::string(kAccumulator), call.offset); }
  Expr* boolean(bool value) const { return call.ast.literal(Value::of_bool(value), call.offset); }
  Expr* integer(std::int64_t value) const { return call.ast.literal(Value::of_int(value), call.offset); }
  Expr* apply(std::string function, std::vector<Expr*> args) const {
    return call.ast.call(std::move(function), std::move(args), call.offset);
  }
  Expr* member(std::string function, Expr* target) const {
    return call.ast.call(std::move(function), {}, call.offset, target);
  }
  Expr* list(std::vector<Expr*> elements) const { return call.ast.list(std::move(elements), call.offset); }

  Expr* fold(const std::vector<std::string>& variables, Expr* initial, Expr* condition, Expr* step,
             Expr* result) const {
    ComprehensionExpr parts;
    parts.variable = variables[0];
    if (variables.size() > 1) parts.second_variable = variables[1];
    parts.accumulator = kAccumulator;
    parts.range = call.target;
    parts.initial = initial;
    parts.condition = condition;
    parts.step = step;
    parts.result = result;
    return call.ast.comprehension(std::move(parts), call.offset);
  }

  // `variable` stands for `initial` in `result`: a comprehension over nothing.
  Expr* bind(const std::string& variable, Expr* initial, Expr* result) const {
    ComprehensionExpr parts;
    parts.variable = kUnusedVariable;
    parts.accumulator = variable;
    parts.range = list({});
    parts.initial = initial;
    parts.condition = boolean(false);
    parts.step = call.ast.ident(variable, call.offset);
    parts.result = result;
    return call.ast.comprehension(std::move(parts), call.offset);
  }
};

// The loop variables of the call; empty after an error.
std::vector<std::string> variables(MacroCall& call, std::size_t count, const char* not_a_name) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    if (call.args[i]->kind != ExprKind::Ident) {
      call.fail_at(call.args[i], not_a_name);
      return {};
    }
    out.push_back(call.args[i]->name);
  }
  if (count == 2 && out[0] == out[1]) {
    call.fail_at(call.args[1], "duplicate variable name: " + out[0]);
    return {};
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (out[i] == kAccumulator || out[i] == kOldAccumulator) {
      call.fail_at(call.args[i], "iteration variable overwrites accumulator variable");
      return {};
    }
  }
  return out;
}

constexpr const char* kSimpleName = "argument must be a simple name";
constexpr const char* kIdentifier = "argument is not an identifier";

template <std::size_t Count>
Expr* expand_all(MacroCall& call) {
  const auto names = variables(call, Count, kSimpleName);
  if (names.empty()) return nullptr;
  const Writer write{call};
  return write.fold(names, write.boolean(true), write.apply("@not_strictly_false", {write.accumulator()}),
                    write.apply("_&&_", {write.accumulator(), call.args[Count]}), write.accumulator());
}

template <std::size_t Count>
Expr* expand_exists(MacroCall& call) {
  const auto names = variables(call, Count, kSimpleName);
  if (names.empty()) return nullptr;
  const Writer write{call};
  return write.fold(names, write.boolean(false),
                    write.apply("@not_strictly_false", {write.apply("!_", {write.accumulator()})}),
                    write.apply("_||_", {write.accumulator(), call.args[Count]}), write.accumulator());
}

template <std::size_t Count>
Expr* expand_exists_one(MacroCall& call) {
  const auto names = variables(call, Count, kSimpleName);
  if (names.empty()) return nullptr;
  const Writer write{call};
  Expr* step = write.apply(
      "_?_:_", {call.args[Count], write.apply("_+_", {write.accumulator(), write.integer(1)}), write.accumulator()});
  return write.fold(names, write.integer(0), write.boolean(true), step,
                    write.apply("_==_", {write.accumulator(), write.integer(1)}));
}

// With one more argument than needed, the first of the two is a filter.
template <std::size_t Count>
Expr* expand_map(MacroCall& call) {
  const auto names = variables(call, Count, Count == 1 ? kIdentifier : kSimpleName);
  if (names.empty()) return nullptr;
  const Writer write{call};
  Expr* step = write.apply("_+_", {write.accumulator(), write.list({call.args.back()})});
  if (call.args.size() == Count + 2) step = write.apply("_?_:_", {call.args[Count], step, write.accumulator()});
  return write.fold(names, write.list({}), write.boolean(true), step, write.accumulator());
}

Expr* expand_filter(MacroCall& call) {
  const auto names = variables(call, 1, kIdentifier);
  if (names.empty()) return nullptr;
  const Writer write{call};
  Expr* step = write.apply("_+_", {write.accumulator(), write.list({call.args[0]})});
  step = write.apply("_?_:_", {call.args[1], step, write.accumulator()});
  return write.fold(names, write.list({}), write.boolean(true), step, write.accumulator());
}

Expr* fold_map(MacroCall& call, const std::vector<std::string>& names, std::vector<Expr*> inserted) {
  const Writer write{call};
  inserted.insert(inserted.begin(), write.accumulator());
  Expr* step = write.apply("cel.@mapInsert", std::move(inserted));
  if (call.args.size() == 4) step = write.apply("_?_:_", {call.args[2], step, write.accumulator()});
  return write.fold(names, call.ast.make(ExprKind::Map, call.offset), write.boolean(true), step, write.accumulator());
}

Expr* expand_transform_map(MacroCall& call) {
  const auto names = variables(call, 2, kSimpleName);
  if (names.empty()) return nullptr;
  return fold_map(call, names, {call.ast.ident(names[0], call.offset), call.args.back()});
}

Expr* expand_transform_map_entry(MacroCall& call) {
  const auto names = variables(call, 2, kSimpleName);
  if (names.empty()) return nullptr;
  return fold_map(call, names, {call.args.back()});
}

Expr* expand_has(MacroCall& call) {
  const Expr* argument = call.args[0];
  if (argument->kind != ExprKind::Select) return call.fail_at(argument, "invalid argument to has() macro");
  Expr* out = call.ast.make(ExprKind::Select, call.offset);
  out->target = argument->target;
  out->name = argument->name;
  out->test_only = true;
  return out;
}

// The target is used twice, and the checker writes into what it checks.
Expr* copy(Ast& ast, const Expr* expr) {
  if (expr == nullptr) return nullptr;
  Expr* out = ast.make(expr->kind, expr->offset);
  *out = *expr;
  out->target = copy(ast, expr->target);
  for (Expr*& arg : out->args) arg = copy(ast, arg);
  for (EntryExpr& entry : out->entries) {
    entry.key = copy(ast, entry.key);
    entry.value = copy(ast, entry.value);
  }
  if (expr->comprehension != nullptr) {
    ComprehensionExpr parts = *expr->comprehension;
    for (Expr** part : {&parts.range, &parts.initial, &parts.condition, &parts.step, &parts.result})
      *part = copy(ast, *part);
    out->comprehension = &ast.comprehensions.emplace_back(std::move(parts));
  }
  return out;
}

template <bool Flat>
Expr* expand_optional_map(MacroCall& call) {
  if (call.args[0]->kind != ExprKind::Ident)
    return call.fail_at(call.args[0],
                        std::string(Flat ? "optFlatMap" : "optMap") + "() variable name must be a simple identifier");
  const Writer write{call};
  Expr* mapped = write.bind(call.args[0]->name, write.member("value", copy(call.ast, call.target)), call.args[1]);
  if (!Flat) mapped = write.apply("optional.of", {mapped});
  return write.apply("_?_:_", {write.member("hasValue", call.target), mapped, write.apply("optional.none", {})});
}

Expr* expand_bind(MacroCall& call) {
  if (call.target->kind != ExprKind::Ident || call.target->name != "cel") return nullptr;
  if (call.args[0]->kind != ExprKind::Ident)
    return call.fail_at(call.args[0], "cel.bind() variable names must be simple identifiers");
  return Writer{call}.bind(call.args[0]->name, call.args[1], call.args[2]);
}

}  // namespace

const Macros& standard_macros() {
  static const Macros macros{{"has", 1, false, expand_has},
                             {"all", 2, true, expand_all<1>},
                             {"exists", 2, true, expand_exists<1>},
                             {"exists_one", 2, true, expand_exists_one<1>},
                             {"existsOne", 2, true, expand_exists_one<1>},
                             {"map", 2, true, expand_map<1>},
                             {"map", 3, true, expand_map<1>},
                             {"filter", 2, true, expand_filter}};
  return macros;
}

const Macros& optional_macros() {
  static const Macros macros{{"optMap", 2, true, expand_optional_map<false>},
                             {"optFlatMap", 2, true, expand_optional_map<true>}};
  return macros;
}

const Macros& two_variable_macros() {
  static const Macros macros{{"all", 3, true, expand_all<2>},
                             {"exists", 3, true, expand_exists<2>},
                             {"existsOne", 3, true, expand_exists_one<2>},
                             {"exists_one", 3, true, expand_exists_one<2>},
                             {"transformList", 3, true, expand_map<2>},
                             {"transformList", 4, true, expand_map<2>},
                             {"transformMap", 3, true, expand_transform_map},
                             {"transformMap", 4, true, expand_transform_map},
                             {"transformMapEntry", 3, true, expand_transform_map_entry},
                             {"transformMapEntry", 4, true, expand_transform_map_entry}};
  return macros;
}

const Macros& bindings_macros() {
  static const Macros macros{{"bind", 3, true, expand_bind}};
  return macros;
}

}  // namespace gatepost::cel
