// One connection of a client: sends a request, reads its answer, and watches for the server's close while it is idle.
// Errors are sorted as Go's transport does, so that the client can decide whether to try again.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/buffer.h"
#include "net/event.h"
#include "net/http/client.h"
#include "net/http/response_reader.h"

namespace gatepost::net::http {

// How far a failed exchange had come.
enum class Progress {
  nothing_written,  // not a byte of the request went out
  no_answer,        // the request went out, not a byte of an answer came
  answering,        // a part of an answer came
};

struct ExchangeError {
  Error error;
  Progress progress = Progress::answering;
};

class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(std::unique_ptr<ByteStream> stream, std::string key, std::shared_ptr<const tls::PeerInfo> tls);

  // Sends the request's bytes and reads the answer's head; informational answers are skipped.
  Task<Result<ResponseHead, ExchangeError>> exchange(std::shared_ptr<const std::string> bytes, std::string method,
                                                     SteadyTime deadline, CallTrace* trace);
  // Reads from the body that follows the head.
  Task<NetResult<bool>> read_body(std::string& out, std::size_t most);
  bool body_ended() const { return !body_ || body_->ended(); }

  // Whether another request may follow once the body has ended.
  bool reusable() const;
  void no_reuse() { keep_ = false; }
  // Begins to watch the idle connection; `on_close` is called when the server closed it, sent something unasked or the
  // time came.
  void watch_idle(boost::asio::any_io_executor executor, SteadyTime until,
                  std::function<void(ClientConnection*)> on_close);
  // Takes it into use again.
  void leave_idle() { idle_ = false; }
  void set_deadline(std::optional<SteadyTime> deadline) { stream_->set_deadline(deadline); }
  void close();

  const std::string& key() const { return key_; }
  const std::shared_ptr<const tls::PeerInfo>& tls() const { return tls_; }
  std::string peer() const { return stream_->peer_address(); }
  bool closed() const { return closed_; }
  bool reused = false;

 private:
  struct Writing;
  static Task<void> watch(std::shared_ptr<ClientConnection> self, std::function<void(ClientConnection*)> on_close);
  static Task<void> write_beside(std::shared_ptr<ClientConnection> self, std::shared_ptr<Writing> writing);
  Task<NetResult<std::size_t>> read_first();

  std::unique_ptr<ByteStream> stream_;
  std::string key_;
  std::shared_ptr<const tls::PeerInfo> tls_;
  Buffer in_;
  std::unique_ptr<BodyReader> body_;
  std::shared_ptr<Writing> writing_;  // of a large request, still under way
  bool keep_ = false;                 // the last answer lets the connection live
  bool idle_ = false;
  bool closed_ = false;
  bool watching_ = false;                          // the idle watch has the stream's one read
  std::optional<NetResult<std::size_t>> watched_;  // what it read, for the answer that was awaited meanwhile
  Event watch_done_;
};

}  // namespace gatepost::net::http
