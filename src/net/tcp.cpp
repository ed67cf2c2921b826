#include "net/tcp.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/dns.h"
#include "net/go_text.h"
#include "net/host_port.h"

namespace gatepost::net::tcp {

namespace asio = boost::asio;
using Ip = asio::ip::address;
using Endpoint = asio::ip::tcp::endpoint;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

std::string endpoint_text(const Endpoint& endpoint) {
  Ip a = endpoint.address();
  if (a.is_v6() && a.to_v6().is_v4_mapped()) a = asio::ip::make_address_v4(asio::ip::v4_mapped, a.to_v6());
  return join_host_port(a.to_string(), std::to_string(endpoint.port()));
}

// A socket with one timer for its deadline. Shared with the timer's handler, which may run after the stream has gone.
struct Core : std::enable_shared_from_this<Core> {
  explicit Core(asio::ip::tcp::socket s) : socket(std::move(s)), timer(socket.get_executor()) {}

  asio::ip::tcp::socket socket;
  asio::steady_timer timer;
  SteadyTime deadline = SteadyTime::max();
  SteadyTime armed = SteadyTime::max();  // when the timer will fire; it is only moved when a deadline comes earlier
  bool closed = false;
  bool read_ended = false;  // the peer's end or an error was seen; as the system, later reads give the end

  bool expired() const { return deadline != SteadyTime::max() && std::chrono::steady_clock::now() >= deadline; }

  void set_deadline(std::optional<SteadyTime> at) {
    deadline = at.value_or(SteadyTime::max());
    if (deadline < armed && !closed) arm();
  }

  void arm() {
    armed = deadline;
    timer.expires_at(armed);
    timer.async_wait([weak = weak_from_this()](error_code error) {
      if (error) return;
      if (auto core = weak.lock()) core->on_timer();
    });
  }

  void on_timer() {
    armed = SteadyTime::max();
    if (closed || deadline == SteadyTime::max()) return;
    if (!expired()) return arm();
    error_code ignored;
    socket.cancel(ignored);
  }

  void close() {
    if (closed) return;
    closed = true;
    timer.cancel();
    error_code ignored;
    socket.close(ignored);
  }
};

class TcpStream final : public ByteStream {
 public:
  explicit TcpStream(std::shared_ptr<Core> core) : core_(std::move(core)) {
    error_code ignored;
    core_->socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    core_->socket.non_blocking(true, ignored);
    local_ = endpoint_text(core_->socket.local_endpoint(ignored));
    peer_ = endpoint_text(core_->socket.remote_endpoint(ignored));
  }
  ~TcpStream() override { core_->close(); }

  Task<NetResult<std::size_t>> read_some(std::span<char> into) override {
    auto core = core_;
    if (core->closed) co_return failure("read", ECANCELED);
    if (core->expired()) co_return timed_out();
    if (core->read_ended) co_return 0;
    auto [error, size] = co_await core->socket.async_read_some(asio::buffer(into.data(), into.size()), kAwait);
    if (!error) co_return size;
    if (error == asio::error::operation_aborted && !core->closed && core->expired()) co_return timed_out();
    core->read_ended = true;
    if (error == asio::error::eof) co_return 0;
    co_return failure("read", core->closed ? ECANCELED : error.value());
  }

  Task<NetResult<void>> write(std::string_view bytes) override {
    auto core = core_;
    while (!bytes.empty()) {
      if (core->closed) co_return failure("write", ECANCELED);
      if (core->expired()) co_return timed_out();
      ssize_t sent = ::send(core->socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) co_return failure("write", errno);
      auto [error] = co_await core->socket.async_wait(asio::ip::tcp::socket::wait_write, kAwait);
      if (!error) continue;
      if (error == asio::error::operation_aborted && !core->closed && core->expired()) co_return timed_out();
      co_return failure("write", core->closed ? ECANCELED : error.value());
    }
    co_return NetResult<void>();
  }

  void set_deadline(std::optional<SteadyTime> deadline) override { core_->set_deadline(deadline); }

  void end_write() override {
    error_code ignored;
    core_->socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }

  void close() override { core_->close(); }
  std::string local_address() const override { return local_; }
  std::string peer_address() const override { return peer_; }

 private:
  static Failure<Error> timed_out() { return net_fail(ErrorKind::deadline_exceeded, "context deadline exceeded"); }

  // "read tcp A->B: read: connection reset by peer"
  Failure<Error> failure(std::string_view operation, int error) const {
    std::string text = std::string(operation) + " tcp " + local_ + "->" + peer_ + ": ";
    if (error == ECANCELED) return net_fail(ErrorKind::canceled, text + "use of closed network connection");
    return net_fail(errno_kind(error), text + std::string(operation) + ": " + errno_text(error));
  }

