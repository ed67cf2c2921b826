#include "net/memory_stream.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

namespace gatepost::net {

namespace asio = boost::asio;

// One direction. A waiting side is woken by cancelling its timer; it then looks at the state again.
struct MemoryPipe {
  std::string bytes;
  std::size_t read = 0;  // bytes before this are taken
  std::size_t capacity = 0;
  bool ended = false;  // no more will be written
  bool gone = false;   // nobody reads any more
  bool reset = false;
  asio::steady_timer *reader = nullptr, *writer = nullptr;

  std::size_t size() const { return bytes.size() - read; }
  void wake() {
    if (reader) reader->cancel();
    if (writer) writer->cancel();
  }
};

struct MemoryStream::Waits {
  explicit Waits(const asio::any_io_executor& executor) : read(executor), write(executor) {}
  asio::steady_timer read, write;
};

namespace {

Task<void> wait(asio::steady_timer& timer, std::optional<SteadyTime> deadline) {
  timer.expires_at(deadline.value_or(SteadyTime::max()));
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace

MemoryStream::MemoryStream(asio::any_io_executor executor, std::shared_ptr<MemoryPipe> in,
                           std::shared_ptr<MemoryPipe> out, std::string local, std::string peer)
    : in_(std::move(in)),
      out_(std::move(out)),
      waits_(std::make_unique<Waits>(executor)),
      local_(std::move(local)),
      peer_(std::move(peer)) {}

MemoryStream::~MemoryStream() {
  close();
  if (in_->reader == &waits_->read) in_->reader = nullptr;
  if (out_->writer == &waits_->write) out_->writer = nullptr;
}

bool MemoryStream::late() const {
  return deadline_ && std::chrono::steady_clock::now() >= *deadline_;
}

// Go's net.OpError: "read tcp 127.0.0.1:40000->127.0.0.1:443: read: connection reset by peer".
Failure<Error> MemoryStream::failure(const char* verb, const char* call, const MemoryPipe& pipe) const {
  const std::string where = std::string(verb) + " tcp " + local_ + "->" + peer_ + ": ";
  if (closed_) return net_fail(ErrorKind::canceled, where + "use of closed network connection");
  if (pipe.reset) return net_fail(ErrorKind::connection_reset, where + call + ": connection reset by peer");
  if (late()) return net_fail(ErrorKind::deadline_exceeded, where + "i/o timeout");
  return net_fail(ErrorKind::broken_pipe, where + call + ": broken pipe");
}

Task<NetResult<std::size_t>> MemoryStream::read_some(std::span<char> into) {
  for (;;) {
    if (closed_ || in_->reset || late()) co_return failure("read", "read", *in_);
    if (in_->size() > 0) break;
    if (in_->ended) co_return std::size_t{0};
    in_->reader = &waits_->read;
    co_await wait(waits_->read, deadline_);
    in_->reader = nullptr;
  }
  const std::size_t count = std::min(into.size(), in_->size());
  std::memcpy(into.data(), in_->bytes.data() + in_->read, count);
  in_->read += count;
  if (in_->size() == 0) {
    in_->bytes.clear();
    in_->read = 0;
  }
  if (in_->writer) in_->writer->cancel();
  co_return count;
}

Task<NetResult<void>> MemoryStream::write(std::string_view bytes) {
  ++writes_;
  do {
    if (closed_ || out_->reset || out_->gone || out_->ended || late()) co_return failure("write", "write", *out_);
    const std::size_t room = out_->capacity - std::min(out_->capacity, out_->size());
    const std::size_t count = std::min(room, bytes.size());
    if (count > 0) {
      if (out_->read > 0) out_->bytes.erase(0, std::exchange(out_->read, 0));
      out_->bytes.append(bytes.substr(0, count));
      bytes.remove_prefix(count);
      if (out_->reader) out_->reader->cancel();
    }
    if (bytes.empty()) break;
    out_->writer = &waits_->write;
    co_await wait(waits_->write, deadline_);
    out_->writer = nullptr;
  } while (true);
  co_return NetResult<void>{};
}

void MemoryStream::set_deadline(std::optional<SteadyTime> deadline) {
  deadline_ = deadline;
  waits_->read.cancel();
  waits_->write.cancel();
}

void MemoryStream::close() {
  if (closed_) return;
  closed_ = true;
  out_->ended = true;
  in_->gone = true;
  in_->wake();
  out_->wake();
}

void MemoryStream::shutdown_write() {
  out_->ended = true;
  out_->wake();
}

void MemoryStream::reset() {
  in_->reset = out_->reset = true;
  in_->wake();
  out_->wake();
}

MemoryPair memory_pair(asio::any_io_executor executor, MemoryOptions options) {
  auto up = std::make_shared<MemoryPipe>();
  auto down = std::make_shared<MemoryPipe>();
  up->capacity = down->capacity = options.capacity;
  return {std::make_unique<MemoryStream>(executor, down, up, options.client_address, options.server_address),
          std::make_unique<MemoryStream>(executor, up, down, options.server_address, options.client_address)};
}

}  // namespace gatepost::net
