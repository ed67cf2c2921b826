// One HTTP/2 connection of a server: a task that reads, one that writes, one that keeps time, and one for each request,
// all on the loop's thread. The bounds are the session's; a client that does not take its answers is cut off after the
// server's write timeout, alone where only its stream stands still.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "net/event.h"
#include "net/http/server_shared.h"
#include "net/http2/exchange.h"
#include "net/http2/session.h"
#include "net/stream.h"

namespace gatepost::net::http2 {

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<http::ServerShared> shared, std::unique_ptr<ByteStream> stream, http::Peer peer,
             Limits limits = {});
  ~Connection();

  // Serves until the client goes, breaks the protocol or is idle too long, or the server stops.
  static Task<void> run(std::shared_ptr<Connection> self);
  // The server stops: streamed answers end now, others are finished; then the connection ends.
  void stop();

  // For exchanges.
  Session& session() { return session_; }
  http::ServerShared& shared() { return *shared_; }
  std::string_view date();
  // Frames what can be sent and lets the writer know.
  void flush();
  // A stream stands still: look at it when the write timeout has passed.
  void watch_stalled();

 private:
  struct Timer;

  Task<void> read_in();
  static Task<void> write_out(std::shared_ptr<Connection> self);
  static Task<void> keep_time(std::shared_ptr<Connection> self);
  static Task<void> serve(std::shared_ptr<Connection> self, std::shared_ptr<Exchange> exchange);
  void start_calls(const boost::asio::any_io_executor& executor);
  SteadyTime next_look() const;
  void look(SteadyTime now);
  void wake_timer_by(SteadyTime time);

  std::shared_ptr<http::ServerShared> shared_;
  std::unique_ptr<ByteStream> stream_;
  http::Peer peer_;
  Limits limits_;
  std::unordered_map<StreamId, std::shared_ptr<Exchange>> exchanges_;
  std::deque<std::shared_ptr<Exchange>> queued_;  // begun while as many ran as may
  std::size_t running_ = 0;                       // handlers, those of streams that are gone among them
  Session session_;
  Event writable_;  // there may be something to write
  Event written_;   // the output was taken
  Event writer_ended_;
  std::optional<SteadyTime> write_began_;
  SteadyTime last_use_{};  // a request came or was answered
  bool reader_waits_ = false;
  bool closing_ = false;  // the writer ends when all is written, the reader soon after
  bool lost_ = false;     // nothing is framed any more
  bool closed_ = false;
  Timer* timer_ = nullptr;  // of keep_time(), which owns it: a timer must not outlive the loop
};

}  // namespace gatepost::net::http2
