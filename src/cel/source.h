// The text of one expression with its code points and lines, and the faults found in it, printed as cel-go prints them:
//   ERROR: <input>:1:5: Syntax error: ...
//    | the line
//    | ....^
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::cel {

// A place in the source: the line counts from 1, the column from 0, both -1 where there is no place.
struct Location {
  std::int32_t line = -1;
  std::int32_t column = -1;
};

class Source {
 public:
  explicit Source(std::string text);

  const std::string& text() const { return text_; }
  // Offsets count code points; bytes that are no UTF-8 count as one replacement character each.
  std::int32_t size() const { return static_cast<std::int32_t>(points_.size()); }
  char32_t at(std::int32_t offset) const { return offset < size() ? points_[static_cast<std::size_t>(offset)] : kEnd; }
  std::string slice(std::int32_t begin, std::int32_t end) const;
  Location location(std::int32_t offset) const;
  std::string line(std::int32_t number) const;

  static constexpr char32_t kEnd = 0xffffffff;

 private:
  std::string text_;
  std::vector<char32_t> points_;
  std::vector<std::int32_t> line_starts_;
};

void append_utf8(char32_t point, std::string& out);

struct Issue {
  Location location;
  std::string message;
};

// The faults of one expression. At most 100 are kept; the rest is counted.
class Issues {
 public:
  void report(Location location, std::string message);
  bool empty() const { return count_ == 0; }
  std::string display(const Source& source) const;
  const std::vector<Issue>& list() const { return issues_; }

 private:
  static constexpr std::size_t kMost = 100;
  std::vector<Issue> issues_;
  std::size_t count_ = 0;
};

}  // namespace gatepost::cel
