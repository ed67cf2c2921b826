#include "cel/checker.h"

#include <utility>

#include "cel/qualified_name.h"
#include "cel/unify.h"

namespace gatepost::cel {

namespace {

class Checker {
 public:
  Checker(Ast& ast, const Declarations& declarations, Issues& issues)
      : ast_(ast), declarations_(declarations), issues_(issues), unifier_(ast.types) {}

  void run() {
    check(ast_.root);
    for (Expr& expr : ast_.expressions)
      if (expr.type != nullptr) expr.type = unifier_.substitute(expr.type, Unifier::Open::ToDyn);
  }

 private:
  using Open = Unifier::Open;

  void report(std::int32_t offset, std::string message) {
    issues_.report(ast_.source.location(offset), std::move(message));
  }
  void undeclared(std::int32_t offset, std::string_view name) {
    report(offset,
           "undeclared reference to '" + std::string(name) + "' (in container '" + declarations_.container + "')");
  }
  void mismatch(const Expr* expr, const Type* expected, const Type* actual) {
    report(expr->offset, "expected type '" + format_type(*expected) + "' but found '" + format_type(*actual) + "'");
  }

  void check(Expr* expr) {
    if (expr == nullptr) return;
    switch (expr->kind) {
      case ExprKind::Literal:
        expr->type = type_of(expr->literal);
        break;
      case ExprKind::Ident:
        identifier(expr);
        break;
      case ExprKind::Select:
        select(expr);
        break;
      case ExprKind::Call:
        call(expr);
        break;
      case ExprKind::List:
        list(expr);
        break;
      case ExprKind::Map:
        map(expr);
        break;
      case ExprKind::Struct:
        message(expr);
        break;
      case ExprKind::Comprehension:
        comprehension(expr);
        break;
      case ExprKind::Unspecified:
        report(expr->offset, "unexpected unspecified type: Expr");
        expr->type = error_type();
        break;
    }
  }

  const Type* find_local(std::string_view name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
      for (const auto& [variable, type] : *scope)
        if (variable == name) return type;
    return nullptr;
  }

  // The declaration a name refers to, innermost scope first; `name` becomes its full name. By the language's letter it
  // keeps a leading dot: it says that no comprehension's variable is meant.
  const Type* resolve(std::string& name) {
    const bool by_letter = declarations_.dialect == Dialect::Language;
    if (!by_letter && name.starts_with('.')) name.erase(0, 1);
    const bool from_root = name.starts_with('.');
    if (!from_root) {
      if (const Type* local = find_local(name)) return local;
      // A comprehension's variable hides declarations that begin with its name.
      const std::size_t dot = name.find('.');
      if (by_letter && dot != std::string::npos && find_local(std::string_view(name).substr(0, dot)) != nullptr)
        return nullptr;
    }
    for (const std::string& candidate : candidate_names(declarations_.container, name)) {
      const Type* type = declarations_.find_variable(candidate);
      if (type == nullptr) {
        const Type* described = declarations_.find_type_name(candidate);
        if (described == nullptr) continue;
        type = ast_.types.type_of(described);
      }
      name = (from_root ? "." : "") + candidate;
      return type;
    }
    return nullptr;
  }

  const Function* resolve_function(std::string& name) const {
    for (const std::string& candidate : candidate_names(declarations_.container, name)) {
      if (const Function* function = declarations_.find_function(candidate)) {
        name = candidate;
        return function;
      }
    }
    return nullptr;
  }

  void identifier(Expr* expr) {
    std::string name = expr->name;
    if (const Type* type = resolve(name)) {
      expr->type = type;
      expr->name = name;
      expr->resolved = true;
      return;
    }
    expr->type = error_type();
    undeclared(expr->offset, expr->name);
  }

  void select(Expr* expr) {
    if (!expr->test_only) {
      std::string name;
      if (qualified_name(expr, name)) {
        if (const Type* type = resolve(name)) {
          expr->kind = ExprKind::Ident;
          expr->target = nullptr;
          expr->type = type;
          expr->name = name;
          expr->resolved = true;
          return;
        }
      }
    }
    const Type* result = field(expr, expr->target, expr->name, false);
    expr->type = unifier_.substitute(expr->test_only ? bool_type() : result, Open::Keep);
  }

