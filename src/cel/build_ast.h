// Syntax tree -> AST: literals are read, names checked, macros expanded.
#pragma once

#include <memory>

#include "cel/macros.h"

namespace gatepost::cel {

struct ParseOptions {
  std::span<const Macro> macros;
  bool optional_syntax = true;
  bool escaped_identifiers = true;  // `a-b` in backquotes
  std::int32_t most_code_points = 100'000;
};

// Parses the whole text. With issues the AST is incomplete and only good for showing them.
std::unique_ptr<Ast> parse_expression(std::string text, const ParseOptions& options, Issues& issues);

}  // namespace gatepost::cel
