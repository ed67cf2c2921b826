// An HTTP/1.1 client with the behaviour and error texts of Go's net/http.Transport and Client: a pool of kept-alive
// connections, retry of a request on a stale pooled connection, redirects, gzip only when asked. One Client has one set
// of trust and one way to dial; the caller keeps one per (server name, trust), as kube-apiserver does.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http/message.h"
#include "net/proxy.h"
#include "net/stream.h"
#include "net/tls/client.h"

namespace gatepost::net::http {

// Where a connection to `host`:`port` really goes. The default asks DNS and dials TCP.
using Dialer = std::function<Task<NetResult<std::unique_ptr<ByteStream>>>(std::string host, std::string port,
                                                                          SteadyTime deadline)>;

struct ClientOptions {
  std::optional<tls::ClientConfig> tls;           // absent: plain HTTP only
  Dialer dial;                                    // empty: the default
  std::size_t max_idle_per_host = 2;              // Go's DefaultMaxIdleConnsPerHost is 2, client-go's transports use 25
  std::chrono::milliseconds idle_timeout{90000};  // 0: none
  std::chrono::milliseconds tls_handshake_timeout{10000};
  std::size_t max_body = 64u << 20;  // bytes of an answer's body that are taken at most
  bool follow_redirects = true;
  bool compression = false;  // asks for gzip and unpacks it unseen, as Go's transport does unless told otherwise
  Proxies proxies;           // none by default
};

// Where in a call time was spent or an error happened.
enum class Phase { dial, proxy, handshake, write, headers, body, done };

// What of a call took how long, and what was seen on the way: evidence for diagnosis.
struct CallTrace {
  std::optional<SteadyTime> dialed, handshaken, sent, first_byte, done;
  bool reused = false;        // the connection came from the pool
  Phase phase = Phase::dial;  // the one that was under way at the end; an error in `body` came after a whole head
  int status = 0;             // of the last answer whose head was read; 0: none
  std::string peer;           // the address the connection went to; empty while there is none
  std::shared_ptr<const tls::PeerInfo> tls;  // what the handshake showed, also one that failed
};

class Client {
 public:
  static std::shared_ptr<Client> make(ClientOptions options);
  virtual ~Client() = default;

  // Sends `request` to the absolute URL `url` ("https://host:port/path?query") and reads the whole answer. The error's
  // text is that of Go's *url.Error without its `Post "URL": ` prefix; `failed_url` (if not null) gets the URL that
  // prefix would name, which differs from `url` after a redirect.
  virtual Task<NetResult<Response>> call(std::string url, Request request, SteadyTime deadline,
                                         CallTrace* trace = nullptr, std::string* failed_url = nullptr) = 0;

  // Opens the call and hands over the answer's head as soon as it is there; the body is then read in pieces.
  // For watches and logs. `deadline` bounds what comes before the body; reading has none unless set_deadline is called.
  // Redirects are followed as in call().
  struct Streaming {
    Response head;  // body empty
    // The next piece; empty at the end.
    std::function<Task<NetResult<std::string>>()> read;
    // Gives the answer up; a read under way fails with canceled. Must be called when the end was not reached, unless
    // the last copy of this value goes away, which does the same.
    std::function<void()> close;
    std::function<void(std::optional<SteadyTime>)> set_deadline;
  };
  virtual Task<NetResult<Streaming>> open(std::string url, Request request, SteadyTime deadline,
                                          CallTrace* trace = nullptr) = 0;

  virtual void close_idle() = 0;
};

}  // namespace gatepost::net::http
