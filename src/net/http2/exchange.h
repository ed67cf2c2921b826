// One request of an HTTP/2 connection and its answer: the face a handler writes to. Held by its connection while the
// stream lives and by the task of its handler.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/event.h"
#include "net/http/server.h"
#include "net/http2/session.h"

namespace gatepost::net::http2 {

class Connection;

class Exchange final : public http::ResponseWriter {
 public:
  // `connection` lives longer.
  Exchange(Connection& connection, Call call)
      : connection_(connection), call_(std::move(call)), body_wanted_(call_.request.method != "HEAD") {}

  http::Request& request() { return call_.request; }
  Call::Verdict verdict() const { return call_.verdict; }
  StreamId stream() const { return call_.stream; }

  Task<NetResult<void>> send(int status, http::Headers headers, std::string_view body) override;
  Task<NetResult<void>> start(int status, http::Headers headers) override;
  Task<NetResult<void>> write(std::string_view piece) override;
  bool client_gone() const override { return gone_; }
  void on_client_gone(std::function<void()> call) override;
  std::unique_ptr<ByteStream> hijack(std::string*) override { return nullptr; }

  // The handler has returned: an answer it did not give is an empty 200, a streamed one ends.
  Task<void> finish();
  bool lost() const { return lost_; }
  // The connection tells: what was offered is framed; the stream is gone; the server stops.
  void drained();
  void closed();
  void stop();
  // Since when the present piece waits for the client.
  std::optional<SteadyTime> stalled_since() const { return stalled_since_; }

 private:
  bool begin(int status, const http::Headers& headers, std::optional<std::size_t> length, Session::Body body);
  Task<NetResult<void>> put(std::string_view bytes, Session::Last last);
  void client_went();

  Connection& connection_;
  Call call_;
  bool started_ = false;   // an answer was begun
  bool streamed_ = false;  // by start()
  bool ended_ = false;     // and is complete
  bool body_wanted_;       // not for HEAD, 204 and 304
  bool gone_ = false;      // nobody waits for the answer
  bool lost_ = false;      // and the stream is no more
  bool taken_ = false;     // what was offered is framed
  bool waiting_ = false;   // for drained_
  Event drained_;
  std::optional<SteadyTime> stalled_since_;
  std::function<void()> on_gone_;
};

}  // namespace gatepost::net::http2
