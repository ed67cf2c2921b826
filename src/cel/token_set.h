// Sets of tokens as bits; Epsilon in a set means that the rule at hand may end.
#pragma once

#include <initializer_list>

#include "cel/lexer.h"

namespace gatepost::cel {

class TokenSet {
 public:
  constexpr TokenSet() = default;
  constexpr TokenSet(std::initializer_list<Token> tokens) {
    for (const Token token : tokens) bits_ |= bit(token);
  }
  constexpr bool contains(Token token) const { return (bits_ & bit(token)) != 0; }
  constexpr TokenSet operator|(TokenSet other) const { return TokenSet(bits_ | other.bits_); }
  constexpr TokenSet without(Token token) const { return TokenSet(bits_ & ~bit(token)); }

  // `'a'` or `{'a', 'b'}`, the end of input first.
  std::string display() const {
    std::string out;
    int count = 0;
    const auto add = [&](Token token) {
      if (!contains(token)) return;
      if (count++ > 0) out += ", ";
      out += token_name(token);
    };
    add(Token::End);
    for (auto token = static_cast<int>(Token::Equals); token < static_cast<int>(Token::End); ++token)
      add(static_cast<Token>(token));
    return count > 1 ? "{" + out + "}" : out;
  }

 private:
  static constexpr std::uint64_t bit(Token token) { return std::uint64_t{1} << static_cast<int>(token); }
  explicit constexpr TokenSet(std::uint64_t bits) : bits_(bits) {}
  std::uint64_t bits_ = 0;
};

namespace token_sets {

inline constexpr TokenSet kRuleEnd{Token::Epsilon};
inline constexpr TokenSet kLiteral{Token::True, Token::False, Token::Null,   Token::Float,
                                   Token::Int,  Token::Uint,  Token::String, Token::Bytes};
inline constexpr TokenSet kMember = kLiteral | TokenSet{Token::LeftBracket, Token::LeftBrace, Token::LeftParen,
                                                        Token::Dot,         Token::Minus,     Token::Identifier};
inline constexpr TokenSet kExpression = kMember | TokenSet{Token::Exclamation};
inline constexpr TokenSet kOptionalExpression = kExpression | TokenSet{Token::QuestionMark};
inline constexpr TokenSet kFieldName{Token::Identifier, Token::EscapedIdentifier};
inline constexpr TokenSet kOptionalField = kFieldName | TokenSet{Token::QuestionMark};
inline constexpr TokenSet kRelation{Token::Equals,     Token::NotEquals,     Token::In,     Token::Less,
                                    Token::LessEquals, Token::GreaterEquals, Token::Greater};
inline constexpr TokenSet kProduct{Token::Star, Token::Slash, Token::Percent};
inline constexpr TokenSet kSum{Token::Plus, Token::Minus};
inline constexpr TokenSet kSuffix{Token::Dot, Token::LeftBracket};

}  // namespace token_sets

}  // namespace gatepost::cel
