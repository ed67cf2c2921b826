// Patterns: error texts with holes, as the tables in data/ write them. A pattern is compared without regard to white
// space and ASCII case, so that wrapped, folded and re-flowed texts match; a text that ends inside a pattern matches in
// part.
//   {a}  one address, name or number (no space)      {q}  a quoted string
//   {s}  anything up to what follows in the pattern  {r}  the rest of the record, which the caller finds the end of
//   <..> optional, at most one level
// Matching is bounded: a hole spans at most 600 bytes and a match takes at most 20,000 steps.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::explain {

struct Match {
  std::size_t end = 0;             // behind the last byte matched
  int literals = 0;                // bytes of the pattern's own that were found: how much the match proves
  bool whole = true;               // false: the text ended (or broke off at a line's end) inside the pattern
  bool open = false;               // the pattern ends with {r}, and `end` is where that begins
  std::vector<std::size_t> joins;  // line breaks inside a word of the pattern: a terminal's hard wraps
};

class Pattern {
 public:
  explicit Pattern(std::string_view source);

  // Matches at `at` exactly. Newlines in `text` are breaks that may be wraps.
  std::optional<Match> match(std::string_view text, std::size_t at) const;

  char first() const { return first_; }  // lower case; '\0' where the pattern begins with a hole

  struct Element {
    enum class Kind { literal, address, quoted, span, rest, group } kind;
    char byte = 0;               // literal, lower case
    bool space_before = false;   // literal: white space stands before it in the pattern
    std::vector<Element> group;  // group
  };

 private:
  std::vector<Element> elements_;
  char first_ = 0;
};

bool is_space(char c);
char lower(char c);

}  // namespace gatepost::explain
