// ByteStream: a connected two-way stream of bytes. Implementations: TCP (tcp.h), TLS over another stream (tls/), and
// two ends in memory for tests (memory_stream.h). Not thread-safe: it belongs to the loop's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/error.h"
#include "net/task.h"

namespace gatepost::net {

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Reads at least one byte; 0 means that the peer closed its side. At most one read and one write may be under way.
  virtual Task<NetResult<std::size_t>> read_some(std::span<char> into) = 0;

  // Writes all of `bytes`, which must live until the task ends.
  virtual Task<NetResult<void>> write(std::string_view bytes) = 0;

  // Pending and later operations fail with deadline_exceeded once the time has come; nullopt takes the deadline away.
  virtual void set_deadline(std::optional<SteadyTime> deadline) = 0;

  // Tells the peer that no more bytes will come, where the stream can; reading goes on.
  virtual void end_write() {}

  // Ends both directions at once; pending operations fail with canceled. Safe to call twice.
  virtual void close() = 0;

  // "127.0.0.1:53422", for error texts and logs.
  virtual std::string local_address() const = 0;
  virtual std::string peer_address() const = 0;
};

}  // namespace gatepost::net
