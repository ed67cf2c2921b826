#include "explain/unfold.h"

#include <array>

#include "explain/pattern.h"

namespace gatepost::explain {
namespace {

constexpr std::size_t first_quote_within = 400;
constexpr std::size_t narrowest_terminal = 40;
constexpr std::size_t widest_terminal = 240;
constexpr std::size_t repeated_head = 8;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_quote(char c) {
  return c == '"';
}

// How deep the string around the error is escaped: backslashes before the first quote of the error.
std::size_t quote_level(std::string_view text, std::size_t at) {
  std::size_t slashes = 0;
  for (std::size_t i = at; i < text.size() && i < at + first_quote_within; ++i) {
    if (is_quote(text[i])) return slashes;
    slashes = text[i] == '\\' ? slashes + 1 : 0;
  }
  return 0;
}

std::size_t indent_of(std::string_view line) {
  std::size_t i = 0;
  while (i < line.size() && (line[i] == ' ' || line[i] == '\t')) ++i;
  return i;
}

constexpr std::array<std::string_view, 7> decorations = {
    "\xe2\x94\x82", "\xe2\x94\x83", "\xe2\x95\x91", "|", "#", ">", "//"};

// What stands before the words of a continued line: white space, a frame, a comment's or quotation's mark.
std::size_t decoration(std::string_view line) {
  std::size_t i = indent_of(line);
  for (bool again = true; again;) {
    again = false;
    for (std::string_view mark : decorations) {
      if (!line.substr(i).starts_with(mark)) continue;
      const std::string_view behind = line.substr(i + mark.size());
      if (mark.size() < 3 && !behind.empty() && !is_space(behind[0]) && behind[0] != mark[0]) continue;
      i += mark.size();
      i += indent_of(line.substr(i));
      again = true;
    }
  }
  return i;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// The walk of one call of unfold.
class Unfolder {
 public:
  Unfolder(std::string_view text, std::size_t line, std::size_t at, std::size_t limit)
      : text_(text), line_(line), at_(at), limit_(limit), level_(quote_level(text, at)) {}

  Unfolded run() {
    const std::string_view whole = text_.substr(line_);
    first_indent_ = indent_of(whole);
    lead_ = text_.substr(line_, at_ - line_);
    while (at_ < text_.size() && out_.text.size() < limit_ && !done_) step();
    out_.capped = at_ < text_.size() && !done_;
    return std::move(out_);
  }

 private:
  void put(char c, std::size_t from) {
    out_.text += c;
    out_.origin.push_back(from);
  }

  void step() {
    const char c = text_[at_];
    if (c == '\\') return escape();
    if (is_quote(c)) {
      if (level_ > 0) {  // a bare quote inside an escaped string: the string ends
        done_ = out_.closed = true;
        return;
      }
      quoted_ = !quoted_;
      put(c, at_++);
      return;
    }
    if (c == '\n') return line_end(at_ + 1, false);
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {  // binary: a dump goes on here, the error does not
      done_ = true;
      return;
    }
    if (c == '(' && !quoted_) ++parens_;
    if (c == ')' && !quoted_ && parens_ > 0) --parens_;
    put(c, at_++);
  }

  void escape() {
    std::size_t slashes = 0;
    while (at_ + slashes < text_.size() && text_[at_ + slashes] == '\\') ++slashes;
    const std::size_t from = at_;
    const std::size_t next = at_ + slashes;
    const char c = next < text_.size() ? text_[next] : 0;
    if (is_quote(c)) {
      if (slashes < level_) {
        done_ = out_.closed = true;
        return;
      }
      if (slashes == level_) quoted_ = !quoted_;
      for (std::size_t i = 0; i < (slashes - level_) / (level_ + 1); ++i) put('\\', from);
      put('"', from);
      at_ = next + 1;
      return;
    }
    if (level_ == 0) {
      // A string printed with its escapes although its quotes are bare (Python's repr, YAML): \n ends a line, but not
      // inside a quotation of the error's own.
      if (slashes == 1 && c == 'n' && !quoted_ && parens_ == 0) return line_end(next + 1, true);
      for (std::size_t i = 0; i < slashes; ++i) put('\\', from + i);
      at_ = next;
      return;
    }
    if (slashes <= level_) {
      at_ = next + (c != 0 ? 1 : 0);
      switch (c) {
        case 'n':
          return line_end(at_, true);
        case 't':
          return put(' ', from);
        case 'r':
          if (text_.substr(at_).starts_with("\\n")) return;
          done_ = true;
          return;
        case 'u':
          return unicode(from);
        case 'x':
        case 'a':
        case 'b':
        case 'f':
        case 'v':
        case '0':
          done_ = true;  // a byte of a dump
          return;
        default:
          if (c != 0) put(c, from);
          return;
      }
    }
    for (std::size_t i = 0; i < slashes / (level_ + 1); ++i) put('\\', from);
    at_ = next;
  }

  void unicode(std::size_t from) {
    unsigned value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const int digit = at_ + i < text_.size() ? hex_digit(text_[at_ + i]) : -1;
      if (digit < 0) return put('u', from);
      value = value * 16 + static_cast<unsigned>(digit);
    }
    at_ += 4;
    if (value < 0x20) {
      if (value == '\n') return line_end(at_, true);
      done_ = value != '\t';
      return;
    }
    if (value < 0x80) return put(static_cast<char>(value), from);
    if (value < 0x800) {
      put(static_cast<char>(0xc0 | (value >> 6)), from);
      return put(static_cast<char>(0x80 | (value & 63)), from);
    }
    put(static_cast<char>(0xe0 | (value >> 12)), from);
    put(static_cast<char>(0x80 | ((value >> 6) & 63)), from);
    put(static_cast<char>(0x80 | (value & 63)), from);
  }

  // `next` is where the following line begins; `escaped` when the line's end was written as \n.
  void line_end(std::size_t next, bool escaped) {
    const std::size_t end = std::min(text_.find('\n', next), text_.size());
    std::string_view line = text_.substr(next, std::min<std::size_t>(end - next, 4096));
    Break found{out_.text.size(), false, false};
    std::size_t skip = 0;
    if (!escaped) {
      // The same decoration as on the line of the error ("[stage] │ ", "# ") goes as a whole.
      const std::size_t frame = lead_.rfind("\xe2\x94\x82");
      if (frame != std::string_view::npos && line.starts_with(lead_.substr(0, frame + 3))) skip = frame + 3;
    }
    const std::size_t marks = decoration(line.substr(skip)) + skip;
    const std::string_view words = line.substr(marks);
    found.blank = words.empty();
    // An error that began on the line before is continued at its own indentation.
    const bool goes_on = first_indent_ > 0 && lead_.size() == first_indent_ && marks == first_indent_ + skip;
    found.indented = marks > skip && (marks > first_indent_ + skip || goes_on);
    const bool hard = !escaped && hard_wrap(next, line);
    if (begins_record(words) && !quoted_ && !asks_for_more()) {
      done_ = true;
      return;
    }
    if (hard && marks == 0) {
      at_ = next;  // the terminal broke a word: as if nothing were there
      return;
    }
    while (!out_.text.empty() && (out_.text.back() == ' ' || out_.text.back() == '\t')) {
      out_.text.pop_back();
      out_.origin.pop_back();
    }
    found.at = out_.text.size();
    out_.breaks.push_back(found);
    put('\n', next - 1);
    at_ = next + marks;
  }

  // A terminal breaks every line at its width, whatever stands there: the lines before the last are equally long.
  bool hard_wrap(std::size_t next, std::string_view following) {
    const std::size_t begin = next < 2 ? 0 : text_.rfind('\n', next - 2) + 1;  // npos + 1 is 0
    const std::size_t length = next - 1 - begin;
    if (width_ == 0) width_ = length;
    const bool confirmed = ++wraps_ > 1 || following.size() == width_;
    const std::string_view first = text_.substr(line_, repeated_head);
    const bool repeats = following.starts_with(first);  // lines of a log may be equally long
    return length == width_ && width_ >= narrowest_terminal && width_ <= widest_terminal &&
           following.size() <= width_ && confirmed && !repeats;
  }

  // The sentence so far cannot end here, so a line that looks like a record's beginning is its continuation.
  bool asks_for_more() const {
    for (std::string_view word :
         {" is after", " is before", "current time", "remote", "local", " parse", " Original"}) {
      if (out_.text.ends_with(word)) return true;
    }
    return false;
  }

  std::string_view text_;
  std::size_t width_ = 0;  // of the error's first line
  int wraps_ = 0;
  std::size_t line_;
  std::size_t at_;
  std::size_t limit_;
  std::size_t level_;
  std::size_t first_indent_ = 0;
  std::string_view lead_;
  bool quoted_ = false;
  int parens_ = 0;
  bool done_ = false;
  Unfolded out_;
};

}  // namespace

bool begins_record(std::string_view line) {
  static constexpr std::array<std::string_view, 13> starts = {"Error from server",
                                                              "Error:",
                                                              "error:",
                                                              "Error creating",
                                                              "$ ",
                                                              "Warning:",
                                                              "Events:",
                                                              "level=",
                                                              "time=",
                                                              "{\"",
                                                              "Internal error occurred",
                                                              "failed calling ",
                                                              "Failed calling "};
  for (std::string_view start : starts) {
    if (line.starts_with(start)) return true;
  }
  const auto digits = [&](std::size_t from, std::size_t count) {
    if (line.size() < from + count) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(line[from + i])) return false;
    }
    return true;
  };
  if (line.size() > 6 && std::string_view("IWEF").find(line[0]) != std::string_view::npos && digits(1, 4) &&
      line[5] == ' ')
    return true;
  return line.size() > 10 && digits(0, 4) && (line[4] == '-' || line[4] == '/') && digits(5, 2) && line[7] == line[4] &&
         digits(8, 2);
}

Unfolded unfold(std::string_view text, std::size_t line, std::size_t at, std::size_t limit) {
  return Unfolder(text, line, at, limit).run();
}

}  // namespace gatepost::explain
