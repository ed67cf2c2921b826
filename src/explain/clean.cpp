#include "explain/clean.h"

#include <array>

namespace gatepost::explain {
namespace {

struct Replacement {
  std::string_view from, to;
};

constexpr std::array<Replacement, 10> entities = {{{"&quot;", "\""},
                                                   {"&apos;", "'"},
                                                   {"&lt;", "<"},
                                                   {"&gt;", ">"},
                                                   {"&nbsp;", " "},
                                                   {"&amp;", "&"},
                                                   {"&ldquo;", "\""},
                                                   {"&rdquo;", "\""},
                                                   {"&sol;", "/"},
                                                   {"&colon;", ":"}}};

// Typographic quotes, spaces and marks without width.
constexpr std::array<Replacement, 12> marks = {{{"\xe2\x80\x9c", "\""},
                                                {"\xe2\x80\x9d", "\""},
                                                {"\xe2\x80\x9e", "\""},
                                                {"\xe2\x80\x98", "'"},
                                                {"\xe2\x80\x99", "'"},
                                                {"\xc2\xa0", " "},
                                                {"\xe2\x80\xaf", " "},
                                                {"\xe2\x80\x8b", ""},
                                                {"\xe2\x80\x8c", ""},
                                                {"\xe2\x80\x8d", ""},
                                                {"\xef\xbb\xbf", ""},
                                                {"\xe2\x80\xa8", "\n"}}};

// Lines drawn down the side of a box.
constexpr std::array<std::string_view, 4> frames = {"\xe2\x94\x82", "\xe2\x94\x83", "\xe2\x95\x91", "\xe2\x96\x8f"};

// &#47; and &#x2F; of ASCII; 0 where it is none. `used` is what it takes.
char numeric_entity(std::string_view text, std::size_t& used) {
  if (!text.starts_with("&#")) return 0;
  const bool hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  unsigned value = 0;
  std::size_t i = hex ? 3 : 2;
  for (; i < text.size() && i < 9; ++i) {
    const char c = text[i];
    unsigned digit = 0;
    if (c >= '0' && c <= '9')
      digit = static_cast<unsigned>(c - '0');
    else if (hex && ((c | 32) >= 'a' && (c | 32) <= 'f'))
      digit = static_cast<unsigned>((c | 32) - 'a' + 10);
    else
      break;
    value = value * (hex ? 16 : 10) + digit;
  }
  if (i >= text.size() || text[i] != ';' || value < 0x20 || value > 0x7e) return 0;
  used = i + 1;
  return static_cast<char>(value);
}

// The length of an escape sequence of a terminal at the start of `text` (ESC [ ... letter, ESC ] ... BEL), or 0.
std::size_t terminal_sequence(std::string_view text) {
  if (text.size() < 2 || text[0] != '\x1b') return 0;
  std::size_t i = 2;
  if (text[1] == '[') {
    while (i < text.size() && i < 40 && (text[i] < '@' || text[i] > '~')) ++i;
    return std::min(i + 1, text.size());
  }
  if (text[1] == ']') {
    while (i < text.size() && i < 2048 && text[i] != '\a' && text[i] != '\x1b') ++i;
    return std::min(i + 1, text.size());
  }
  return 2;
}

// The same where a logger has written the escape byte as text: \x1b[31m, \u001b[0m, \033[0m, ^[[0m.
std::size_t spelled_sequence(std::string_view text) {
  static constexpr std::array<std::string_view, 6> starts = {"\\x1b[", "\\u001b[", "\\033[",
                                                             "^[[",    "\\x1B[",   "\\u001B["};
  for (std::string_view start : starts) {
    if (!text.starts_with(start)) continue;
    std::size_t i = start.size();
    while (i < text.size() && i < start.size() + 12 && ((text[i] >= '0' && text[i] <= '9') || text[i] == ';')) ++i;
    if (i < text.size() && text[i] == 'm') return i + 1;
  }
  return 0;
}

void end_line(std::string& out) {
  for (bool again = true; again;) {
    again = false;
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
    for (std::string_view frame : frames) {
      if (out.size() > frame.size() && std::string_view(out).ends_with(frame))
        out.resize(out.size() - frame.size()), again = true;
    }
    if (out.size() > 1 && out.back() == '|' && out[out.size() - 2] == ' ') out.pop_back(), again = true;
  }
}

// Bytes at which something may have to be done; all others are copied in runs.
constexpr std::array<bool, 256> special = [] {
  std::array<bool, 256> out{};
  for (unsigned char c : {'\n', '\r', '\x1b', '\\', '^', '&', '\xe2', '\xc2', '\xef'}) out[c] = true;
  return out;
}();

}  // namespace

std::string clean(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    std::size_t run = i;
    while (run < text.size() && !special[static_cast<unsigned char>(text[run])]) ++run;
    if (run > i) {
      out.append(text, i, run - i);
      i = run;
      continue;
    }
    const std::string_view rest = text.substr(i);
    const char c = text[i];
    std::size_t used = 0;
    if (c == '\n') {
      end_line(out);
      out += '\n';
      ++i;
      continue;
    }
    if (c == '\r' && rest.size() > 1 && rest[1] == '\n') {
      ++i;
      continue;
    }
    if (c == '\x1b')
      used = terminal_sequence(rest);
    else if (c == '\\' || c == '^')
      used = spelled_sequence(rest);
    if (used > 0) {
      i += used;
      continue;
    }
    if (c == '&') {
      if (const char decoded = numeric_entity(rest, used)) {
        out += decoded;
        i += used;
        continue;
      }
    }
    bool replaced = false;
    if (c == '&' || c == '\xe2' || c == '\xc2' || c == '\xef') {
      const auto apply = [&](const auto& table) {
        for (const Replacement& one : table) {
          if (replaced || !rest.starts_with(one.from)) continue;
          out += one.to;
          i += one.from.size();
          replaced = true;
        }
      };
      if (c == '&')
        apply(entities);
      else
        apply(marks);
    }
    if (replaced) continue;
    out += c;
    ++i;
  }
  end_line(out);
  return out;
}

}  // namespace gatepost::explain
