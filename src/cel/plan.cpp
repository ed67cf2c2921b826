#include "cel/plan.h"

#include <algorithm>
#include <re2/re2.h>

#include "cel/cost/actual.h"
#include "cel/evaluation.h"
#include "cel/go_type_name.h"
#include "cel/qualified_name.h"
#include "cel/regex.h"

namespace gatepost::cel {

namespace {

// Cost of folding constants while planning: nobody pays for it.
constexpr std::uint64_t kUnlimited = UINT64_MAX;

bool is_conversion(std::string_view function) {
  for (const char* name : {"bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"})
    if (function == name) return true;
  return false;
}

Refusal refusal(std::string_view function) {
  for (const char* name : {"contains", "startsWith", "endsWith", "matches", "@in", "!_"})
    if (function == name) return Refusal::Plain;
  if (function.starts_with('_') || function == "-_" || function == "size") return Refusal::Operator;
  return Refusal::Signature;
}

// Constants of these types cannot be looked up: the original refuses to make such a program.
bool is_qualifier(const Value& key) {
  return !key.is(ValueKind::Bytes) && !key.is(ValueKind::Null) && !key.is(ValueKind::Timestamp) &&
         !key.is(ValueKind::Duration);
}

bool is_chain(const Node& node) {
  return node.op == Op::Variable || node.op == Op::Lazy || node.op == Op::Local || node.op == Op::Select ||
         node.op == Op::Index || node.op == Op::Has;
}

class Planner {
 public:
  Planner(const Ast& ast, const Declarations& declarations)
      : declarations_(declarations), plan_(std::make_unique<Plan>()) {
    plan_->strict = declarations.dialect == Dialect::Language;
    plan_->root = plan(ast.root);
  }

  Result<std::unique_ptr<Plan>> finish() {
    if (!problem_.empty()) return fail(problem_);
    return std::move(plan_);
  }

 private:
  Node& make(Op op) {
    Node& out = plan_->nodes.emplace_back();
    out.op = op;
    return out;
  }

  const Node* constant(const Value& value) {
    Node& out = make(Op::Constant);
    out.constant = keep(value);
    return &out;
  }

  // Texts of constants outlive the AST.
  Value keep(Value value) {
    if (value.is(ValueKind::String)) return Value::of_string(plan_->constants.copy(value.text()));
    if (value.is(ValueKind::Bytes)) return Value::of_bytes(plan_->constants.copy(value.text()));
    return value;
  }

  std::string_view keep(const std::string& text) { return plan_->constants.copy(text); }

  const Node* plan(const Expr* expr) {
    if (expr == nullptr) return constant(Value::error("unsupported expression"));
    switch (expr->kind) {
      case ExprKind::Literal:
        return constant(expr->literal);
      case ExprKind::Ident:
        return identifier(expr->name, expr->name);
      case ExprKind::Select:
        return select(expr);
      case ExprKind::Call:
        return call(expr);
      case ExprKind::List:
        return list(expr);
      case ExprKind::Map:
        return map(expr);
      case ExprKind::Struct:
        return make_struct(expr);
      case ExprKind::Comprehension:
        return comprehension(expr);
      case ExprKind::Unspecified:
        break;
    }
    return constant(Value::error("unsupported expression"));
  }

  // A name: a comprehension's variable, a declared variable, or a type.
  const Node* named(const std::string& name) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (scope->first != name) continue;
      Node& out = make(Op::Local);
      out.slot = scope->second;
      out.attribute = true;
      return &out;
    }
    // A comprehension's variable hides declarations that begin with its name.
    const std::string first = name.substr(0, name.find('.'));
    for (const auto& scope : scopes_)
      if (plan_->strict && !first.empty() && scope.first == first && name != first) return nullptr;
    for (const std::string& candidate : candidate_names(declarations_.container, name)) {
      if (declarations_.find_variable(candidate) != nullptr) return variable(candidate);
      if (const Type* described = declarations_.find_type_name(candidate)) return constant(Value::of_type(described));
    }
    return nullptr;
  }

  const Node* identifier(const std::string& name, const std::string& shown) {
    if (const Node* known = named(name)) return known;
    return variable(shown.starts_with('.') ? shown.substr(1) : shown);
  }

  const Node* variable(const std::string& name) {
    auto& names = plan_->variables;
    const auto found = std::find(names.begin(), names.end(), name);
    Node& out = make(name == "variables" ? Op::Lazy : Op::Variable);
    out.slot = static_cast<std::uint32_t>(found - names.begin());
    out.attribute = true;
    if (found == names.end()) names.push_back(name);
    return &out;
  }

  // A part of a longer chain, of a conditional or of an index is not charged as an attribute of its own.
  static const Node* uncharged(const Node* node) {
    if (is_chain(*node)) const_cast<Node*>(node)->attribute = false;
    return node;
  }

  const Node* select(const Expr* expr) {
    std::string name;
    if (!expr->test_only && !expr->resolved && expr->type == nullptr && qualified_name(expr, name)) {
      if (const Node* known = named(name)) return known;
    }
    Node& out = make(expr->test_only ? Op::Has : Op::Select);
    out.a = uncharged(plan(expr->target));
    out.text = keep(expr->name);
    out.attribute = !expr->test_only && out.a->op != Op::Conditional;
    return &out;
  }

