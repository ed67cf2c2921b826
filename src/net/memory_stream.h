// Two connected ByteStreams in memory, for tests of whatever speaks over a stream: no sockets, no ports, the errors of
// a real connection (closed, reset, deadline) on purpose. Both ends belong to one event loop.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "net/stream.h"

namespace gatepost::net {

struct MemoryPipe;

struct MemoryOptions {
  std::size_t capacity = 1u << 20;  // bytes on the way in one direction; a writer waits beyond it
  std::string client_address = "127.0.0.1:40000", server_address = "127.0.0.1:443";
};

class MemoryStream final : public ByteStream {
 public:
  MemoryStream(boost::asio::any_io_executor executor, std::shared_ptr<MemoryPipe> in, std::shared_ptr<MemoryPipe> out,
               std::string local, std::string peer);
  ~MemoryStream() override;

  Task<NetResult<std::size_t>> read_some(std::span<char> into) override;
  Task<NetResult<void>> write(std::string_view bytes) override;
  void set_deadline(std::optional<SteadyTime> deadline) override;
  void close() override;
  std::string local_address() const override { return local_; }
  std::string peer_address() const override { return peer_; }

  // Closes the writing side only: the peer reads what is on the way, then 0.
  void shutdown_write();
  // The peer's next operations fail as after a TCP RST.
  void reset();
  // Calls of write() so far.
  std::size_t writes() const { return writes_; }

 private:
  struct Waits;
  Failure<Error> failure(const char* verb, const char* call, const MemoryPipe& pipe) const;
  bool late() const;

  std::shared_ptr<MemoryPipe> in_, out_;
  std::unique_ptr<Waits> waits_;
  std::optional<SteadyTime> deadline_;
  bool closed_ = false;
  std::size_t writes_ = 0;
  std::string local_, peer_;
};

struct MemoryPair {
  std::unique_ptr<MemoryStream> client, server;
};
MemoryPair memory_pair(boost::asio::any_io_executor executor, MemoryOptions options = {});

}  // namespace gatepost::net
