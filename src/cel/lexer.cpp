#include "cel/lexer.h"

#include <array>

namespace gatepost::cel {

namespace {

constexpr std::array<std::string_view, 37> kNames{
    "<EPSILON>", "'=='",   "'!='",      "'in'",    "'<'",      "'<='",   "'>='",  "'>'",        "'&&'",
    "'||'",      "'['",    "']'",       "'{'",     "'}'",      "'('",    "')'",   "'.'",        "','",
    "'-'",       "'!'",    "'?'",       "':'",     "'+'",      "'*'",    "'/'",   "'%'",        "'true'",
    "'false'",   "'null'", "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER", "ESC_IDENTIFIER",
    "<EOF>"};

bool is_digit(char32_t c) {
  return c >= U'0' && c <= U'9';
}
bool is_hex(char32_t c) {
  return is_digit(c) || (c >= U'a' && c <= U'f') || (c >= U'A' && c <= U'F');
}
bool is_letter(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}
bool is_space(char32_t c) {
  return c == U' ' || c == U'\t' || c == U'\r' || c == U'\n' || c == U'\f';
}

// One attempt to read a token: where the longest accepted token ends, and how far any alternative got.
struct Attempt {
  bool accepted = false;
  Token type = Token::End;
  std::int32_t end = 0;
  std::int32_t furthest = 0;  // offset of the first character that no alternative could take

  void accept(Token with, std::int32_t at) {
    if (!accepted || at > end) {
      accepted = true;
      type = with;
      end = at;
    }
  }
  void reached(std::int32_t at) { furthest = std::max(furthest, at); }
};

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(source) {}

  Attempt read(std::int32_t begin) const {
    Attempt out;
    out.furthest = begin;
    const char32_t c = source_.at(begin);
    if (is_letter(c) || c == U'_') word(begin, out);
    if (is_digit(c) || c == U'.') number(begin, out);
    if (c == U'`') escaped_identifier(begin, out);
    strings(begin, out);
    punctuation(begin, out);
    return out;
  }

 private:
  void word(std::int32_t begin, Attempt& out) const {
    std::int32_t at = begin;
    while (is_letter(source_.at(at)) || is_digit(source_.at(at)) || source_.at(at) == U'_') ++at;
    out.reached(at);
    const std::string text = source_.slice(begin, std::min(at, begin + 6));
    out.accept(text == "in"      ? Token::In
               : text == "true"  ? Token::True
               : text == "false" ? Token::False
               : text == "null"  ? Token::Null
                                 : Token::Identifier,
               at);
  }

  std::int32_t digits(std::int32_t at) const {
    while (is_digit(source_.at(at))) ++at;
    return at;
  }

  void exponent(std::int32_t at, Attempt& out) const {
    if (source_.at(at) != U'e' && source_.at(at) != U'E') return;
    ++at;
    if (source_.at(at) == U'+' || source_.at(at) == U'-') ++at;
    out.reached(at);
    const std::int32_t end = digits(at);
    if (end > at) out.accept(Token::Float, end);
    out.reached(end);
  }

  void number(std::int32_t begin, Attempt& out) const {
    std::int32_t at = digits(begin);
    out.reached(at);
    if (at > begin) {
      out.accept(Token::Int, at);
      if (source_.at(at) == U'u' || source_.at(at) == U'U') {
        out.accept(Token::Uint, at + 1);
        out.reached(at + 1);
      }
      exponent(at, out);
      if (source_.at(begin) == U'0' && at == begin + 1 && source_.at(at) == U'x') hex(begin, out);
    }
    if (source_.at(at) == U'.') {
      out.reached(at + 1);
      const std::int32_t fraction = digits(at + 1);
      if (fraction > at + 1) {
        out.accept(Token::Float, fraction);
        out.reached(fraction);
        exponent(fraction, out);
      }
    }
  }

  void hex(std::int32_t begin, Attempt& out) const {
    std::int32_t at = begin + 2;
    while (is_hex(source_.at(at))) ++at;
    out.reached(at);
    if (at == begin + 2) return;
    out.accept(Token::Int, at);
    if (source_.at(at) == U'u' || source_.at(at) == U'U') {
      out.accept(Token::Uint, at + 1);
      out.reached(at + 1);
    }
  }

  void escaped_identifier(std::int32_t begin, Attempt& out) const {
    std::int32_t at = begin + 1;
    for (char32_t c = source_.at(at);
         is_letter(c) || is_digit(c) || c == U'_' || c == U'.' || c == U'-' || c == U'/' || c == U' ';
         c = source_.at(++at)) {
    }
    out.reached(at);
    if (source_.at(at) == U'`' && at > begin + 1) {
      out.accept(Token::EscapedIdentifier, at + 1);
      out.reached(at + 1);
    }
  }

