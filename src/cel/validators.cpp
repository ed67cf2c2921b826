#include "cel/validators.h"

#include <algorithm>

#include "cel/regex.h"
#include "cel/time_text.h"

namespace gatepost::cel {

namespace {

constexpr std::string_view kFormat = "format";

// Walks the tree, parents first.
class Walker {
 public:
  Walker(const Ast& ast, Issues& issues) : ast_(ast), issues_(issues) {}

  template <class Visit>
  void walk(const Expr* expr, const Visit& visit) {
    if (expr == nullptr) return;
    visit(*expr, in_format_ > 0);
    const bool format = expr->kind == ExprKind::Call && expr->name == kFormat;
    in_format_ += format ? 1 : 0;
    walk(expr->target, visit);
    for (const Expr* arg : expr->args) walk(arg, visit);
    for (const EntryExpr& entry : expr->entries) {
      walk(entry.key, visit);
      walk(entry.value, visit);
    }
    if (expr->comprehension != nullptr) {
      const ComprehensionExpr& parts = *expr->comprehension;
      for (const Expr* part : {parts.range, parts.initial, parts.condition, parts.step, parts.result})
        walk(part, visit);
    }
    in_format_ -= format ? 1 : 0;
  }

  void report(const Expr& at, std::string message) {
    issues_.report(ast_.source.location(at.offset), std::move(message));
  }