  const Node* index(const Node* target, const Node* key, bool optional) {
    if (!plan_->strict && key->op == Op::Constant && !is_qualifier(key->constant) && problem_.empty())
      problem_ = "invalid qualifier type: " + go_type_name(key->constant);
    const bool charged = target->op != Op::Conditional;
    Node& out = make(Op::Index);
    out.optional = optional;
    out.a = uncharged(target);
    out.b = uncharged(key);
    out.attribute = charged;
    return &out;
  }

  const Node* pair(Op op, const std::vector<const Node*>& args) {
    Node& out = make(op);
    out.a = args[0];
    out.b = args.size() > 1 ? args[1] : nullptr;
    return &out;
  }

  const Node* call(const Expr* expr) {
    std::string name = expr->name;
    const Expr* target = expr->target;
    const Function* function = nullptr;
    if (expr->overloads.empty()) {
      function = unchecked_function(name, target);
    } else {
      function = declarations_.find_function(name);
    }
    std::vector<const Node*> args;
    if (target != nullptr) args.push_back(plan(target));
    for (const Expr* arg : expr->args) args.push_back(plan(arg));
    if (args.size() == 2) {
      if (name == "_&&_") return pair(Op::And, args);
      if (name == "_||_") return pair(Op::Or, args);
      if (name == "_==_") return pair(Op::Equal, args);
      if (name == "_!=_") return pair(Op::NotEqual, args);
      if (name == "_[_]") return index(args[0], args[1], false);
      if (name == "_[?_]" || name == "_?._") return index(args[0], args[1], true);
      if (name == "or" && target != nullptr) return pair(Op::OptionalOr, args);
      if (name == "orValue" && target != nullptr) return pair(Op::OptionalOrValue, args);
    }
    if (name == "@not_strictly_false" || name == "__not_strictly_false__") return pair(Op::NotStrictlyFalse, args);
    if (name == "_?_:_") {
      Node& out = make(Op::Conditional);
      out.a = args[0];
      out.b = uncharged(args[1]);
      out.c = uncharged(args[2]);
      return &out;
    }
    return native_call(expr, name, function, target != nullptr, std::move(args));
  }

  // Without types, a qualified name decides: `math.greatest(x)` is a function where there is one of that name.
  const Function* unchecked_function(std::string& name, const Expr*& target) const {
    std::string qualified;
    if (target != nullptr && qualified_name(target, qualified)) {
      for (const std::string& candidate : candidate_names(declarations_.container, qualified + "." + name)) {
        if (const Function* found = declarations_.find_function(candidate)) {
          name = candidate;
          target = nullptr;
          return found;
        }
      }
    }
    for (const std::string& candidate : candidate_names(declarations_.container, name)) {
      if (const Function* found = declarations_.find_function(candidate)) {
        name = candidate;
        return found;
      }
    }
    return nullptr;
  }

  const Node* native_call(const Expr* expr, const std::string& name, const Function* function, bool member,
                          std::vector<const Node*> args) {
    std::string_view overload;
    if (expr->overloads.size() == 1) overload = expr->overloads[0]->id;
    if (overload == "in_list" && args[1]->op == Op::Constant) {
      if (const Node* folded = constant_membership(args)) return folded;
    }
    Node& out = make(Op::Call);
    out.text = keep(name);
    out.cost_rule = cost_rule(name, overload);
    out.refusal = refusal(name);
    add_natives(out, expr, function, member, args.size());
    prepare_pattern(out, name, args);
    out.args = std::move(args);
    if (is_conversion(name) && out.args.size() == 1 && out.args[0]->op == Op::Constant) return fold_constant(out);
    return &out;
  }

  static void add_natives(Node& node, const Expr* expr, const Function* function, bool member, std::size_t count) {
    const auto add = [&](Native native) {
      if (native != nullptr && std::find(node.natives.begin(), node.natives.end(), native) == node.natives.end())
        node.natives.push_back(native);
    };
    for (const Overload* overload : expr->overloads) add(overload->native);
    if (!expr->overloads.empty() || function == nullptr) return;
    for (const Overload& overload : function->overloads)
      if (overload.member == member && overload.args.size() == count) add(overload.native);
  }

  void prepare_pattern(Node& node, std::string_view name, const std::vector<const Node*>& args) {
    if (args.size() < 2 || args[1]->op != Op::Constant || !args[1]->constant.is(ValueKind::String)) return;
    if (name != "matches" && name != "find" && name != "findAll") return;
    auto pattern = std::make_shared<const re2::RE2>(to_re2_text(args[1]->constant.text()), re2::RE2::Quiet);
    if (!pattern->ok()) {
      if (problem_.empty()) problem_ = regex_problem(args[1]->constant.text());
      return;
    }
    node.regex = pattern.get();
    plan_->patterns.push_back(std::move(pattern));
  }

