// Any bytes as a paste and as a log in blocks of odd sizes: no crash, no time out of proportion, the same errors found.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "explain/grammar.h"
#include "explain/log_reader.h"
#include "explain/log_time.h"
#include "explain/summary.h"
#include "report/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatepost;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  explain::Summary paste;
  for (const explain::Occurrence& error : explain::read_text(text))
    paste.add(error, {explain::log_time(text, "", 1795579200), text});
  (void)report::render_json(paste.report(explain::Summary::Order::most_specific));

  explain::Summary log;
  explain::LogReader reader([&](const explain::LogLine& line) {
    for (const explain::Occurrence& error : line.errors)
      log.add(error, {explain::log_time(line.text, "", 1795579200), line.text});
  });
  for (std::size_t at = 0; at < size;) {
    std::size_t room = 0;
    char* to = reader.buffer(room);
    const std::size_t count = std::min({room, size - at, std::size_t{1} + at % 97});
    std::memcpy(to, data + at, count);
    reader.advance(count);
    at += count;
  }
  reader.flush();
  (void)report::render_json(log.report(explain::Summary::Order::most_frequent));
  return 0;
}
