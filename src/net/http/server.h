// A server of HTTP/1.1 over TLS (or plain, for tests), and of HTTP/2 where the context offers "h2" and the client takes
// it. No thread a connection; bounded in header bytes, body bytes, time to the first request byte, time for the headers
// and idle time. Half-open and slow clients are closed.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http/message.h"
#include "net/stream.h"
#include "net/tls/server.h"

namespace gatepost::net::http {

// What the server knows of the client besides the request.
struct Peer {
  std::string address;                    // "127.0.0.1:53422"
  std::vector<std::string> certificates;  // DER, leaf first; empty without a client certificate
  std::string protocol;                   // by ALPN: "h2", "http/1.1", or empty where none was agreed on
};

// Answers one request, in one of two ways: send() once, or start() and then write() pieces until it returns.
// "Connection: close" among the headers ends the connection after this answer (HTTP/2: after those under way).
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  // The whole answer in one write. Content-Length and Date are set by the server.
  virtual Task<NetResult<void>> send(int status, Headers headers, std::string_view body) = 0;
  // A streamed answer (chunked). Each write() reaches the client at once.
  virtual Task<NetResult<void>> start(int status, Headers headers) = 0;
  // `piece` must live until the task ends. An empty one does nothing.
  virtual Task<NetResult<void>> write(std::string_view piece) = 0;
  // True once the client has gone (noticed while a streamed answer waits).
  virtual bool client_gone() const = 0;
  // Called once, on the loop's thread, when the client goes away during a streamed answer.
  virtual void on_client_gone(std::function<void()> call) = 0;
  // Takes the raw stream over for a protocol switch (101), before anything was sent; the server forgets the connection.
  // Null over HTTP/2, which has no such switch.
  // `already_read` (if not null) gets what the client sent behind the request.
  virtual std::unique_ptr<ByteStream> hijack(std::string* already_read) = 0;
};

// Handles one request; the arguments live until the task ends. A handler that sends nothing means an empty 200. The
// request may be moved from.
using Handler = std::function<Task<void>(Request& request, const Peer& peer, ResponseWriter& writer)>;

struct ServerOptions {
  std::string address = "127.0.0.1:0";
  std::shared_ptr<tls::ServerContext> tls;  // null: plain HTTP
  std::size_t max_header_bytes = 1u << 20;  // Go's DefaultMaxHeaderBytes; more is answered with 431
  std::size_t max_body_bytes =
      3u << 20;  // kube-apiserver's limit for resource requests; more is answered by `too_large`
  std::chrono::milliseconds header_timeout{32000};  // kube-apiserver's ReadHeaderTimeout
  std::chrono::milliseconds body_timeout{60000};
  std::chrono::milliseconds idle_timeout{90000};
  std::chrono::milliseconds write_timeout{60000};  // for one send() or write() to a client that does not read
  std::chrono::milliseconds drain_timeout{2000};   // how long stop() waits for answers under way
  // The answer to a body beyond max_body_bytes; empty: 413 with a plain text.
  std::function<Response()> too_large;
  // Told of every failed TLS handshake; empty: nobody is.
  std::function<void(const std::string& peer, const Error& error)> on_handshake_error;
};

class Server {
 public:
  // Binds and listens; an error names the address and the reason ("listen tcp 127.0.0.1:6443: bind: address already in
  // use").
  static NetResult<std::unique_ptr<Server>> listen(ServerOptions options, Handler handler);
  virtual ~Server() = default;
  virtual std::string address() const = 0;  // with the port really bound
  virtual Task<void> run() = 0;             // accepts until stop(), then until the last connection has ended
  // No new connections; idle ones and streamed answers end at once, others after their present answer. For the loop's
  // thread.
  virtual void stop() = 0;
  virtual std::size_t connections() const = 0;
};

}  // namespace gatepost::net::http
