// The record that an error stands in, made one line of thought again: escapes of the JSON or Go string around it
// undone, decorations at the start of continued lines gone, cut where the string around it or the record ends. Bounded
// to 16 KiB.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::explain {

// A line's end inside the unfolded text (there a '\n'), and what the next line looks like.
struct Break {
  std::size_t at = 0;
  bool blank = false;     // an empty line follows
  bool indented = false;  // the next line starts further right than the first, or with the same mark of a comment
};

struct Unfolded {
  std::string text;
  std::vector<std::size_t> origin;  // where each byte came from
  std::vector<Break> breaks;
  bool closed = false;  // the string around it ended
  bool capped = false;  // the limit was met: there is more
};

inline constexpr std::size_t longest_record = 16 * 1024;
inline constexpr std::size_t usual_record = 1024;  // most errors end within

// From `at` on, at most `limit` bytes; `line` is where the line of `at` begins.
Unfolded unfold(std::string_view text, std::size_t line, std::size_t at, std::size_t limit = longest_record);

// True where a line of a log or of a command's output begins anew: klog, RFC 3339, syslog, "Error...", a prompt.
bool begins_record(std::string_view line);

}  // namespace gatepost::explain
