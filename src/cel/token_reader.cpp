#include "cel/token_reader.h"

namespace gatepost::cel {

namespace {

constexpr int kMostDepth = 250;
constexpr int kMostRecoveries = 30;
constexpr int kMostSkipped = 256;
constexpr int kMostErrors = 100;

std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    switch (c) {
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        out += c;
    }
  }
  return out + "'";
}

// A reserved word in a place for a name was reported in other words before; that text is kept.
std::string keep_reserved_text(std::string message) {
  constexpr std::string_view kStart = "no viable alternative at input '.";
  if (!message.starts_with(kStart)) return message;
  const std::string_view rest = std::string_view(message).substr(kStart.size());
  for (const std::string_view word : {"true", "false", "null"}) {
    if (rest.starts_with(word) && rest.substr(word.size()).starts_with("'"))
      return "mismatched input '" + std::string(word) + "' expecting IDENTIFIER" +
             std::string(rest.substr(word.size() + 1));
  }
  return message;
}

}  // namespace

TokenReader::TokenReader(const Source& source, Issues& issues)
    : source_(source), issues_(issues), text_(tokenize(source, issues)), tokens_(text_.tokens) {}

const TokenText& TokenReader::look(std::size_t ahead) const {
  const std::size_t index = at_ + ahead - 1;
  return index < tokens_.size() ? tokens_[index] : tokens_.back();
}

TokenText TokenReader::consume() {
  const TokenText out = look();
  if (at_ + 1 < tokens_.size()) ++at_;
  return out;
}

TokenSet TokenReader::expected(TokenSet next) const {
  TokenSet out = next.without(Token::Epsilon);
  bool open = next.contains(Token::Epsilon);
  for (auto follow = follow_.rbegin(); open && follow != follow_.rend(); ++follow) {
    out = out | follow->without(Token::Epsilon);
    open = follow->contains(Token::Epsilon);
  }
  return open ? out | TokenSet{Token::End} : out;
}

std::string TokenReader::display(const TokenText& token) const {
  return quote(token.type == Token::End ? "<EOF>" : source_.slice(token.begin, token.end));
}

void TokenReader::abort() {
  aborted_ = true;
  at_ = tokens_.size() - 1;
}

void TokenReader::report(std::int32_t offset, std::string message) {
  if (aborted_) return;
  const Location location = source_.location(offset);
  if (syntax_errors_++ < kMostErrors) {
    issues_.report(location, "Syntax error: " + keep_reserved_text(std::move(message)));
    return;
  }
  issues_.report(location, "Syntax error: More than " + std::to_string(kMostErrors) + " syntax errors");
  abort();
}

void TokenReader::report_internal(std::string message) {
  if (!aborted_) issues_.report({}, std::move(message));
  abort();
}

void TokenReader::report_unwanted(TokenSet next) {
  if (recovering_) return;
  recovering_ = true;
  report(look().begin, "extraneous input " + display(look()) + " expecting " + expected(next).display());
}

bool TokenReader::delete_token(TokenSet next) {
  if (!expected(next).contains(type(2))) return false;
  report_unwanted(next);
  consume();
  recovering_ = false;
  return true;
}

void TokenReader::mismatch(TokenSet next, int state) {
  if (!recovering_) {
    recovering_ = true;
    report(look().begin, "mismatched input " + display(look()) + " expecting " + expected(next).display());
  }
  recover(state);
}

std::optional<TokenText> TokenReader::match(Token wanted, TokenSet behind, int state) {
  if (type() == wanted) {
    recovering_ = false;
    return consume();
  }
  if (!count_recovery()) return std::nullopt;
  const TokenSet next{wanted};
  if (delete_token(next)) return consume();
  if (expected(behind).contains(type())) {
    if (!recovering_) {
      recovering_ = true;
      report(look().begin, "missing " + next.display() + " at " + display(look()));
    }
    return TokenText{wanted, look().begin, look().begin};
  }
  mismatch(next, state);
  return std::nullopt;
}

bool TokenReader::synchronise(TokenSet next, int state) {
  if (recovering_ || next.contains(Token::Epsilon) || next.contains(type())) return true;
  if (delete_token(next)) return true;
  mismatch(next, state);
  return false;
}

void TokenReader::synchronise_loop(TokenSet next) {
  if (recovering_ || next.contains(Token::Epsilon) || next.contains(type())) return;
  report_unwanted(next);
  consume_until(expected(next) | recovery_set());
}

void TokenReader::no_viable_alternative(std::size_t last_token_ahead, int state) {
  if (!recovering_) {
    recovering_ = true;
    const TokenText last = look(last_token_ahead);
    const std::string text = type() == Token::End ? "<EOF>" : slice(look().begin, last.end);
    report(last.begin, "no viable alternative at input " + quote(text));
  }
  recover(state);
}

// The source without what was skipped as no token.
std::string TokenReader::slice(std::int32_t begin, std::int32_t end) const {
  std::string out;
  for (const TokenText& skipped : text_.skipped) {
    if (skipped.end <= begin || skipped.begin >= end) continue;
    out += source_.slice(begin, skipped.begin);
    begin = skipped.end;
  }
  return out + source_.slice(begin, end);
}

bool TokenReader::count_recovery() {
  if (aborted_) return false;
  if (recoveries_++ < kMostRecoveries) return true;
  report(look().begin, "error recovery attempt limit exceeded: " + std::to_string(kMostRecoveries));
  abort();
  return false;
}

void TokenReader::recover(int state) {
  if (!count_recovery()) return;
  if (last_error_at_ == at_ && last_error_states_.contains(state)) consume();
  last_error_at_ = at_;
  last_error_states_.insert(state);
  consume_until(recovery_set());
}

TokenSet TokenReader::recovery_set() const {
  TokenSet out;
  for (const TokenSet follow : follow_) out = out | follow;
  return out.without(Token::Epsilon);
}

void TokenReader::consume_until(TokenSet set) {
  int skipped = 0;
  while (type() != Token::End && !set.contains(type())) {
    if (skipped++ >= kMostSkipped)
      return report_internal("error recovery token lookahead limit exceeded: " + std::to_string(kMostSkipped));
    consume();
  }
}

void TokenReader::enter(std::size_t rule) {
  if (++depth_[rule] > kMostDepth && !aborted_)
    report_internal("expression recursion limit exceeded: " + std::to_string(kMostDepth));
}

}  // namespace gatepost::cel
