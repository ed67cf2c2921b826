// `gatepost explain`: a paste, files, a live stream, an audit log or a cause's id in; the cause out.
#pragma once

#include <atomic>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "explain/input.h"
#include "report/terminal.h"

namespace gatepost::explain {

enum class Output { text, json, jsonl, html };
enum class Listing { no, causes };
enum class Detail { screen, lines };  // lines: one a finding
enum class Progress { never, to_error_stream };

struct Options {
  std::vector<std::string> arguments;  // a text, files, "-", or a cause's id; none is the same as "-"
  std::string since;                   // "15m", "2h", "3d" or RFC 3339: older lines of a log do not count
  std::string webhook, cause;          // only these ("" is all)
  Output output = Output::text;
  Follow follow = Follow::no;
  std::vector<std::string> fail_on;  // outcomes, causes, severities, "any" or "none"; empty: errors and warnings
  Listing list = Listing::no;
  Detail detail = Detail::screen;
  Progress progress = Progress::never;
  report::Style style;
  std::int64_t now = 0;                     // Unix seconds: the year of log lines that have none, and --since
  const std::atomic<bool>* stop = nullptr;  // ends a live stream
};

// The exit code: 0 nothing found, 1 findings (as fail_on says), 2 the input or its use is wrong (one line on `err`).
int run(const Options& options, int standard_input, std::ostream& out, std::ostream& err);

}  // namespace gatepost::explain
