// The parser's hands: looks ahead, matches tokens, and reports and repairs errors in the manner of ANTLR's default
// error strategy. It knows tokens and follow sets, not the grammar.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <vector>

#include "cel/token_set.h"

namespace gatepost::cel {

class TokenReader {
 public:
  TokenReader(const Source& source, Issues& issues);

  const TokenText& look(std::size_t ahead = 1) const;
  Token type(std::size_t ahead = 1) const { return look(ahead).type; }
  bool aborted() const { return aborted_; }

  // What may come behind the rule now called: pushed by its caller.
  void push_follow(TokenSet follow) { follow_.push_back(follow); }
  void pop_follow() { follow_.pop_back(); }
  // The tokens that may come when `next` may come here, seen through all open rules.
  TokenSet expected(TokenSet next) const;

  // Takes `wanted`, or repairs: `behind` is what may come behind it. Nothing if the rule must be given up. An inserted
  // token has no text. `state` names the place in the grammar.
  std::optional<TokenText> match(Token wanted, TokenSet behind, int state);
  // At the start of an optional or alternative part: false if the rule must be given up.
  bool synchronise(TokenSet next, int state);
  // Behind one turn of a loop that needs at least one: skips what cannot follow.
  void synchronise_loop(TokenSet next);
  void no_viable_alternative(std::size_t last_token_ahead, int state);

  // Depth of one of the grammar's rules; too deep ends the parse.
  void enter(std::size_t rule);
  void leave(std::size_t rule, int levels = 1) { depth_[rule] -= levels; }

  TokenText consume();

 private:
  void report(std::int32_t offset, std::string message);
  void report_internal(std::string message);
  void report_unwanted(TokenSet next);
  bool delete_token(TokenSet next);
  void mismatch(TokenSet next, int state);
  void recover(int state);
  bool count_recovery();
  void consume_until(TokenSet set);
  TokenSet recovery_set() const;
  std::string display(const TokenText& token) const;
  std::string slice(std::int32_t begin, std::int32_t end) const;
  void abort();

  const Source& source_;
  Issues& issues_;
  Tokens text_;
  const std::vector<TokenText>& tokens_;
  std::size_t at_ = 0;
  std::vector<TokenSet> follow_;
  std::array<int, 16> depth_{};
  bool recovering_ = false;
  bool aborted_ = false;
  int syntax_errors_ = 0;
  int recoveries_ = 0;
  std::size_t last_error_at_ = static_cast<std::size_t>(-1);
  std::set<int> last_error_states_;
};

}  // namespace gatepost::cel
