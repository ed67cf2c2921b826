// Characters -> tokens, by longest match, with the errors of the recognizer that cel-go's grammar generates:
// `token recognition error at: '...'`; the offending text is skipped and reading goes on.
#pragma once

#include <vector>

#include "cel/source.h"

namespace gatepost::cel {

// In the order of the grammar, which is the order in which error texts list what was expected.
enum class Token : std::uint8_t {
  Epsilon,  // not a token: "the rule may end here" in sets of tokens
  Equals,
  NotEquals,
  In,
  Less,
  LessEquals,
  GreaterEquals,
  Greater,
  LogicalAnd,
  LogicalOr,
  LeftBracket,
  RightBracket,
  LeftBrace,
  RightBrace,
  LeftParen,
  RightParen,
  Dot,
  Comma,
  Minus,
  Exclamation,
  QuestionMark,
  Colon,
  Plus,
  Star,
  Slash,
  Percent,
  True,
  False,
  Null,
  Float,
  Int,
  Uint,
  String,
  Bytes,
  Identifier,
  EscapedIdentifier,
  End
};

struct TokenText {
  Token type = Token::End;
  std::int32_t begin = 0;  // code points
  std::int32_t end = 0;
};

// How an error text names the token type: `'['`, `IDENTIFIER`, `<EOF>`.
std::string_view token_name(Token type);

struct Tokens {
  std::vector<TokenText> tokens;   // the last one is End
  std::vector<TokenText> skipped;  // text that is no token
};

// Errors go to `issues`.
Tokens tokenize(const Source& source, Issues& issues);

}  // namespace gatepost::cel