  // The type of operand.name; wrapped in an optional where the operand is one or the selection says so.
  const Type* field(Expr* expr, Expr* operand, const std::string& name, bool optional) {
    check(operand);
    const Type* target = unifier_.substitute(operand->type, Open::Keep);
    optional = unwrap_optional(target) || optional;
    const Type* result = error_type();
    switch (target->kind) {
      case TypeKind::Map:
        result = target->params[1];
        break;
      case TypeKind::Struct:
        result = object_field(expr->offset, target->name, name);
        break;
      case TypeKind::Param:
        unifier_.assignable(dyn_type(), target);
        result = dyn_type();
        break;
      default:
        if (!target->is_dyn() && target->kind != TypeKind::Error)
          report(expr->offset, "type '" + format_type(*target) + "' does not support field selection");
        result = dyn_type();
    }
    return optional ? ast_.types.optional(result) : result;
  }

  static bool unwrap_optional(const Type*& type) {
    if (!type->is_optional()) return false;
    type = type->params[0];
    return true;
  }

  const Type* object_field(std::int32_t offset, const std::string& object, const std::string& name) {
    const SchemaType* schema = declarations_.find_object(object);
    if (schema == nullptr) {
      report(offset, "unexpected failed resolution of '" + object + "'");
      return error_type();
    }
    if (schema->any_field) return dyn_type();
    const auto found = schema->fields.find(name);
    if (found != schema->fields.end()) return found->second.schema->type;
    report(offset, "undefined field '" + name + "'");
    return error_type();
  }

  void call(Expr* expr) {
    if (expr->name == "_?._") return optional_select(expr);
    for (Expr* arg : expr->args) check(arg);
    std::string name = expr->name;
    if (expr->target == nullptr) {
      const Function* function = resolve_function(name);
      if (function == nullptr) return unknown_function(expr);
      expr->name = name;
      return overload(expr, *function);
    }
    std::string qualified;
    if (qualified_name(expr->target, qualified)) {
      qualified += "." + expr->name;
      if (const Function* function = resolve_function(qualified)) {
        expr->name = qualified;
        expr->target = nullptr;
        return overload(expr, *function);
      }
    }
    check(expr->target);
    const Function* function = resolve_function(name);
    if (function == nullptr) return unknown_function(expr);
    overload(expr, *function);
  }

  void unknown_function(Expr* expr) {
    expr->type = error_type();
    undeclared(expr->offset, expr->name);
  }

  void optional_select(Expr* expr) {
    const Expr* name = expr->args[1];
    expr->type = error_type();
    if (name->kind != ExprKind::Literal || !name->literal.is(ValueKind::String))
      return report(name->offset, "unsupported optional field selection: expression");
    expr->type = unifier_.substitute(field(expr, expr->args[0], std::string(name->literal.text()), true), Open::Keep);
    expr->args[1]->type = string_type();
  }

  void overload(Expr* expr, const Function& function) {
    std::vector<const Type*> given;
    if (expr->target != nullptr) given.push_back(expr->target->type);
    for (const Expr* arg : expr->args) given.push_back(arg->type);
    const Type* result = nullptr;
    for (const Overload& candidate : function.overloads) {
      if (candidate.member != (expr->target != nullptr)) continue;
      if (function.name == "_&&_" || function.name == "_||_") return logical(expr, candidate, given);
      Unifier::Renaming names;
      for (const std::string& param : candidate.params) names[param] = unifier_.fresh();
      std::vector<const Type*> wanted;
      for (const Type* type : candidate.args) wanted.push_back(unifier_.rename(type, names));
      if (!unifier_.assignable_all(given, wanted)) continue;
      expr->overloads.push_back(&candidate);
      const Type* candidate_result = unifier_.substitute(unifier_.rename(candidate.result, names), Open::Keep);
      if (result == nullptr)
        result = candidate_result;
      else if (!result->is_dyn() && !same_type(*candidate_result, *result))
        result = dyn_type();
    }
    if (result == nullptr) {
      for (const Type*& type : given) type = unifier_.substitute(type, Open::ToDyn);
      report(expr->offset, "found no matching overload for '" + function.name + "' applied to '" +
                               format_signature(given, expr->target != nullptr) + "'");
      result = error_type();
    }
    expr->type = result;
  }

  void logical(Expr* expr, const Overload& candidate, const std::vector<const Type*>& given) {
    expr->type = bool_type();
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (unifier_.assignable(given[i], bool_type())) continue;
      mismatch(expr->args[i], bool_type(), given[i]);
      expr->type = error_type();
    }
    expr->overloads.push_back(&candidate);
  }

