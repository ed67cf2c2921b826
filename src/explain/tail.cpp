#include "explain/tail.h"

#include <algorithm>

#include "explain/pattern.h"

namespace gatepost::explain {
namespace {

constexpr std::size_t longest_tail = 4096;

// Marks of the text around an error that cling to its end: Markdown, closing quotes, HTML comments.
std::size_t without_markup(std::string_view text, std::size_t begin, std::size_t end) {
  static constexpr std::string_view wide[] = {"\xe3\x80\x82", "\xef\xbc\x8c", "\xe2\x80\xa6"};
  for (bool again = true; again && end > begin;) {
    again = false;
    const std::string_view now = text.substr(begin, end - begin);
    for (std::string_view mark : wide) {
      if (now.ends_with(mark)) end -= mark.size(), again = true;
    }
    if (again) continue;
    const char last = now.back();
    const bool odd_quotes = std::count(now.begin(), now.end(), last) % 2 == 1;
    if (is_space(last) || last == '`' || last == '*' || now.ends_with("__") || now.ends_with("-->") ||
        now.ends_with("</") || ((last == '"' || last == '\'') && odd_quotes)) {
      end -= now.ends_with("-->") ? 3 : now.ends_with("__") ? 2 : 1;
      again = true;
    } else if ((last == ')' && std::count(now.begin(), now.end(), '(') < std::count(now.begin(), now.end(), ')')) ||
               (last == '}' && std::count(now.begin(), now.end(), '{') < std::count(now.begin(), now.end(), '}')) ||
               (last == ']' && std::count(now.begin(), now.end(), '[') < std::count(now.begin(), now.end(), ']'))) {
      --end;
      again = true;
    }
  }
  return end;
}

// Where a text of unknown shape ends: at the end of the string, at a break whose next line does not continue it, at a
// closing mark of what is around it.
std::size_t unknown_end(const Unfolded& record, std::size_t at) {
  const std::string_view text = record.text;
  std::size_t limit = std::min(text.size(), at + longest_tail);
  limit = at + find_behind(text.substr(at, limit - at));
  bool quoted = false;
  int parens = 0;
  for (std::size_t i = at; i < limit; ++i) {
    const char c = text[i];
    if (c == '"' && (i == 0 || text[i - 1] != '\\')) {
      const char next = i + 1 < limit ? text[i + 1] : '\n';
      if (!quoted && (next == ',' || next == '}' || next == '\n') && i > at && text[i - 1] != ' ') return i;
      quoted = !quoted;
    }
    if (c == '`' && !quoted) return i;
    if (c == '(') ++parens;
    if (c == ')') --parens;
    if (c != '\n') continue;
    const auto found =
        std::find_if(record.breaks.begin(), record.breaks.end(), [&](const Break& b) { return b.at == i; });
    if (found == record.breaks.end()) continue;
    const char before = i > at ? text[i - 1] : ':';
    const bool open = before == ':' || before == ',' || parens > 0;
    if (found->blank || (!found->indented && !open)) return i;
  }
  return limit;
}

std::string fallback_cause(std::string_view tail, Before before) {
  if (before == Before::post_url && is_reason_phrase(tail)) return "proxy";
  // What client-go passes on of a Status that the backend sent has no shape of its own.
  if (before == Before::client_prefix) return "http-status";
  const std::string_view hinted = hint(tail);
  if (!hinted.empty()) return std::string(hinted);
  return before == Before::post_url ? "connection-reset" : "bad-response";
}

}  // namespace

bool is_reason_phrase(std::string_view tail) {
  if (tail.empty() || tail.size() > 40 || tail[0] < 'A' || tail[0] > 'Z') return false;
  return std::all_of(tail.begin(), tail.end(),
                     [](char c) { return is_space(c) || c == '-' || (lower(c) >= 'a' && lower(c) <= 'z'); });
}

std::string one_line(const Unfolded& record, std::size_t begin, std::size_t end,
                     const std::vector<std::size_t>& joins) {
  std::string out;
  for (std::size_t i = begin; i < end; ++i) {
    const char c = record.text[i];
    if (c == '\n' && std::find(joins.begin(), joins.end(), i) != joins.end()) continue;
    if (!is_space(c))
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Tail read_tail(const Unfolded& record, std::size_t at, Before before) {
  const std::string_view text = record.text;
  bool blank = false;
  while (at < text.size() && is_space(text[at])) {
    if (text[at] == '\n') {
      for (const Break& b : record.breaks) blank = blank || (b.at == at && b.blank);
    }
    ++at;
  }
  Tail out;
  out.end = at;
  if (at >= text.size()) return out;
  const Clause clause = classify(text, at);
  if (clause.known) {
    // client-go adds why an earlier try failed.
    static const Pattern earlier("- error from a previous attempt:");
    std::size_t behind = clause.end;
    while (behind < text.size() && text[behind] == ' ') ++behind;
    const bool tried_before = earlier.match(text, behind).value_or(Match{0, 0, false}).whole;
    out.end = clause.open || tried_before ? unknown_end(record, clause.end) : clause.end;
    out.text = one_line(record, at, without_markup(text, at, out.end), clause.joins);
    out.cause = std::string(clause.cause);
  } else {
    if (blank) return out;
    out.end = unknown_end(record, std::max(at, clause.end));
    const std::size_t end = without_markup(text, at, out.end);
    out.text = one_line(record, at, end);
    out.cause = std::string(clause.cause);
    const std::string_view hinted =
        clause.literals > 0 ? hint(text.substr(clause.end, end - std::min(end, clause.end))) : "";
    if (!hinted.empty()) out.cause = std::string(hinted);
    if (out.cause.empty()) out.cause = fallback_cause(out.text, before);
  }
  if (clause.ambiguous) out.cause = "truncated";
  out.shape = clause.shape;
  out.literals = clause.literals;
  out.known = clause.known;
  if (out.text.empty()) out.cause.clear();
  return out;
}

Tail read_message(const Unfolded& record, std::size_t at) {
  const std::string_view text = record.text;
  Tail out;
  bool first_line_empty = false;
  while (at < text.size() && is_space(text[at])) first_line_empty = first_line_empty || text[at] == '\n', ++at;
  const bool whole = record.closed || first_line_empty;
  out.end = unknown_end(record, at);
  if (whole) {
    const std::string_view rest = text.substr(at, longest_tail);
    out.end = at + find_behind(rest);
  }
  out.text = one_line(record, at, without_markup(text, at, out.end));
  out.known = true;
  return out;
}

}  // namespace gatepost::explain
