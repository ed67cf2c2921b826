// An HTTP/1.1 server over TLS (or plain, for tests). One coroutine a connection, bounded in header bytes, body bytes,
// time to the first request byte, time for the headers and idle time. Half-open and slow clients are closed.
#pragma once

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
};

// Answers one request, in one of two ways: send() once, or start() and then write() pieces until it returns.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  // The whole answer in one write. Content-Length and Date are set by the server.
  virtual Task<NetResult<void>> send(int status, Headers headers, std::string_view body) = 0;
  // A streamed answer (chunked). Each write() reaches the client at once.
  virtual Task<NetResult<void>> start(int status, Headers headers) = 0;
  virtual Task<NetResult<void>> write(std::string_view piece) = 0;
  // True once the client has gone (noticed while a streamed answer waits).
  virtual bool client_gone() const = 0;
  // Called once, on the loop's thread, when the client goes away during a streamed answer.
  virtual void on_client_gone(std::function<void()> call) = 0;
  // Takes the raw stream over for a protocol switch (101); the server forgets the connection.
  virtual std::unique_ptr<ByteStream> hijack(std::string* already_read) = 0;
};

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
  // The answer to a body beyond max_body_bytes; empty: 413 with a plain text.
  std::function<Response()> too_large;
};

class Server {
 public:
  // Binds and listens; an error names the address and the reason ("listen tcp 127.0.0.1:6443: bind: address already in
  // use").
  static NetResult<std::unique_ptr<Server>> listen(ServerOptions options, Handler handler);
  virtual ~Server() = default;
  virtual std::string address() const = 0;  // with the port really bound
  virtual Task<void> run() = 0;             // accepts until stop()
  virtual void stop() = 0;                  // no new connections; open ones are closed after their present answer
  virtual std::size_t connections() const = 0;
};

}  // namespace gatepost::net::http
