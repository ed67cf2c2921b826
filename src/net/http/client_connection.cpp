#include "net/http/client_connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

namespace gatepost::net::http {

namespace asio = boost::asio;

namespace {
// A request up to this size is written before the answer is awaited; it fits into the system's buffers. A larger one is
// written beside the reading, because a server may answer before it has read all.
constexpr std::size_t kWriteFirst = 64u << 10;
constexpr std::size_t kKeptBuffer = 64u << 10;

std::optional<SteadyTime> optional_deadline(SteadyTime deadline) {
  if (deadline == SteadyTime::max()) return std::nullopt;
  return deadline;
}
}  // namespace

struct ClientConnection::Writing {
  std::shared_ptr<const std::string> bytes;
  bool done = false;
  std::optional<Error> error;
};

ClientConnection::ClientConnection(std::unique_ptr<ByteStream> stream, std::string key,
                                   std::shared_ptr<const tls::PeerInfo> tls)
    : stream_(std::move(stream)), key_(std::move(key)), tls_(std::move(tls)) {}

void ClientConnection::close() {
  closed_ = true;
  stream_->close();
}

bool ClientConnection::reusable() const {
  return keep_ && !closed_ && body_ended() && in_.empty() && (!writing_ || (writing_->done && !writing_->error));
}

Task<void> ClientConnection::write_beside(std::shared_ptr<ClientConnection> self, std::shared_ptr<Writing> writing) {
  auto written = co_await self->stream_->write(*writing->bytes);
  writing->done = true;
  if (!written) writing->error = std::move(written).error();
}

// The first bytes of an answer: through the idle watch, when that still has the read.
Task<NetResult<std::size_t>> ClientConnection::read_first() {
  if (watching_) co_await watch_done_.wait();
  if (watched_) co_return *std::exchange(watched_, std::nullopt);
  co_return co_await stream_->read_some(in_.space(4096));
}

Task<Result<ResponseHead, ExchangeError>> ClientConnection::exchange(std::shared_ptr<const std::string> bytes,
                                                                     std::string method, SteadyTime deadline,
                                                                     CallTrace* trace) {
  auto failed = [&](Error error, Progress progress) {
    if (progress == Progress::answering && error.kind != ErrorKind::deadline_exceeded) {
      error.text = "net/http: HTTP/1.x transport connection broken: " + error.text;
    }
    close();
    return Failure<ExchangeError>(ExchangeError{std::move(error), progress});
  };
  auto now = [] { return std::chrono::steady_clock::now(); };
  keep_ = false;
  body_.reset();
  writing_.reset();
  stream_->set_deadline(optional_deadline(deadline));
  if (trace) trace->phase = Phase::write;
  if (bytes->size() <= kWriteFirst) {
    auto written = co_await stream_->write(*bytes);
    if (!written) {
      co_return failed(std::move(written).error(), Progress::nothing_written);
    }
  } else {
    writing_ = std::make_shared<Writing>(Writing{bytes});
    asio::co_spawn(co_await asio::this_coro::executor, write_beside(shared_from_this(), writing_), asio::detached);
  }
  if (trace) {
    trace->sent = now();
    trace->phase = Phase::headers;
  }
  if (in_.empty()) {
    auto read = co_await read_first();
    if (!read && writing_ && writing_->error) {
      co_return failed(std::move(*writing_->error), Progress::answering);
    }
    if (!read) co_return failed(std::move(read).error(), Progress::no_answer);
    if (*read == 0) co_return failed({ErrorKind::eof, "EOF"}, Progress::no_answer);
    in_.filled(*read);
  }
  if (trace) trace->first_byte = now();
  while (true) {
    auto head = co_await read_response_head(*stream_, in_, method);
    if (!head) co_return failed(std::move(head).error(), Progress::answering);
    int status = head->response.status;
    if (status >= 100 && status <= 199 && status != 101) continue;
    keep_ = !head->framing.close && status > 199;
    if (trace) {
      trace->status = status;
      trace->phase = Phase::body;
    }
    if (head->framing.kind != Framing::Kind::none) body_ = std::make_unique<BodyReader>(head->framing);
    co_return std::move(*head);
  }
}

Task<NetResult<bool>> ClientConnection::read_body(std::string& out, std::size_t most) {
  if (!body_) co_return false;
  auto read = co_await body_->read(*stream_, in_, out, most);
  if (!read) close();
  co_return read;
}

void ClientConnection::watch_idle(asio::any_io_executor executor, SteadyTime until,
                                  std::function<void(ClientConnection*)> on_close) {
  idle_ = true;
  in_.shrink(kKeptBuffer);
  stream_->set_deadline(optional_deadline(until));
  if (!watching_) asio::co_spawn(executor, watch(shared_from_this(), std::move(on_close)), asio::detached);
}

Task<void> ClientConnection::watch(std::shared_ptr<ClientConnection> self,
                                   std::function<void(ClientConnection*)> on_close) {
  self->watching_ = true;
  auto read = co_await self->stream_->read_some(self->in_.space(4096));
  self->watching_ = false;
  if (self->idle_) {  // nobody awaits anything: an end, an error, the time, or bytes nobody asked for
    self->close();
    on_close(self.get());
    co_return;
  }
  self->watched_ = std::move(read);
  self->watch_done_.fire();
}

}  // namespace gatepost::net::http