  const Type* join(const Type* previous, const Type* current) {
    if (previous == nullptr) return current;
    if (unifier_.assignable(previous, current)) return Unifier::most_general(previous, current);
    return dyn_type();
  }

  // The type an entry contributes: that of its value, unwrapped where the entry is optional.
  const Type* contributed(const EntryExpr& entry) {
    const Type* type = entry.value->type;
    if (!entry.optional) return type;
    if (!unwrap_optional(type) && !type->is_dyn()) mismatch(entry.value, ast_.types.optional(type), type);
    return type;
  }

  void list(Expr* expr) {
    const Type* element = nullptr;
    for (const EntryExpr& entry : expr->entries) {
      check(entry.value);
      element = join(element, contributed(entry));
    }
    expr->type = ast_.types.list(element != nullptr ? element : unifier_.fresh());
  }

  void map(Expr* expr) {
    const Type* key = nullptr;
    const Type* value = nullptr;
    for (const EntryExpr& entry : expr->entries) {
      check(entry.key);
      key = join(key, entry.key->type);
      check(entry.value);
      value = join(value, contributed(entry));
    }
    if (key == nullptr) {
      key = unifier_.fresh();
      value = unifier_.fresh();
    }
    expr->type = ast_.types.map(key, value);
  }

  void message(Expr* expr) {
    expr->type = error_type();
    std::string name = expr->name;
    const Type* named = resolve(name);
    if (named == nullptr) return undeclared(expr->offset, expr->name);
    if (named->kind != TypeKind::Type) return report(expr->offset, "'" + named->name + "' is not a type");
    const Type* type = named->params[0];
    const Type* becomes = declarations_.find_well_known(type->name);
    if (type->kind != TypeKind::Struct && becomes == nullptr) {
      report(expr->offset, "'" + type->name + "' is not a message type");
      return;
    }
    expr->name = type->name;
    expr->type = becomes != nullptr ? becomes : type;
    for (const EntryExpr& entry : expr->entries) {
      check(entry.value);
      const Type* wanted = object_field(entry.offset, type->name, entry.field);
      const Type* given = contributed(entry);
      if (!unifier_.assignable(wanted, given))
        report(entry.offset, "expected type of field '" + entry.field + "' is '" + format_type(*wanted) +
                                 "' but provided type is '" + format_type(*given) + "'");
    }
  }

  void comprehension(Expr* expr) {
    ComprehensionExpr& parts = *expr->comprehension;
    check(parts.range);
    check(parts.initial);
    const Type* range = unifier_.substitute(parts.range->type, Open::Keep);
    const Type* accumulator = parts.initial->type;
    const bool two = !parts.second_variable.empty();
    const Type* first = dyn_type();
    const Type* second = dyn_type();
    switch (range->kind) {
      case TypeKind::List:
        first = two ? int_type() : range->params[0];
        second = range->params[0];
        break;
      case TypeKind::Map:
        first = range->params[0];
        second = range->params[1];
        break;
      case TypeKind::Dyn:
      case TypeKind::Any:
      case TypeKind::Error:
      case TypeKind::Param:
        unifier_.assignable(dyn_type(), range);
        break;
      default:
        report(parts.range->offset, "expression of type '" + format_type(*range) +
                                        "' cannot be range of a comprehension (must be list, map, or dynamic)");
        first = second = error_type();
    }
    scopes_.push_back({{parts.accumulator, accumulator}});
    scopes_.push_back({{parts.variable, first}});
    if (two) scopes_.back().push_back({parts.second_variable, second});
    check(parts.condition);
    expect(parts.condition, bool_type());
    check(parts.step);
    expect(parts.step, accumulator);
    scopes_.pop_back();
    check(parts.result);
    scopes_.pop_back();
    expr->type = unifier_.substitute(parts.result->type, Open::Keep);
  }

  void expect(const Expr* expr, const Type* wanted) {
    if (!unifier_.assignable(wanted, expr->type)) mismatch(expr, wanted, expr->type);
  }

  Ast& ast_;
  const Declarations& declarations_;
  Issues& issues_;
  Unifier unifier_;
  std::vector<std::vector<std::pair<std::string, const Type*>>> scopes_;
};

}  // namespace

void check(Ast& ast, const Declarations& declarations, Issues& issues) {
  if (ast.root == nullptr) return;
  Checker(ast, declarations, issues).run();
}

}  // namespace gatepost::cel