  std::shared_ptr<Core> core_;
  std::string local_, peer_;
};

Failure<Error> dial_failure(const Endpoint& to, int error) {
  return net_fail(errno_kind(error), "dial tcp " + endpoint_text(to) + ": connect: " + errno_text(error));
}

Task<NetResult<std::unique_ptr<ByteStream>>> connect(Endpoint to, SteadyTime deadline) {
  auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::socket socket(executor);
  error_code error;
  socket.open(to.protocol(), error);
  if (error) {
    co_return net_fail(errno_kind(error.value()),
                       "dial tcp " + endpoint_text(to) + ": socket: " + errno_text(error.value()));
  }
  auto core = std::make_shared<Core>(std::move(socket));
  core->set_deadline(deadline);
  std::tie(error) = co_await core->socket.async_connect(to, kAwait);
  if (error == asio::error::operation_aborted || (error && core->expired())) {
    co_return net_fail(ErrorKind::dial_timeout, "dial tcp " + endpoint_text(to) + ": i/o timeout");
  }
  if (error) co_return dial_failure(to, error.value());
  core->set_deadline(std::nullopt);
  co_return std::make_unique<TcpStream>(std::move(core));
}

// As Go's dialer shares what is left of the time among the addresses still to try: evenly, but at least 2 s each.
SteadyTime share(SteadyTime now, SteadyTime deadline, std::size_t addresses_left) {
  auto left = deadline - now;
  auto each = left / static_cast<long>(addresses_left);
  auto least = std::min<SteadyTime::duration>(std::chrono::seconds(2), left);
  return now + std::max<SteadyTime::duration>(each, least);
}

}  // namespace

Task<NetResult<std::unique_ptr<ByteStream>>> dial(std::string host, std::string port, SteadyTime deadline) {
  deadline = std::min(deadline, std::chrono::steady_clock::now() + kDialTimeout);
  auto found = co_await dns::resolve(host, port, deadline);
  if (!found) {
    found.error().text = "dial tcp: " + found.error().text;
    co_return fail_with(std::move(found).error());
  }
  std::optional<Error> first;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const dns::Address& a = (*found)[i];
    Endpoint to(asio::ip::make_address(a.ip), a.port);
    auto now = std::chrono::steady_clock::now();
    if (now >= deadline && first) break;
    auto stream = co_await connect(to, share(now, std::max(now, deadline), found->size() - i));
    if (stream) co_return std::move(*stream);
    if (!first) first = std::move(stream).error();
  }
  co_return Failure<Error>(std::move(*first));
}

struct Listener::Core {
  int fd = -1;
  std::string address;
  std::unique_ptr<asio::ip::tcp::acceptor> acceptor;
  asio::ip::tcp protocol = asio::ip::tcp::v4();
  bool stopped = false;

  ~Core() {
    if (!acceptor && fd >= 0) ::close(fd);
  }
};

Listener::Listener(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Listener::~Listener() = default;
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;

NetResult<Listener> Listener::listen(std::string_view where) {
  auto refuse = [&](std::string why) {
    return net_fail(ErrorKind::other, "listen tcp " + std::string(where) + ": " + std::move(why));
  };
  auto parts = split_host_port(where);
  if (!parts) return net_fail(ErrorKind::other, "listen tcp: " + parts.error().text);
  auto port = dns::port_number(parts->port);
  if (!port) return net_fail(ErrorKind::other, "listen tcp: " + port.error().text);
  error_code error;
  Ip ip = Ip(asio::ip::address_v6::any());
  if (parts->host == "localhost") {
    ip = asio::ip::address_v4::loopback();
  } else if (!parts->host.empty()) {
    ip = asio::ip::make_address(parts->host, error);
    if (error) return net_fail(ErrorKind::dns, "listen tcp: lookup " + parts->host + ": not an IP address");
  }
  auto core = std::make_unique<Core>();
  auto open = [&](Ip a) {
    core->protocol = a.is_v6() ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
    return core->fd = ::socket(core->protocol.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  };
  if (open(ip) < 0 && parts->host.empty()) open(ip = asio::ip::address_v4::any());  // a machine without IPv6
  if (core->fd < 0) return refuse("socket: " + errno_text(errno));
  int on = 1, off = 0;
  ::setsockopt(core->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (parts->host.empty() && ip.is_v6()) ::setsockopt(core->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  Endpoint endpoint(ip, *port);
  if (::bind(core->fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    return refuse("bind: " + errno_text(errno));
  }
  if (::listen(core->fd, SOMAXCONN) != 0) return refuse("listen: " + errno_text(errno));
  Endpoint bound;
  socklen_t size = static_cast<socklen_t>(bound.capacity());
  ::getsockname(core->fd, bound.data(), &size);
  bound.resize(size);
  core->address = endpoint_text(bound);
  return Listener(std::move(core));
}

std::string Listener::address() const {
  return core_->address;
}

Task<NetResult<std::unique_ptr<ByteStream>>> Listener::accept() {
  auto executor = co_await asio::this_coro::executor;
  Core& core = *core_;
  if (!core.stopped && !core.acceptor) {
    core.acceptor = std::make_unique<asio::ip::tcp::acceptor>(executor, core.protocol, core.fd);
  }
  while (!core.stopped) {
    auto [error, socket] = co_await core.acceptor->async_accept(kAwait);
    if (!error) co_return std::make_unique<TcpStream>(std::make_shared<tcp::Core>(std::move(socket)));
    if (core.stopped || error == asio::error::operation_aborted) break;
    if (error == asio::error::connection_aborted) continue;
    // No descriptors or memory left: wait until some connection has ended.
    asio::steady_timer pause(executor, std::chrono::milliseconds(20));
    co_await pause.async_wait(kAwait);
  }
  co_return net_fail(ErrorKind::canceled, "accept tcp " + core.address + ": use of closed network connection");
}

void Listener::stop() {
  core_->stopped = true;
  error_code ignored;
  if (core_->acceptor) {
    core_->acceptor->close(ignored);
  } else if (core_->fd >= 0) {
    ::close(core_->fd);
    core_->fd = -1;
  }
}

}  // namespace gatepost::net::tcp
