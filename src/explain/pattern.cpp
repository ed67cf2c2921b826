#include "explain/pattern.h"

namespace gatepost::explain {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

namespace {

using Element = Pattern::Element;
using Kind = Element::Kind;
constexpr std::size_t longest_hole = 600;
constexpr int most_steps = 20000;

std::vector<Element> compile(std::string_view source) {
  std::vector<Element> out;
  bool space = false;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    if (is_space(c)) {
      space = true;
      continue;
    }
    if (c == '{' && i + 2 < source.size() && source[i + 2] == '}') {
      const char hole = source[i + 1];
      const Kind kind = hole == 'a'   ? Kind::address
                        : hole == 'q' ? Kind::quoted
                        : hole == 's' ? Kind::span
                                      : Kind::rest;
      out.push_back({kind, 0, space, {}});
      i += 2;
    } else if (c == '<') {
      const std::size_t close = std::min(source.find('>', i), source.size());
      out.push_back({Kind::group, 0, space, compile(source.substr(i + 1, close - i - 1))});
      i = close;
    } else {
      out.push_back({Kind::literal, lower(c), space, {}});
    }
    space = false;
  }
  return out;
}

bool is_address_byte(char c) {
  return !is_space(c) && static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f &&
         std::string_view("\"'`,;(){}<|\\").find(c) == std::string_view::npos;
}

// One match in progress: a walk over the elements with backtracking in the holes.
struct Walk {
  std::string_view text;
  int steps = 0;
  std::vector<std::size_t> joins;
  std::optional<Match> partial;  // the partial match that proves most

  void note_partial(std::size_t end, int literals) {
    if (!partial || literals > partial->literals) partial = Match{end, literals, false, false, joins};
  }

  // What shorteners put where they cut.
  bool is_ellipsis(std::size_t at) const {
    return text.substr(at).starts_with("...") || text.substr(at).starts_with("\xe2\x80\xa6");
  }

  std::size_t skip_space(std::size_t at) const {
    while (at < text.size() && is_space(text[at])) ++at;
    return at;
  }

  // Elements from `first` on, then `after` (what stands behind a group).
  std::optional<Match> run(const Element* first, const Element* last, std::size_t at, int literals,
                           const Element* after, const Element* after_last) {
    if (++steps > most_steps) return std::nullopt;
    if (first == last) {
      if (after != after_last) return run(after, after_last, at, literals, nullptr, nullptr);
      return Match{at, literals, true, false, joins};
    }
    switch (first->kind) {
      case Kind::literal:
        return literal(first, last, at, literals, after, after_last);
      case Kind::rest:
        return Match{at, literals, true, true, joins};
      case Kind::group: {
        const Element* group = first->group.data();
        auto with = run(group, group + first->group.size(), at, literals, first + 1, last);
        if (with) return with;
        return run(first + 1, last, at, literals, after, after_last);
      }
      case Kind::quoted:
        return quoted(first, last, at, literals, after, after_last);
      case Kind::address:
      case Kind::span:
        return hole(first, last, at, literals, after, after_last);
    }
    return std::nullopt;
  }

  std::optional<Match> literal(const Element* e, const Element* last, std::size_t at, int literals,
                               const Element* after, const Element* after_last) {
    const std::size_t kept = joins.size();
    for (; e != last && e->kind == Kind::literal; ++e) {
      const std::size_t next = skip_space(at);
      if (next == text.size()) {
        note_partial(at, literals);
        joins.resize(kept);
        return std::nullopt;
      }
      const bool broken = text.substr(at, next - at).find('\n') != std::string_view::npos;
      if (lower(text[next]) != e->byte) {
        if (broken || is_ellipsis(next)) note_partial(at, literals);
        joins.resize(kept);
        return std::nullopt;
      }
      if (broken && !e->space_before && literals > 0) joins.push_back(at);
      at = next + 1;
      ++literals;
    }
    auto rest = run(e, last, at, literals, after, after_last);
    if (!rest) joins.resize(kept);
    return rest;
  }

  std::optional<Match> quoted(const Element* e, const Element* last, std::size_t at, int literals, const Element* after,
                              const Element* after_last) {
    at = skip_space(at);
    if (at == text.size()) return note_partial(at, literals), std::nullopt;
    std::size_t slashes = 0;
    while (at + slashes < text.size() && text[at + slashes] == '\\') ++slashes;
    const std::size_t open = at + slashes;
    if (open == text.size() || (text[open] != '"' && text[open] != '\'' && text[open] != '`')) return std::nullopt;
    std::size_t run_of_slashes = 0;
    for (std::size_t i = open + 1; i < text.size(); ++i) {
      if (text[i] == text[open] && run_of_slashes <= slashes)
        return run(e + 1, last, i + 1, literals, after, after_last);
      run_of_slashes = text[i] == '\\' ? run_of_slashes + 1 : 0;
    }
    note_partial(text.size(), literals);
    return std::nullopt;
  }

  std::optional<Match> hole(const Element* e, const Element* last, std::size_t at, int literals, const Element* after,
                            const Element* after_last) {
    const bool address = e->kind == Kind::address;
    const std::size_t next = skip_space(at);  // a line's end is crossed only where the pattern has a space
    if (!e->space_before && text.substr(at, next - at).find('\n') != std::string_view::npos) {
      note_partial(at, literals);
      return std::nullopt;
    }
    at = next;
    const bool closing = e + 1 == last && after == after_last;
    std::size_t end = at;
    const std::size_t limit = std::min(text.size(), at + longest_hole);
    if (closing) {  // the last hole takes all it may, without the punctuation of the sentence around it
      while (end < limit && (address ? is_address_byte(text[end]) : text[end] != '\n')) ++end;
      while (end > at && std::string_view(".,:;").find(text[end - 1]) != std::string_view::npos) --end;
      if (end == at) {
        note_partial(at, literals);
        return std::nullopt;
      }
      return Match{end, literals, true, false, joins};
    }
    const std::size_t kept = joins.size();
    while (end < limit && (!address || is_address_byte(text[end]) || (text[end] == '\n' && joins.size() == kept))) {
      if (address && text[end] == '\n') joins.push_back(end);  // a terminal may break an address
      ++end;
      // "10.0.0.1:443" is one address: a colon ends it only before a space.
      if (address && end + 1 < text.size() && text[end] == ':' && !is_space(text[end + 1])) continue;
      if (auto rest = run(e + 1, last, end, literals, after, after_last)) return rest;
      if (steps > most_steps) break;
    }
    joins.resize(kept);
    if (end == text.size()) note_partial(end, literals);
    return std::nullopt;
  }
};

}  // namespace

Pattern::Pattern(std::string_view source) : elements_(compile(source)) {
  if (!elements_.empty() && elements_[0].kind == Kind::literal) first_ = elements_[0].byte;
}

std::optional<Match> Pattern::match(std::string_view text, std::size_t at) const {
  if (first_ != 0 && (at >= text.size() || lower(text[at]) != first_)) return std::nullopt;
  Walk walk{text, 0, {}, {}};
  const Element* first = elements_.data();
  const auto whole = walk.run(first, first + elements_.size(), at, 0, nullptr, nullptr);
  // An optional part that was begun and broke off says more than the text without it.
  if (whole && !(walk.partial && walk.partial->literals > whole->literals + 1)) return whole;
  if (walk.partial && walk.partial->literals > 0) return walk.partial;
  return std::nullopt;
}

}  // namespace gatepost::explain
