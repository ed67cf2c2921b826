// The expression after parsing and macro expansion, and what the checker learned about it.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "cel/source.h"
#include "cel/types.h"
#include "cel/value.h"

namespace gatepost::cel {

struct Overload;

enum class ExprKind : std::uint8_t { Unspecified, Literal, Ident, Select, Call, List, Map, Struct, Comprehension };

struct Expr;

struct EntryExpr {
  Expr* key = nullptr;  // of a map
  std::string field;    // of a struct
  Expr* value = nullptr;
  bool optional = false;
  std::int32_t offset = -1;
};

struct ComprehensionExpr {
  std::string variable;
  std::string second_variable;  // empty: one variable
  std::string accumulator;
  Expr* range = nullptr;
  Expr* initial = nullptr;
  Expr* condition = nullptr;
  Expr* step = nullptr;
  Expr* result = nullptr;
};

struct Expr {
  ExprKind kind = ExprKind::Unspecified;
  std::int32_t offset = -1;  // code points into the source
  Value literal;
  std::string name;                // identifier, field, function, struct type
  Expr* target = nullptr;          // of a select or a member call
  bool test_only = false;          // has(target.name)
  std::vector<Expr*> args;         // of a call
  std::vector<EntryExpr> entries;  // of lists (value only), maps and structs
  ComprehensionExpr* comprehension = nullptr;

  // From the checker.
  const Type* type = nullptr;
  std::vector<const Overload*> overloads;
  bool resolved = false;  // an identifier that names a declaration (its full name then)
};

// Owns the expressions, literals and inferred types.
struct Ast {
  explicit Ast(std::string text) : source(std::move(text)) {}
  Ast(const Ast&) = delete;
  Ast& operator=(const Ast&) = delete;

  Expr* make(ExprKind kind, std::int32_t offset) {
    Expr& out = expressions.emplace_back();
    out.kind = kind;
    out.offset = offset;
    return &out;
  }
  Expr* ident(std::string name, std::int32_t offset);
  Expr* literal(Value value, std::int32_t offset);
  Expr* text_literal(std::string_view text, std::int32_t offset);
  Expr* call(std::string function, std::vector<Expr*> args, std::int32_t offset, Expr* target = nullptr);
  Expr* list(std::vector<Expr*> elements, std::int32_t offset);
  Expr* comprehension(ComprehensionExpr parts, std::int32_t offset);

  Source source;
  std::deque<Expr> expressions;
  std::deque<ComprehensionExpr> comprehensions;
  Arena constants;
  TypePool types;
  Expr* root = nullptr;
};

}  // namespace gatepost::cel
