#include "cel/ast.h"

namespace gatepost::cel {

Expr* Ast::ident(std::string name, std::int32_t offset) {
  Expr* out = make(ExprKind::Ident, offset);
  out->name = std::move(name);
  return out;
}

Expr* Ast::literal(Value value, std::int32_t offset) {
  Expr* out = make(ExprKind::Literal, offset);
  out->literal = value;
  return out;
}

Expr* Ast::text_literal(std::string_view text, std::int32_t offset) {
  return literal(Value::of_string(constants.copy(text)), offset);
}

Expr* Ast::call(std::string function, std::vector<Expr*> args, std::int32_t offset, Expr* target) {
  Expr* out = make(ExprKind::Call, offset);
  out->name = std::move(function);
  out->args = std::move(args);
  out->target = target;
  return out;
}

Expr* Ast::list(std::vector<Expr*> elements, std::int32_t offset) {
  Expr* out = make(ExprKind::List, offset);
  for (Expr* element : elements) out->entries.push_back({.value = element});
  return out;
}

Expr* Ast::comprehension(ComprehensionExpr parts, std::int32_t offset) {
  Expr* out = make(ExprKind::Comprehension, offset);
  out->comprehension = &comprehensions.emplace_back(std::move(parts));
  return out;
}

}  // namespace gatepost::cel
