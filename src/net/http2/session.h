// HTTP/2 as a server, without sockets, tasks or a clock: bytes of the wire in, requests out, answers in, bytes of the
// wire out. nghttp2 does the framing, the header compression and the flow control; here are the bounds. One session is
// one connection; it belongs to one thread. Whatever the peer sends, a session holds at most the bytes its limits name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http/message.h"
#include "net/task.h"

namespace gatepost::net::http2 {

using StreamId = std::int32_t;

struct Limits {
  // As Kubernetes' API servers that proxies put many watches on; Go's clients open at most 100 before they are told.
  std::uint32_t streams = 1000;
  std::uint32_t stream_window = 256u << 10;  // kube-apiserver's resourceBody99Percentile
  std::uint32_t connection_window = 16u << 20;
  std::size_t header_bytes = 1u << 20;         // of one request, each field counted as its name, value and 32 more
  std::size_t body_bytes = 3u << 20;           // of one request
  std::size_t waiting_body_bytes = 64u << 20;  // of all requests that are not whole yet
  std::size_t output_bytes = 256u << 10;       // framed and not taken; more waits in the answers themselves
};

// A request that is whole, or one that the server answers itself because a limit was passed.
struct Call {
  enum class Verdict { whole, head_too_large, body_too_large };
  StreamId stream = 0;
  Verdict verdict = Verdict::whole;
  http::Request request;
};

class Session {
 public:
  // What the owner is told, inside feed(), pump() or end(): it must not call the session from there.
  struct Events {
    std::function<void(StreamId)> drained;  // all that offer() brought has been framed
    std::function<void(StreamId)> closed;   // the stream is gone: reset by the peer or by us, or answered whole
  };

  Session(Limits limits, Events events);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Takes bytes of the wire. False: the peer broke the protocol beyond a GOAWAY's help; output() has what is left to
  // say.
  bool feed(std::string_view bytes, SteadyTime now);
  // The requests that have become whole since the last call.
  std::vector<Call> take_calls();

  enum class Body { follows, none };
  struct Head {
    int status = 200;
    const http::Headers* headers = nullptr;
    std::string_view date;  // where the headers have none
    std::optional<std::size_t> length;
    Body body = Body::follows;  // by offer()
  };
  // Begins an answer; false when the stream is gone. Fields of HTTP/1.1's connection are left out, and a "Connection:
  // close" among them makes this answer one of the connection's last, as at Go's servers.
  bool respond(StreamId stream, const Head& head);
  // More of the body. `piece` must live until drained() or closed() was told. One piece at a time.
  enum class Last { no, yes };
  void offer(StreamId stream, std::string_view piece, Last last);
  bool has(StreamId stream) const;
  enum class Why { stopping, canceled, internal_error, calm_down };
  void reset(StreamId stream, Why why);

  // Frames what may be sent now into output(), which the owner swaps out and gives back for its memory. False: memory
  // ran out.
  bool pump();
  std::string& output() { return output_; }
  void give_back_output(std::string used);
  bool output_full() const { return output_.size() >= limits_.output_bytes; }

  // Says GOAWAY: no new streams; those under way go on when the server is stopping, and end otherwise.
  void end(Why why);
  // Nothing more will be read or said.
  bool finished() const;
  std::size_t streams() const;

  // The time at which the oldest request began whose end has not come; and resets of those that began before a time.
  std::optional<SteadyTime> oldest_begun() const;
  void reset_begun_before(SteadyTime time);

  struct Impl;

 private:
  Limits limits_;
  std::string output_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatepost::net::http2
