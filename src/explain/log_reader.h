// Reads a log of any size and hands over the errors in it, with the line each stands in. Memory is bounded by one block
// of a mebibyte; a line longer than that is read in overlapping parts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "explain/occurrence.h"

namespace gatepost::explain {

// What one line holds.
struct LogLine {
  std::string_view text;  // clean; at most 24 KiB of it, around the error
  std::vector<Occurrence> errors;
  std::string_view failed_open;  // the webhook of an audit event's failed-open annotation, or ""
};

class LogReader {
 public:
  using Sink = std::function<void(const LogLine&)>;
  explicit LogReader(Sink sink);

  // Where the next bytes go: `room` is never 0.
  char* buffer(std::size_t& room);
  // `count` bytes were put there. Whole lines are looked at; the rest waits for more.
  void advance(std::size_t count);
  // Looks at what is left although its line has not ended: at the end, or when a live source falls idle.
  void flush();

 private:
  void process(std::size_t limit);
  void drop(std::size_t count);
  std::size_t look_at(std::size_t hit, std::size_t limit);

  Sink sink_;
  std::vector<char> block_;
  std::size_t used_ = 0;
  std::size_t seen_ = 0;  // bytes at the front that were looked at already
};

// The value of the first failed-open annotation of an audit event, or "".
std::string_view failed_open_webhook(std::string_view line);

}  // namespace gatepost::explain
