// The file of the audit log. Lines are handed over without waiting and written by a thread of its own; what a slow disk
// cannot take stays within a bound, beyond which events are dropped, counted and told.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace gatepost::apiserver::audit {

class Log {
 public:
  struct Options {
    std::string path;                        // "-": standard output
    std::size_t most_pending = 32ull << 20;  // bytes that wait for the disk
  };
  // Appends; a new file is readable by its owner only. The error is one line that names the file.
  static Result<std::unique_ptr<Log>> open(Options options);
  // Writes what is pending.
  virtual ~Log() = default;

  // `line` ends with a line break. Never waits.
  virtual void write(std::string line) = 0;
};

}  // namespace gatepost::apiserver::audit