  void strings(std::int32_t begin, Attempt& out) const {
    std::int32_t at = begin;
    Token type = Token::String;
    if (source_.at(at) == U'b' || source_.at(at) == U'B') {
      type = Token::Bytes;
      ++at;
    }
    bool raw = false;
    if (source_.at(at) == U'r' || source_.at(at) == U'R') {
      raw = true;
      ++at;
    }
    const char32_t quote = source_.at(at);
    if (quote != U'"' && quote != U'\'') return;
    quoted(at, quote, 1, raw, type, out);
    if (source_.at(at + 1) == quote && source_.at(at + 2) == quote) quoted(at, quote, 3, raw, type, out);
  }

  // One escape behind a backslash at `at`; the offset behind it, or -1 after noting how far it got.
  std::int32_t escape(std::int32_t at, Attempt& out) const {
    const char32_t c = source_.at(at + 1);
    std::int32_t count = 0;
    if (c != Source::kEnd && std::u32string_view(U"abfnrtv\"'\\?`").find(c) != std::u32string_view::npos) return at + 2;
    if (c == U'x' || c == U'X') count = 2;
    if (c == U'u') count = 4;
    if (c == U'U') count = 8;
    std::int32_t next = at + 2;
    if (c >= U'0' && c <= U'3') {
      for (; next < at + 4; ++next) {
        if (source_.at(next) < U'0' || source_.at(next) > U'7') {
          out.reached(next);
          return -1;
        }
      }
      return next;
    }
    if (count == 0) {
      out.reached(at + 1);
      return -1;
    }
    for (; next < at + 2 + count; ++next) {
      if (!is_hex(source_.at(next))) {
        out.reached(next);
        return -1;
      }
    }
    return next;
  }

  void quoted(std::int32_t at, char32_t quote, int quotes, bool raw, Token type, Attempt& out) const {
    at += quotes;
    for (;;) {
      const char32_t c = source_.at(at);
      if (c == Source::kEnd) break;
      if (c == quote && (quotes == 1 || (source_.at(at + 1) == quote && source_.at(at + 2) == quote))) {
        out.accept(type, at + quotes);
        out.reached(at + quotes);
        return;
      }
      if (quotes == 1 && (c == U'\n' || c == U'\r')) break;
      if (c == U'\\' && !raw) {
        at = escape(at, out);
        if (at < 0) return;
      } else {
        ++at;
      }
    }
    out.reached(at);
  }

  void punctuation(std::int32_t begin, Attempt& out) const {
    const char32_t c = source_.at(begin);
    const char32_t next = source_.at(begin + 1);
    const auto one = [&](Token type) {
      out.accept(type, begin + 1);
      out.reached(begin + 1);
    };
    const auto two = [&](char32_t second, Token type) {
      out.reached(begin + 1);
      if (next != second) return;
      out.accept(type, begin + 2);
      out.reached(begin + 2);
    };
    switch (c) {
      case U'=':
        return two(U'=', Token::Equals);
      case U'!':
        one(Token::Exclamation);
        return two(U'=', Token::NotEquals);
      case U'<':
        one(Token::Less);
        return two(U'=', Token::LessEquals);
      case U'>':
        one(Token::Greater);
        return two(U'=', Token::GreaterEquals);
      case U'&':
        return two(U'&', Token::LogicalAnd);
      case U'|':
        return two(U'|', Token::LogicalOr);
      case U'[':
        return one(Token::LeftBracket);
      case U']':
        return one(Token::RightBracket);
      case U'{':
        return one(Token::LeftBrace);
      case U'}':
        return one(Token::RightBrace);
      case U'(':
        return one(Token::LeftParen);
      case U')':
        return one(Token::RightParen);
      case U'.':
        return one(Token::Dot);
      case U',':
        return one(Token::Comma);
      case U'-':
        return one(Token::Minus);
      case U'?':
        return one(Token::QuestionMark);
      case U':':
        return one(Token::Colon);
      case U'+':
        return one(Token::Plus);
      case U'*':
        return one(Token::Star);
      case U'/':
        return one(Token::Slash);
      case U'%':
        return one(Token::Percent);
      default:
        return;
    }
  }

  const Source& source_;
};

}  // namespace

std::string_view token_name(Token type) {
  return kNames[static_cast<std::size_t>(type)];
}

Tokens tokenize(const Source& source, Issues& issues) {
  Tokens out;
  const Lexer lexer(source);
  std::int32_t at = 0;
  while (at < source.size()) {
    if (is_space(source.at(at))) {
      ++at;
      continue;
    }
    if (source.at(at) == U'/' && source.at(at + 1) == U'/') {
      while (at < source.size() && source.at(at) != U'\n') ++at;
      continue;
    }
    const Attempt attempt = lexer.read(at);
    if (attempt.accepted) {
      out.tokens.push_back({attempt.type, at, attempt.end});
      at = attempt.end;
      continue;
    }
    // The character that fitted nothing is part of the text and is skipped with it.
    issues.report(source.location(at),
                  "Syntax error: token recognition error at: '" + source.slice(at, attempt.furthest + 1) + "'");
    out.skipped.push_back({Token::End, at, attempt.furthest + 1});
    at = attempt.furthest + 1;
  }
  out.tokens.push_back({Token::End, source.size(), source.size()});
  return out;
}

}  // namespace gatepost::cel