  // Evaluates a node whose parts are constants.
  Value fold_value(const Node& node) {
    Plan part;
    part.strict = plan_->strict;
    part.root = &node;
    const Activation nothing;
    Evaluation evaluation(plan_->constants, nothing, kUnlimited);
    return evaluate(part, evaluation);
  }

  const Node* fold_constant(const Node& node) {
    const Value value = fold_value(node);
    if (value.is_error() && problem_.empty()) problem_ = std::string(value.text());
    Node& out = make(Op::Constant);
    out.constant = value;
    return &out;
  }

  // `x in [constants]` looks the value up; null if the list holds anything but plain values.
  const Node* constant_membership(const std::vector<const Node*>& args) {
    const Value& list = args[1]->constant;
    if (!list.is(ValueKind::List)) return nullptr;
    const std::size_t size = list_size(list);
    if (size == 0) return constant(Value::of_bool(false));
    MapBuilder set(plan_->constants, size);
    for (std::size_t i = 0; i < size; ++i) {
      const Value item = list_at(list, i);
      const bool plain = item.is(ValueKind::Bool) || item.is(ValueKind::Int) || item.is(ValueKind::Uint) ||
                         item.is(ValueKind::Double) || item.is(ValueKind::String);
      if (!plain) return nullptr;
      set.add(item, Value::of_bool(true));
    }
    Node& out = make(Op::InConstants);
    out.a = args[0];
    out.constant = set.finish();
    return &out;
  }

  static bool all_constant(const std::vector<const Node*>& nodes) {
    return std::all_of(nodes.begin(), nodes.end(), [](const Node* node) { return node->op == Op::Constant; });
  }

  static std::vector<bool> optionals(const Expr* expr) {
    std::vector<bool> out;
    const bool any =
        std::any_of(expr->entries.begin(), expr->entries.end(), [](const EntryExpr& entry) { return entry.optional; });
    if (any)
      for (const EntryExpr& entry : expr->entries) out.push_back(entry.optional);
    return out;
  }

  const Node* list(const Expr* expr) {
    Node& out = make(Op::List);
    for (const EntryExpr& entry : expr->entries) out.args.push_back(plan(entry.value));
    out.optionals = optionals(expr);
    return literal(out, all_constant(out.args));
  }

  const Node* map(const Expr* expr) {
    Node& out = make(Op::Map);
    for (const EntryExpr& entry : expr->entries) {
      out.args.push_back(plan(entry.key));
      out.values.push_back(plan(entry.value));
    }
    out.optionals = optionals(expr);
    return literal(out, all_constant(out.args) && all_constant(out.values));
  }

  // A literal of constants is a constant, unless making it fails: then every evaluation fails.
  const Node* literal(const Node& node, bool is_constant) {
    if (!is_constant) return &node;
    const Value value = fold_value(node);
    if (value.is_error()) return &node;
    Node& out = make(Op::Constant);
    out.constant = value;
    return &out;
  }

  const Node* make_struct(const Expr* expr) {
    Node& out = make(Op::Struct);
    for (const EntryExpr& entry : expr->entries) {
      out.keys.push_back(keep(entry.field));
      out.values.push_back(plan(entry.value));
    }
    out.optionals = optionals(expr);
    for (const std::string& candidate : candidate_names(declarations_.container, expr->name)) {
      out.type = declarations_.find_type_name(candidate);
      if (out.type == nullptr) continue;
      out.well_known = declarations_.find_well_known(out.type->name) != nullptr;
      break;
    }
    if (out.type == nullptr) return constant(Value::error(plan_->constants, "unknown type: " + expr->name));
    return &out;
  }

  const Node* comprehension(const Expr* expr) {
    const ComprehensionExpr& source = *expr->comprehension;
    FoldParts& parts = plan_->folds.emplace_back();
    parts.two = !source.second_variable.empty();
    parts.range = plan(source.range);
    parts.initial = plan(source.initial);
    parts.accumulator = plan_->locals++;
    parts.variable = plan_->locals++;
    if (parts.two) parts.second = plan_->locals++;
    const bool bind = source.condition->kind == ExprKind::Literal && !source.condition->literal.is_true();
    parts.grows = !bind && source.initial->kind == ExprKind::List && source.initial->entries.empty();
    scopes_.emplace_back(source.accumulator, parts.accumulator);
    scopes_.emplace_back(source.variable, parts.variable);
    if (parts.two) scopes_.emplace_back(source.second_variable, parts.second);
    parts.condition = plan(source.condition);
    parts.step = plan(source.step);
    scopes_.pop_back();
    if (parts.two) scopes_.pop_back();
    parts.result = plan(source.result);
    scopes_.pop_back();
    Node& out = make(Op::Fold);
    out.fold = &parts;
    return &out;
  }

  const Declarations& declarations_;
  std::unique_ptr<Plan> plan_;
  std::vector<std::pair<std::string, std::uint32_t>> scopes_;
  std::string problem_;
};

}  // namespace

Result<std::unique_ptr<Plan>> make_plan(const Ast& ast, const Declarations& declarations) {
  return Planner(ast, declarations).finish();
}

}  // namespace gatepost::cel
