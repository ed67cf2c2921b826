// A position in one unfolded record, and the parts of an error that can stand there: names in every quotation, the
// request line with its URL. Only grammar.cpp needs it.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "explain/pattern.h"
#include "explain/target.h"
#include "explain/unfold.h"

namespace gatepost::explain {

inline constexpr std::size_t longest_name = 300;
inline constexpr std::size_t longest_url = 4096;

class Reader {
 public:
  Reader(const Unfolded& record, std::size_t at) : text_(record.text), at_(at) {}

  std::size_t at() const { return at_; }
  void move_to(std::size_t at) { at_ = at; }
  bool done() const { return at_ >= text_.size(); }

  void space() {
    while (!done() && is_space(text_[at_])) ++at_;
  }
  bool take(char c) {
    space();
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(const Pattern& pattern) {
    space();
    const auto match = pattern.match(text_, at_);
    if (!match || !match->whole) return false;
    at_ = match->end;
    return true;
  }

  // The text ends inside the phrase.
  bool breaks_off_in(const Pattern& pattern) const {
    const auto match = pattern.match(text_, at_);
    return match && !match->whole && match->end == text_.size();
  }

  // A quoted name; what there is of it where the quotation does not end, and then broken() is true.
  bool quoted_name(std::string& name) {
    space();
    std::size_t i = at_;
    while (i < text_.size() && text_[i] == '\\') ++i;
    if (i >= text_.size() || (text_[i] != '"' && text_[i] != '\'' && text_[i] != '`')) return false;
    const char quote = text_[i++];
    name.clear();
    for (; i < text_.size() && name.size() < longest_name; ++i) {
      if (text_[i] == quote) {
        while (!name.empty() && name.back() == '\\') name.pop_back();
        at_ = i + 1;
        return true;
      }
      if (text_[i] == '\n') {
        if (!continues_name(i + 1, quote)) break;
        continue;
      }
      name += text_[i];
    }
    at_ = i;
    broken_ = true;
    return true;
  }
  bool broken() const { return broken_; }

  // A bare name: up to a colon that ends it.
  bool bare_name(std::string& name) {
    space();
    std::size_t i = at_;
    while (i < text_.size() && i - at_ < longest_name && !is_space(text_[i]) && !ends_name(i)) ++i;
    const std::string_view word = text_.substr(at_, i - at_);
    const bool colon = i < text_.size() && text_[i] == ':';
    if (word.empty() || (!colon && word.find('.') == std::string_view::npos)) return false;
    name = word;
    at_ = i;
    return true;
  }

  // `Post "URL":` and its forms. False where there is none; a URL that broke off counts.
  bool request(Target& target, bool& method_seen) {
    space();
    static constexpr std::array<std::string_view, 6> methods = {"Post", "Get", "Put", "Patch", "Delete", "Head"};
    for (std::string_view method : methods) {
      std::size_t i = behind_word(at_, method);
      if (i == at_) continue;
      if (i < text_.size() && !is_space(text_[i]) && text_[i] != '\\') continue;
      while (i < text_.size() && is_space(text_[i])) ++i;
      method_seen = true;
      if (i >= text_.size()) {
        at_ = i;
        return false;
      }
      return url(i, target);
    }
    return false;
  }

 private:
  // Behind `word` at `i`, hard wraps inside it allowed; `i` itself where it is not there.
  std::size_t behind_word(std::size_t i, std::string_view word) const {
    const std::size_t start = i;
    for (std::size_t n = 0; n < word.size(); ++i) {
      if (i < text_.size() && text_[i] == word[n])
        ++n;
      else if (n == 0 || i >= text_.size() || text_[i] != '\n')
        return start;
    }
    return i;
  }

  bool ends_name(std::size_t i) const { return text_[i] == ':' && (i + 1 == text_.size() || is_space(text_[i + 1])); }

  bool continues_name(std::size_t i, char quote) const {
    for (std::size_t n = 0; i < text_.size() && n < longest_name; ++i, ++n) {
      if (text_[i] == quote) return true;
      if (is_space(text_[i])) return false;
    }
    return false;
  }

  bool url(std::size_t i, Target& target) {
    const std::size_t start = i;
    while (i < text_.size() && std::string_view("\\\"'`[<(").find(text_[i]) != std::string_view::npos) ++i;
    const std::string_view marks = text_.substr(start, i - start);
    const bool linked = marks.find('[') != std::string_view::npos;
    const bool quoted = marks.find_first_of("\"'`<") != std::string_view::npos;
    if (!text_.substr(i).starts_with("http")) return false;
    std::string address;
    for (; i < text_.size() && address.size() < longest_url; ++i) {
      const char c = text_[i];
      if (c == '"' || c == '`' || c == '>' || c == '|' || (linked && c == ']') || (c == '\'' && quoted)) break;
      if (c == '\n') {
        if (!wrapped(i, quoted || linked, address)) break;
        continue;
      }
      if (is_space(c)) break;
      address += c;
    }
    if (linked && i < text_.size() && text_[i] == ']') {
      ++i;
      if (i < text_.size() && text_[i] == '(') i = std::min(text_.find(')', i), text_.size() - 1) + 1;
    }
    if (i < text_.size() && text_[i] == '|') i = std::min(text_.find('>', i), text_.size());
    while (i < text_.size() && std::string_view("\\\"'`>]").find(text_[i]) != std::string_view::npos) ++i;
    while (!address.empty() && (address.back() == ':' || address.back() == '\\' || address.back() == ','))
      address.pop_back();
    auto read = read_target(address);
    if (!read) return false;
    target = std::move(*read);
    at_ = i;
    take(':');
    return true;
  }

  // Whether the URL goes on behind the break at `i`.
  bool wrapped(std::size_t i, bool quoted, const std::string& so_far) const {
    if (so_far.ends_with(':')) return false;
    if (!quoted)
      return std::string_view("?/&=-.").find(so_far.back()) != std::string_view::npos || bare_rest(i, so_far);
    for (std::size_t j = i + 1, n = 0; j < text_.size() && n < longest_url; ++j, ++n) {
      if (text_[j] == '"' || text_[j] == '`' || text_[j] == ']' || text_[j] == '\'') return true;
      if (is_space(text_[j]) && text_[j] != '\n') return false;
    }
    return false;
  }

  // Whether what follows the break at `i` is the rest of a bare URL: Go ends one with a colon before the clause.
  bool bare_rest(std::size_t i, const std::string& so_far) const {
    static constexpr std::string_view in_url = "-._~:/?#@!$&*+,;=%";
    const std::size_t query = so_far.find("timeout=");
    if (query != std::string::npos && so_far.ends_with('s')) return false;  // whole
    std::size_t j = i + 1;
    for (; j < text_.size() && j - i < longest_url; ++j) {
      const char c = text_[j];
      const bool letter = (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
      if (c != '\n' && !letter && in_url.find(c) == std::string_view::npos) break;
      if (c == ':' && (j + 1 == text_.size() || is_space(text_[j + 1])))
        return j > i + 1 && !begins_record(text_.substr(i + 1, 40));
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_;
  bool broken_ = false;
};

}  // namespace gatepost::explain
