#include "explain/log_reader.h"

#include <algorithm>
#include <cstring>

#include "explain/clean.h"
#include "explain/grammar.h"
#include "explain/scan.h"

namespace gatepost::explain {
namespace {

constexpr std::size_t block_size = 1 << 20;
constexpr std::size_t overlap = 32 * 1024;    // of the parts of a line that does not fit into the block
constexpr std::size_t before_hit = 4 * 1024;  // of a long line that is looked at
constexpr std::size_t behind_hit = 20 * 1024;
constexpr std::size_t continuation = 2 * 1024;  // of the lines behind, into which an error may be wrapped

}  // namespace

std::string_view failed_open_webhook(std::string_view line) {
  for (std::string_view key : {std::string_view("\"failed-open.validating.webhook.admission.k8s.io/"),
                               std::string_view("\"failed-open.mutation.webhook.admission.k8s.io/")}) {
    const std::size_t at = line.find(key);
    if (at == std::string_view::npos) continue;
    const std::size_t colon = line.find("\":\"", at);
    if (colon == std::string_view::npos) continue;
    const std::size_t end = line.find('"', colon + 3);
    if (end != std::string_view::npos && end - colon < 300) return line.substr(colon + 3, end - colon - 3);
  }
  return "";
}

LogReader::LogReader(Sink sink) : sink_(std::move(sink)), block_(block_size) {}

char* LogReader::buffer(std::size_t& room) {
  room = block_.size() - used_;
  return block_.data() + used_;
}

void LogReader::advance(std::size_t count) {
  const std::size_t before = used_;
  used_ += count;
  const void* newline = memrchr(block_.data() + before, '\n', count);
  if (newline != nullptr) {
    const std::size_t limit = static_cast<std::size_t>(static_cast<const char*>(newline) - block_.data()) + 1;
    // Lines behind an error may belong to it: the last ones wait for what follows, unless the block is full.
    process(limit);
    drop(limit);
  } else if (used_ == block_.size()) {
    process(used_ - overlap);
    drop(used_ - overlap);
  }
}

void LogReader::flush() {
  process(used_);
  drop(used_);
}

void LogReader::drop(std::size_t count) {
  std::memmove(block_.data(), block_.data() + count, used_ - count);
  used_ -= count;
  seen_ = seen_ > count ? seen_ - count : 0;
}

void LogReader::process(std::size_t limit) {
  const std::string_view block(block_.data(), used_);
  std::size_t at = seen_;
  while (at < limit) {
    const std::size_t hit = find_candidate(block.substr(0, limit), at);
    if (hit == nowhere) break;
    at = look_at(hit, limit);
  }
  seen_ = std::max(at, seen_);
}

// Reads the line of `hit`; returns where to go on.
std::size_t LogReader::look_at(std::size_t hit, std::size_t limit) {
  const std::string_view block(block_.data(), used_);
  const std::size_t newline = hit == 0 ? std::string_view::npos : block.rfind('\n', hit - 1);
  std::size_t begin = std::max(seen_, newline == std::string_view::npos ? 0 : newline + 1);
  begin = std::max(begin, hit > before_hit ? hit - before_hit : 0);
  std::size_t end = std::min(block.find('\n', hit), block.size());
  const bool cut = end > hit + behind_hit;
  if (cut) end = hit + behind_hit;
  const std::size_t context = cut ? end : std::min(block.size(), end + continuation);
  const std::string text = clean(block.substr(begin, context - begin));
  const std::size_t line_end = cut ? text.size() : std::min(text.find('\n', 0), text.size());

  LogLine line;
  line.text = std::string_view(text).substr(0, line_end);
  line.errors = read_errors(text, 0, line_end);
  line.failed_open = failed_open_webhook(line.text);
  std::size_t lines = 1;
  if (!line.errors.empty()) {
    const std::size_t last = std::min(line.errors.back().end, text.size());
    lines += static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(last), '\n'));
  }
  if (!line.errors.empty() || !line.failed_open.empty()) sink_(line);
  if (cut) return end;
  std::size_t next = end;
  for (std::size_t i = 0; i < lines && next < block.size(); ++i) {
    if (i > 0) next = std::min(block.find('\n', next), block.size());
    next = std::min(next + 1, block.size());
  }
  return std::min(std::max(next, hit + 1), std::max(limit, hit + 1));
}

}  // namespace gatepost::explain
