#include "net/http/pool.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/base64.h"
#include "net/host_port.h"
#include "net/tcp.h"

namespace gatepost::net::http {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::minutes kConnectTimeout{1};  // Go's limit for a proxy's answer to CONNECT

Failure<Error> past_deadline() {
  return net_fail(ErrorKind::deadline_exceeded, "context deadline exceeded");
}

SteadyTime from_now(std::chrono::nanoseconds time) {
  return std::chrono::steady_clock::now() + time;
}

}  // namespace

std::string proxy_authorization(const url::User& user) {
  return "Proxy-Authorization: Basic " + base64::encode(user.name + ":" + user.password.value_or("")) + "\r\n";
}

// A call that waits for a connection, and what its dial has seen so far.
struct Pool::Want {
  explicit Want(const asio::any_io_executor& executor) : wake(executor) {}

  asio::steady_timer wake;
  bool settled = false;  // it has its connection or error, or has given up
  std::shared_ptr<ClientConnection> connection;
  std::optional<Error> error;
  CallTrace seen;

  bool settle(std::shared_ptr<ClientConnection> got, std::optional<Error> why) {
    if (settled) return false;
    settled = true;
    connection = std::move(got);
    error = std::move(why);
    wake.cancel();
    return true;
  }
};

Task<NetResult<std::shared_ptr<ClientConnection>>> Pool::get(Route route, SteadyTime deadline, CallTrace* trace) {
  if (std::chrono::steady_clock::now() >= deadline) co_return past_deadline();
  Host& host = hosts_[route.key];
  while (!host.idle.empty()) {
    auto connection = std::move(host.idle.back());
    host.idle.pop_back();
    if (connection->closed()) continue;
    connection->leave_idle();
    if (trace) {
      trace->reused = true;
      trace->peer = connection->peer();
      trace->tls = connection->tls();
    }
    co_return connection;
  }
  auto executor = co_await asio::this_coro::executor;
  auto want = std::make_shared<Want>(executor);
  host.wants.push_back(want);
  asio::co_spawn(executor, dial_for(shared_from_this(), std::move(route), want), asio::detached);
  if (!want->settled) {
    want->wake.expires_at(deadline);
    co_await want->wake.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  bool in_time = want->settled;
  want->settled = true;
  if (trace) {
    trace->reused = want->connection && want->connection->reused;
    trace->phase = want->seen.phase;
    trace->dialed = want->seen.dialed;
    trace->handshaken = want->seen.handshaken;
    trace->peer = want->connection ? want->connection->peer() : want->seen.peer;
    trace->tls = want->connection ? want->connection->tls() : want->seen.tls;
  }
  if (!in_time) co_return past_deadline();
  if (want->error) co_return Failure<Error>(std::move(*want->error));
  co_return want->connection;
}

Task<void> Pool::dial_for(std::shared_ptr<Pool> self, Route route, std::shared_ptr<Want> want) {
  std::string key = route.key;
  auto connection = co_await self->dial(std::move(route), want);
  if (auto host = self->hosts_.find(key); host != self->hosts_.end()) {
    std::erase(host->second.wants, want);
    if (host->second.idle.empty() && host->second.wants.empty()) self->hosts_.erase(host);
  }
  if (!connection) {
    want->settle(nullptr, std::move(connection).error());
  } else if (!want->settle(*connection, std::nullopt)) {
    co_await self->give_back(std::move(*connection));
  }
}

Task<NetResult<std::shared_ptr<ClientConnection>>> Pool::dial(Route route, std::shared_ptr<Want> want) {
  NetResult<std::unique_ptr<ByteStream>> stream;
  if (route.proxy) {
    want->seen.phase = Phase::proxy;
    stream = co_await dial_proxy(route, want);
  } else if (options_->dial) {
    stream = co_await options_->dial(route.host, route.port, from_now(tcp::kDialTimeout));
  } else {
    stream = co_await tcp::dial(route.host, route.port, from_now(tcp::kDialTimeout));
  }
  if (!stream) co_return fail_with(std::move(stream).error());
  want->seen.dialed = std::chrono::steady_clock::now();
  want->seen.peer = (*stream)->peer_address();
  if (route.tls) {
    stream = co_await shake_hands(std::move(*stream), route.host, want);
    if (!stream) co_return fail_with(std::move(stream).error());
    want->seen.handshaken = std::chrono::steady_clock::now();
  }
  want->seen.phase = Phase::write;
  co_return std::make_shared<ClientConnection>(std::move(*stream), route.key, want->seen.tls);
}

Task<NetResult<std::unique_ptr<ByteStream>>> Pool::shake_hands(std::unique_ptr<ByteStream> stream, std::string host,
                                                               std::shared_ptr<Want> want) {
  want->seen.phase = Phase::handshake;
  if (!options_->tls) co_return net_fail(ErrorKind::other, "unsupported protocol scheme \"https\"");
  auto deadline = from_now(options_->tls_handshake_timeout);
  stream->set_deadline(deadline);
  auto peer = std::make_shared<tls::PeerInfo>();
  want->seen.tls = peer;
  auto secure = co_await tls::connect(std::move(stream), *options_->tls, std::move(host), peer.get());
  if (!secure && secure.error().kind == ErrorKind::deadline_exceeded) {
    co_return net_fail(ErrorKind::tls_handshake_timeout, "net/http: TLS handshake timeout");
  }
  co_return secure;
}

// Connects to the proxy and, for an https target, asks it for a tunnel. A proxy that refuses is told by its bare reason
// phrase, as Go does.
Task<NetResult<std::unique_ptr<ByteStream>>> Pool::dial_proxy(Route route, std::shared_ptr<Want> want) {
  const url::Url& proxy = *route.proxy;
  auto address = split_host_port(canonical_address(proxy));
  if (!address) co_return net_fail(ErrorKind::proxy, "proxyconnect tcp: " + address.error().text);
  if (proxy.scheme != "http" && proxy.scheme != "https") {
    co_return net_fail(ErrorKind::proxy, "proxyconnect tcp: unsupported proxy scheme " + proxy.scheme);
  }
  auto wrapped = [](Error error) {
    return Failure<Error>(Error{error.kind, "proxyconnect tcp: " + std::move(error.text)});
  };
  auto dialer = options_->dial ? options_->dial : Dialer(tcp::dial);
  auto stream = co_await dialer(address->host, address->port, from_now(tcp::kDialTimeout));
  if (!stream) co_return wrapped(std::move(stream).error());
  if (proxy.scheme == "https") {
    stream = co_await shake_hands(std::move(*stream), address->host, want);
    if (!stream) co_return wrapped(std::move(stream).error());
    want->seen.phase = Phase::proxy;
  }
  if (!route.tls) co_return std::move(*stream);
  std::string target = join_host_port(route.host, route.port);
  std::string ask = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: Go-http-client/1.1\r\n";
  if (proxy.user) ask += proxy_authorization(*proxy.user);
  ask += "\r\n";
  (*stream)->set_deadline(from_now(kConnectTimeout));
  auto written = co_await (*stream)->write(ask);
  if (!written) co_return fail_with(std::move(written).error());
  Buffer in;
  auto head = co_await read_response_head(**stream, in, "CONNECT");
  if (!head) co_return fail_with(std::move(head).error());
  if (head->response.status != 200) {
    std::string reason = head->response.reason;
    co_return net_fail(ErrorKind::proxy, reason.empty() ? "unknown status code" : reason);
  }
  (*stream)->set_deadline(std::nullopt);
  co_return std::move(*stream);
}

Task<void> Pool::give_back(std::shared_ptr<ClientConnection> connection) {
  if (connection->closed()) co_return;
  connection->reused = true;
  Host& host = hosts_[connection->key()];
  while (!host.wants.empty()) {
    auto want = std::move(host.wants.front());
    host.wants.pop_front();
    if (want->settle(connection, std::nullopt)) co_return;
  }
  if (host.idle.size() >= options_->max_idle_per_host) {
    connection->close();
    co_return;
  }
  host.idle.push_back(connection);
  auto until = options_->idle_timeout.count() > 0 ? from_now(options_->idle_timeout) : SteadyTime::max();
  connection->watch_idle(co_await asio::this_coro::executor, until,
                         [weak = weak_from_this()](ClientConnection* closed) {
                           if (auto pool = weak.lock()) pool->forget(closed);
                         });
}

void Pool::forget(ClientConnection* connection) {
  auto host = hosts_.find(connection->key());
  if (host == hosts_.end()) return;
  std::erase_if(host->second.idle, [&](const auto& idle) { return idle.get() == connection; });
  if (host->second.idle.empty() && host->second.wants.empty()) hosts_.erase(host);
}

void Pool::close_idle() {
  for (auto& [key, host] : hosts_) {
    for (auto& connection : host.idle) connection->close();
    host.idle.clear();
  }
}

}  // namespace gatepost::net::http
