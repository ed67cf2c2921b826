#include "cel/source.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace gatepost::cel {

namespace {

constexpr char32_t kReplacement = 0xfffd;
// Lines longer than this are not shown below an error.
constexpr std::size_t kLongestSnippet = 16384;

char32_t decode(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  std::size_t length = first < 0x80                    ? 1
                       : first >= 0xc2 && first < 0xe0 ? 2
                       : first >= 0xe0 && first < 0xf0 ? 3
                       : first >= 0xf0 && first < 0xf5 ? 4
                                                       : 0;
  if (length == 0 || at + length > text.size()) {
    ++at;
    return kReplacement;
  }
  char32_t point = length == 1 ? first : first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) {
      ++at;
      return kReplacement;
    }
    point = point << 6 | (byte(at + i) & 0x3fu);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  if (overlong || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
    ++at;
    return kReplacement;
  }
  at += length;
  return point;
}

std::string display_one(const Issue& issue, const Source& source) {
  std::string out = "ERROR: <input>:" + std::to_string(issue.location.line) + ":" +
                    std::to_string(issue.location.column + 1) + ": " + issue.message;
  if (issue.location.line < 1 || source.size() == 0) return out;
  std::string line = source.line(issue.location.line);
  if (line.size() > kLongestSnippet) return out;
  std::replace(line.begin(), line.end(), '\t', ' ');
  out += "\n | " + line + "\n | ";
  std::size_t at = 0;
  for (std::int32_t i = 0; i < issue.location.column && at < line.size(); ++i) {
    const std::size_t before = at;
    decode(line, at);
    out += at - before > 1 ? "\uff0e" : ".";
  }
  const std::size_t before = at;
  if (at < line.size()) decode(line, at);
  out += at - before > 1 ? "\uff3e" : "^";
  return out;
}

}  // namespace

void append_utf8(char32_t point, std::string& out) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
}

Source::Source(std::string text) : text_(std::move(text)), line_starts_{0} {
  points_.reserve(text_.size());
  for (std::size_t at = 0; at < text_.size();) {
    points_.push_back(decode(text_, at));
    if (points_.back() == U'\n') line_starts_.push_back(size());
  }
}

std::string Source::slice(std::int32_t begin, std::int32_t end) const {
  std::string out;
  for (std::int32_t i = begin; i < end && i < size(); ++i) append_utf8(at(i), out);
  return out;
}

Location Source::location(std::int32_t offset) const {
  if (offset < 0) return {};
  if (points_.empty()) return {1, -1};
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return {static_cast<std::int32_t>(next - line_starts_.begin()), offset - *(next - 1)};
}

std::string Source::line(std::int32_t number) const {
  if (number < 1 || number > static_cast<std::int32_t>(line_starts_.size())) return "";
  const auto index = static_cast<std::size_t>(number);
  const std::int32_t end = index < line_starts_.size() ? line_starts_[index] - 1 : size();
  return slice(line_starts_[index - 1], end);
}

void Issues::report(Location location, std::string message) {
  if (++count_ <= kMost) issues_.push_back({location, std::move(message)});
}

std::string Issues::display(const Source& source) const {
  // By place; those of one place in the order they were found.
  std::vector<std::size_t> order(issues_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Location& first = issues_[a].location;
    const Location& second = issues_[b].location;
    return std::tuple(first.line, first.column, a) < std::tuple(second.line, second.column, b);
  });
  std::string out;
  for (const std::size_t index : order) {
    if (!out.empty()) out += '\n';
    out += display_one(issues_[index], source);
  }
  if (count_ > kMost) out += "\n" + std::to_string(count_ - kMost) + " more errors were truncated";
  return out;
}

}  // namespace gatepost::cel
