#include "explain/classify.h"

#include <algorithm>

#include "embedded/cause_tails.h"
#include "explain/pattern.h"

namespace gatepost::explain {
namespace {

enum class Kind { prefix, under, leaf };

struct Row {
  Kind kind;
  std::string_view cause;
  Pattern pattern;
};

struct Hint {
  std::string_view cause, words;
};

struct Table {
  std::vector<std::string_view> behind;
  std::vector<Row> rows;
  std::vector<Hint> hints;
  std::vector<std::string> errors;
};

std::string_view word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t"), line.size());
  const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
  const std::string_view out = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return out;
}

Table load() {
  Table table;
  std::string_view text = embedded::cause_tails()[0].bytes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view whole = line;
    if (line.empty() || line[0] == '#') continue;
    const std::string_view kind = word(line);
    const std::string_view cause = word(line);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (cause.empty() || line.empty())
      table.errors.emplace_back(whole);
    else if (kind == "behind")
      table.behind.push_back(line);
    else if (kind == "hint")
      table.hints.push_back({cause, line});
    else if (kind == "prefix")
      table.rows.push_back({Kind::prefix, cause == "-" ? "" : cause, Pattern(line)});
    else if (kind == "under")
      table.rows.push_back({Kind::under, cause, Pattern(line)});
    else if (kind == "leaf")
      table.rows.push_back({Kind::leaf, cause, Pattern(line)});
    else
      table.errors.emplace_back(whole);
  }
  return table;
}

const Table& table() {
  static const Table loaded = load();
  return loaded;
}

bool is_word(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
}

constexpr int deepest = 3;
constexpr int chained = 500;      // shapes of chains of rows are numbers above it: the table has fewer rows
constexpr int least_partial = 6;  // bytes of a clause that broke off before it counts

// Of two that prove as much: one that is whole, then one row rather than a chain of them, then the longer.
bool proves_more(const Clause& a, const Clause& b) {
  if (a.ambiguous != b.ambiguous && a.literals == b.literals && !a.whole && !b.whole) return a.ambiguous;
  if (a.known != b.known) return a.known;
  if (a.literals != b.literals) return a.literals > b.literals;
  if (a.whole != b.whole) return a.whole;
  if ((a.shape < chained) != (b.shape < chained)) return a.shape < chained;
  return a.end > b.end;
}

void better(Clause& best, Clause candidate) {
  if (best.shape < 0 || proves_more(candidate, best)) best = std::move(candidate);
}

// Nothing but the marks of a cut: too little to say what stood there.
bool ends_here(std::string_view rest) {
  const auto letters = std::count_if(rest.begin(), rest.end(), is_word);
  return letters < least_partial && rest.size() <= 12 && rest.find('\n') == std::string_view::npos;
}

Clause classify_at(std::string_view text, std::size_t at, int depth) {
  Clause best;
  best.end = at;
  const std::vector<Row>& rows = table().rows;
  while (at < text.size() && is_space(text[at])) ++at;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    auto match = row.pattern.match(text, at);
    if (!match) continue;
    if (row.kind == Kind::leaf) {
      if (match->whole && match->end < text.size() && is_word(text[match->end]) && is_word(text[match->end - 1]))
        continue;
      if (!match->whole && match->literals < least_partial) continue;
      better(best, {row.cause, match->end, match->literals, static_cast<int>(i), true, match->whole, false, match->open,
                    std::move(match->joins)});
      continue;
    }
    if (!match->whole) {
      if (match->literals < least_partial || match->end < text.size()) continue;
      better(best, {row.cause, match->end, match->literals, static_cast<int>(i), false, false, true, false,
                    std::move(match->joins)});
      continue;
    }
    Clause inner;
    if (depth < deepest) inner = classify_at(text, match->end, depth + 1);
    Clause outer{row.cause, match->end, match->literals,        static_cast<int>(i), row.kind == Kind::under, true,
                 false,     true,       std::move(match->joins)};
    if (inner.literals > 0) {
      if (row.kind == Kind::prefix && !inner.cause.empty()) outer.cause = inner.cause;
      outer.known = outer.known || inner.known;
      outer.end = inner.end;
      outer.whole = inner.whole;
      outer.ambiguous = inner.ambiguous;
      outer.open = inner.open;
      outer.literals += inner.literals;
      outer.shape = (outer.shape + 1) * chained + inner.shape;
      outer.joins.insert(outer.joins.end(), inner.joins.begin(), inner.joins.end());
    }
    if (inner.literals == 0 && row.kind == Kind::prefix && ends_here(text.substr(match->end))) {
      outer.whole = false;
      outer.ambiguous = true;
    }
    better(best, std::move(outer));
  }
  return best;
}

}  // namespace

Clause classify(std::string_view text, std::size_t at) {
  return classify_at(text, at, 0);
}

std::string_view hint(std::string_view clause) {
  std::string folded;
  for (char c : clause) folded += lower(c);
  for (const Hint& one : table().hints) {
    std::string words;
    for (char c : one.words) words += lower(c);
    if (folded.find(words) != std::string::npos) return one.cause;
  }
  return "";
}

std::size_t find_behind(std::string_view text) {
  std::size_t first = text.size();
  for (std::string_view words : table().behind) first = std::min(first, text.find(words));
  return first;
}

std::vector<std::string> table_errors() {
  return table().errors;
}

}  // namespace gatepost::explain