 private:
  const Ast& ast_;
  Issues& issues_;
  int in_format_ = 0;
};

bool literal_is_good(std::string_view function, const Value& value) {
  if (function == "duration") return value.is(ValueKind::String) && parse_duration(value.text()).has_value();
  if (function == "timestamp") {
    if (value.is(ValueKind::Int)) return timestamp_in_range(value.integer);
    return !value.is(ValueKind::String) || parse_timestamp(value.text()).has_value();
  }
  return !value.is(ValueKind::String) || regex_problem(value.text()).empty();
}

// The literal of a call that must be checked: its first argument. That is the pattern where matches has a receiver.
const Expr* checked_literal(const Expr& call) {
  if (call.name != "duration" && call.name != "timestamp" && call.name != "matches") return nullptr;
  return call.args.empty() || call.args[0]->kind != ExprKind::Literal ? nullptr : call.args[0];
}

const Type* contributed(const EntryExpr& entry) {
  const Type* type = entry.value->type;
  return entry.optional && type->is_optional() ? type->params[0] : type;
}

// Types that count as the same: dyn goes with everything, parameters are compared.
bool equivalent(const Type& a, const Type& b) {
  if (a.kind != b.kind || a.params.size() != b.params.size()) return false;
  if (a.name != b.name) return false;
  for (std::size_t i = 0; i < a.params.size(); ++i)
    if (!equivalent(*a.params[i], *b.params[i])) return false;
  return true;
}

void check_list(Walker& walker, const Expr& expr) {
  const Type* first = nullptr;
  for (const EntryExpr& entry : expr.entries) {
    const Type* type = contributed(entry);
    if (first == nullptr) first = type;
    if (equivalent(*first, *type)) continue;
    walker.report(*entry.value, "expected type '" + format_type(*first) + "' but found '" + format_type(*type) + "'");
    return;
  }
}

void check_map(Walker& walker, const Expr& expr) {
  const Type* key = nullptr;
  const Type* value = nullptr;
  for (const EntryExpr& entry : expr.entries) {
    if (key == nullptr) {
      key = entry.key->type;
      value = contributed(entry);
    }
    if (!equivalent(*key, *entry.key->type))
      walker.report(*entry.key,
                    "expected type '" + format_type(*key) + "' but found '" + format_type(*entry.key->type) + "'");
    if (!equivalent(*value, *contributed(entry)))
      walker.report(*entry.value,
                    "expected type '" + format_type(*value) + "' but found '" + format_type(*contributed(entry)) + "'");
  }
}

bool is_one_of(const Type& type, std::initializer_list<TypeKind> kinds) {
  return type.is_dyn() || std::find(kinds.begin(), kinds.end(), type.kind) != kinds.end();
}

// The first part of the argument that %s cannot print, or null.
const Expr* unprintable(const Expr& arg) {
  if (!is_one_of(*arg.type, {TypeKind::List, TypeKind::Map, TypeKind::Int, TypeKind::Uint, TypeKind::Double,
                             TypeKind::Bool, TypeKind::String, TypeKind::Timestamp, TypeKind::Bytes, TypeKind::Duration,
                             TypeKind::Type, TypeKind::Null}))
    return &arg;
  if (arg.kind != ExprKind::List && arg.kind != ExprKind::Map) return nullptr;
  for (const EntryExpr& entry : arg.entries) {
    if (entry.key != nullptr)
      if (const Expr* bad = unprintable(*entry.key)) return bad;
    if (const Expr* bad = unprintable(*entry.value)) return bad;
  }
  return nullptr;
}

// What a clause asks of its argument's type; empty if it is content.
std::string clause_problem(char clause, const Expr& arg, const Expr*& where) {
  const Type& type = *arg.type;
  switch (clause) {
    case 's':
      where = unprintable(arg);
      return where == nullptr ? ""
                              : "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, "
                                "types, durations, and "
                                "timestamps, was given " +
                                    where->type->name;
    case 'd':
      return is_one_of(type, {TypeKind::Int, TypeKind::Uint})
                 ? ""
                 : "decimal clause can only be used on integers, was given " + type.name;
    case 'f':
      return is_one_of(type, {TypeKind::Double, TypeKind::String})
                 ? ""
                 : "fixed-point clause can only be used on doubles, was given " + type.name;
    case 'e':
      return is_one_of(type, {TypeKind::Double, TypeKind::String})
                 ? ""
                 : "scientific clause can only be used on doubles, was given " + type.name;
    case 'b':
      return is_one_of(type, {TypeKind::Int, TypeKind::Uint, TypeKind::Bool})
                 ? ""
                 : "only integers and bools can be formatted as binary, was given " + type.name;
    case 'x':
    case 'X':
      return is_one_of(type, {TypeKind::Int, TypeKind::Uint, TypeKind::String, TypeKind::Bytes})
                 ? ""
                 : "only integers, byte buffers, and strings can be formatted as hex, was given " + type.name;
    case 'o':
      return is_one_of(type, {TypeKind::Int, TypeKind::Uint})
                 ? ""
                 : "octal clause can only be used on integers, was given " + type.name;
    default:
      return "";
  }
}

bool is_known_clause(char c) {
  return std::string_view("sdfebxXo").find(c) != std::string_view::npos;
}

// A literal format with literal arguments: every clause is looked at.
void check_format(Walker& walker, const Expr& call) {
  const std::string_view format = call.target->literal.text();
  const auto& args = call.args[0]->entries;
  std::size_t used = 0;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%') continue;
    if (at + 1 < format.size() && format[at + 1] == '%') {
      ++at;
      continue;
    }
    if (at + 1 >= format.size()) return walker.report(call, "unexpected end of string");
    if (used >= args.size()) return walker.report(call, "index " + std::to_string(used) + " out of range");
    if (format[++at] == '.') {
      at = format.find_first_not_of("0123456789", at + 1);
      if (at == std::string_view::npos)
        return walker.report(call,
                             "could not parse formatting clause: error while parsing precision: could not find end of "
                             "precision specifier");
    }
    if (!is_known_clause(format[at]))
      return walker.report(call, std::string("could not parse formatting clause: unrecognized formatting clause \"") +
                                     format[at] + "\"");
    const Expr* where = args[used].value;
    const std::string problem = clause_problem(format[at], *args[used].value, where);
    if (!problem.empty()) return walker.report(*where, "error during formatting: " + problem);
    ++used;
  }
  if (args.size() > used)
    walker.report(call, "too many arguments supplied to string.format (expected " + std::to_string(used) + ", got " +
                            std::to_string(args.size()) + ")");
}

bool is_literal_format(const Expr& expr) {
  return expr.name == kFormat && expr.target != nullptr && expr.target->kind == ExprKind::Literal &&
         expr.target->literal.is(ValueKind::String) && expr.args.size() == 1 && expr.args[0]->kind == ExprKind::List;
}

}  // namespace

void validate_literals(const Ast& ast, Issues& issues) {
  Walker walker(ast, issues);
  walker.walk(ast.root, [&](const Expr& expr, bool in_format) {
    switch (expr.kind) {
      case ExprKind::Call:
        if (const Expr* literal = checked_literal(expr))
          if (!literal_is_good(expr.name, literal->literal))
            walker.report(*literal, "invalid " + expr.name + " argument");
        if (is_literal_format(expr)) check_format(walker, expr);
        break;
      case ExprKind::List:
        if (!in_format) check_list(walker, expr);
        break;
      case ExprKind::Map:
        if (!in_format) check_map(walker, expr);
        break;
      default:
        break;
    }
  });
}

}  // namespace gatepost::cel
