#include "yaml/write_scalar.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <utility>
#include <variant>

#include "json/scan_string.h"
#include "yaml/scalar.h"

namespace gatepost::yaml {
namespace {

constexpr std::size_t best_width = 80;
constexpr std::size_t longest_simple_key = 128;  // bytes

// One character of the text.
struct Character {
  std::uint32_t point;
  std::string_view bytes;
};

Character character_at(std::string_view text, std::size_t at) {
  std::size_t length = std::max<std::size_t>(json::utf8_length(text, at), 1);
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  std::uint32_t point = byte(0);
  if (length == 2) point = (byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu);
  if (length == 3) point = (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
  if (length == 4)
    point = (byte(0) & 0x07u) << 18 | (byte(1) & 0x3fu) << 12 | (byte(2) & 0x3fu) << 6 | (byte(3) & 0x3fu);
  return {point, text.substr(at, length)};
}

bool is_printable(std::uint32_t point) {
  return point == 0x0a || (point >= 0x20 && point <= 0x7e) || point == 0x85 || (point >= 0xa0 && point <= 0xd7ff) ||
         (point >= 0xe000 && point <= 0xfffd && point != 0xfeff) || point >= 0x10000;
}

bool is_break(std::uint32_t point) {
  return point == '\n' || point == '\r' || point == 0x85 || point == 0x2028 || point == 0x2029;
}

bool is_blank_or_end(std::string_view text, std::size_t at) {
  if (at >= text.size()) return true;
  std::uint32_t point = character_at(text, at).point;
  return point == ' ' || point == '\t' || is_break(point) || point == 0;
}

// What the text allows, by YAML's grammar alone (yaml_emitter_analyze_scalar of libyaml).
struct Allowed {
  bool plain = true, single_quoted = true, block = true;
};

Allowed allowed_forms(std::string_view text) {
  Allowed out;
  bool indicators = text.starts_with("---") || text.starts_with("...");
  bool preceded_by_blank = true, previous_space = false, previous_break = false;
  for (std::size_t at = 0; at < text.size();) {
    auto [point, bytes] = character_at(text, at);
    std::size_t next = at + bytes.size();
    bool first = at == 0, last = next == text.size(), followed_by_blank = is_blank_or_end(text, next);
    auto one_of = [c = point](std::string_view set) {
      return c < 0x80 && set.find(static_cast<char>(c)) != std::string_view::npos;
    };
    if (first && (one_of("#,[]{}&*!|>'\"%@`") || (one_of("?:-") && followed_by_blank))) indicators = true;
    if (!first && ((point == ':' && followed_by_blank) || (point == '#' && preceded_by_blank))) indicators = true;
    bool space = point == ' ', line_break = is_break(point);
    if (!is_printable(point)) out.plain = out.single_quoted = out.block = false;
    if (line_break) out.plain = false;
    if ((space || line_break) && (first || last)) out.plain = false;
    if (space && last) out.block = false;
    if (space && previous_break) out.plain = out.single_quoted = false;
    if (line_break && previous_space) out.plain = out.single_quoted = out.block = false;
    previous_space = space;
    previous_break = line_break;
    preceded_by_blank = is_blank_or_end(text, at);
    at = next;
  }
  if (indicators) out.plain = false;
  return out;
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?, numbers of YAML 1.1 to the base 60.
bool is_base_60(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  auto only = [](std::string_view part, std::string_view set) {
    return part.find_first_not_of(set) == std::string_view::npos;
  };
  std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || text.front() == '_' ||
      !only(text.substr(0, colon), "0123456789_"))
    return false;
  text.remove_prefix(colon + 1);
  std::size_t dot = text.find('.');
  if (dot != std::string_view::npos && !only(text.substr(dot + 1), "0123456789_")) return false;
  text = text.substr(0, dot);
  for (;;) {
    std::size_t end = text.find(':');
    std::string_view part = text.substr(0, end);
    if (part.empty() || part.size() > 2 || !all_digits(part) || (part.size() == 2 && part[0] > '5')) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

// A number of at most `most_digits` digits and of a size in range; what was read is taken off.
bool take_number(std::string_view& text, std::size_t most_digits, int least, int most) {
  std::size_t count = 0;
  int value = 0;
  while (count < text.size() && count < most_digits && text[count] >= '0' && text[count] <= '9')
    value = value * 10 + (text[count++] - '0');
  if (count == 0 || value < least || value > most) return false;
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// 2006-1-2, and with T or t: 15:4:5.999Z07:00 behind it, or with a blank: without a zone.
bool is_timestamp(std::string_view text) {
  if (text.size() < 5 || !all_digits(text.substr(0, 4)) || text[4] != '-') return false;
  text.remove_prefix(5);
  if (!take_number(text, 2, 1, 12) || !take(text, "-") || !take_number(text, 2, 1, 31)) return false;
  if (text.empty()) return true;
  const bool zoned = text.front() != ' ';
  if (!take(text, "Tt ") || !take_number(text, 2, 0, 23) || !take(text, ":") || !take_number(text, 2, 0, 59) ||
      !take(text, ":") || !take_number(text, 2, 0, 59))
    return false;
  if (take(text, ".")) {
    std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0) return false;
    text.remove_prefix(std::min(digits, text.size()));
  }
  if (!zoned) return text.empty();
  if (text == "Z") return true;
  return take(text, "+-") && text.size() == 5 && take_number(text, 2, 0, 24) && take(text, ":") &&
         take_number(text, 2, 0, 60) && text.empty();
}

bool reads_as_text(std::string_view text) {
  return std::holds_alternative<std::string_view>(resolve_plain(text)) && !is_base_60(text) && !is_timestamp(text);
}

// Writes one scalar and knows in which column it is.
class ScalarWriter {
 public:
  ScalarWriter(std::string& out, std::size_t indent, Place place)
      : out_(out), indent_(indent), may_fold_(place == Place::value) {
    std::size_t line = out.rfind('\n');
    line = line == std::string::npos ? 0 : line + 1;
    column_ =
        static_cast<std::size_t>(std::count_if(out.begin() + static_cast<std::ptrdiff_t>(line), out.end(),
                                               [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  }

  void plain(std::string_view text) {
    bool spaces = false;
    for (std::size_t at = 0; at < text.size();) {
      Character c = character_at(text, at);
      at += c.bytes.size();
      bool space = c.point == ' ';
      if (space && !spaces && must_fold() && !(at < text.size() && text[at] == ' '))
        fold();
      else
        put(c.bytes);
      spaces = space;
    }
  }

  void single_quoted(std::string_view text) {
    put("'");
    bool spaces = false, breaks = false;
    for (std::size_t at = 0; at < text.size();) {
      Character c = character_at(text, at);
      std::size_t next = at + c.bytes.size();
      bool space = c.point == ' ';
      if (space) {
        bool inside = at > 0 && next < text.size() && text[next] != ' ';
        if (!spaces && must_fold() && inside)
          fold();
        else
          put(c.bytes);
      } else if (is_break(c.point)) {
        if (!breaks && c.point == '\n') put("\n");
        put_break(c);
        breaks = true;
      } else {
        if (breaks) start_line();
        if (c.point == '\'') put("'");
        put(c.bytes);
        breaks = false;
      }
      spaces = space;
      at = next;
    }
    put("'");
  }

  void double_quoted(std::string_view text) {
    put("\"");
    bool spaces = false;
    for (std::size_t at = 0; at < text.size();) {
      Character c = character_at(text, at);
      std::size_t next = at + c.bytes.size();
      bool space = c.point == ' ';
      if (!is_printable(c.point) || is_break(c.point) || c.point == '"' || c.point == '\\') {
        escape(c.point);
      } else if (space && !spaces && must_fold() && at > 0 && next < text.size()) {
        fold();
        if (text[next] == ' ') put("\\");
      } else {
        put(c.bytes);
      }
      spaces = space;
      at = next;
    }
    put("\"");
  }

  void literal(std::string_view text) {
    put("|");
    if (text.front() == ' ' || is_break(character_at(text, 0).point)) put("2");
    if (!text.ends_with('\n'))
      put("-");
    else if (text.size() == 1 || text[text.size() - 2] == '\n')
      put("+");
    out_ += '\n';
    bool breaks = true;
    for (std::size_t at = 0; at < text.size();) {
      Character c = character_at(text, at);
      at += c.bytes.size();
      if (is_break(c.point)) {
        // The last one is the line end that the caller writes.
        if (at < text.size()) put_break(c);
        breaks = true;
        continue;
      }
      if (breaks) start_line();
      put(c.bytes);
      breaks = false;
    }
  }

 private:
  bool must_fold() const { return may_fold_ && column_ > best_width; }

  void put(std::string_view character) {
    out_ += character;
    ++column_;
  }

  void put_break(const Character& c) {
    out_ += c.bytes;
    column_ = 0;
  }

  void start_line() {
    out_.append(indent_, ' ');
    column_ = indent_;
  }

  void fold() {
    out_ += '\n';
    start_line();
  }

  void escape(std::uint32_t point) {
    static constexpr std::pair<std::uint32_t, const char*> short_forms[] = {
        {0, "\\0"},     {7, "\\a"},    {8, "\\b"},    {9, "\\t"},      {10, "\\n"},
        {11, "\\v"},    {12, "\\f"},   {13, "\\r"},   {0x1b, "\\e"},   {'"', "\\\""},
        {'\\', "\\\\"}, {0x85, "\\N"}, {0xa0, "\\_"}, {0x2028, "\\L"}, {0x2029, "\\P"}};
    char text[12];
    auto found =
        std::find_if(std::begin(short_forms), std::end(short_forms), [&](auto& row) { return row.first == point; });
    if (found != std::end(short_forms))
      std::snprintf(text, sizeof text, "%s", found->second);
    else
      std::snprintf(text, sizeof text, point <= 0xff ? "\\x%02X" : point <= 0xffff ? "\\u%04X" : "\\U%08X", point);
    out_ += text;
    column_ += std::char_traits<char>::length(text);
  }

  std::string& out_;
  std::size_t indent_, column_ = 0;
  bool may_fold_;
};

}  // namespace

void write_scalar(std::string_view text, std::size_t indent, Place place, std::string& out) {
  ScalarWriter writer(out, indent, place);
  const Allowed allowed = allowed_forms(text);
  const bool is_value = place == Place::value;
  if (text.find('\n') != std::string_view::npos)
    return allowed.block && is_value ? writer.literal(text) : writer.double_quoted(text);
  if (!reads_as_text(text) || (!is_value && text == "<<")) return writer.double_quoted(text);
  if (allowed.plain) return writer.plain(text);
  return allowed.single_quoted && (is_value || text.find_first_of("\r") == std::string_view::npos)
             ? writer.single_quoted(text)
             : writer.double_quoted(text);
}

bool is_long_key(std::string_view text) {
  return text.size() > longest_simple_key;
}

}  // namespace gatepost::yaml
