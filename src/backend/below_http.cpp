#include "backend/below_http.h"

#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/host_port.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace gatepost::backend {
namespace {

constexpr auto until_hello_is_there = std::chrono::milliseconds(50);
constexpr auto longest_silence = std::chrono::minutes(10);

// Reads until the client closes, so that closing our side sends no reset.
net::Task<void> drain(net::ByteStream* stream) {
  char buffer[4096];
  for (;;) {
    auto got = co_await stream->read_some(buffer);
    if (!got || *got == 0) co_return;
  }
}

net::Task<void> fail_connection(std::unique_ptr<net::ByteStream> stream, const Fault* fault) {
  char buffer[4096];
  switch (fault->level) {
    case Level::tcp_reset:  // closed with bytes unread, a connection is reset
      co_await net::sleep_for(until_hello_is_there);
      break;
    case Level::tcp_eof:
      (void)co_await stream->read_some(buffer);
      stream->end_write();
      co_await drain(stream.get());
      break;
    case Level::tcp_text:
      (void)co_await stream->read_some(buffer);
      (void)co_await stream->write(fault->body);
      stream->end_write();
      co_await drain(stream.get());
      break;
    default:
      co_await net::sleep_for(longest_silence);
  }
  stream->close();
}

net::Task<void> accept_and_fail(net::tcp::Listener* listener, const Fault* fault) {
  for (;;) {
    auto stream = co_await listener->accept();
    if (!stream) co_return;
    co_await net::spawn(fail_connection(std::move(*stream), fault));
  }
}

// A socket that is bound and does not listen: connections are refused, and nobody else gets the port.
class HeldPort {
 public:
  explicit HeldPort(const std::string& address) {
    auto parts = net::split_host_port(address);
    if (!parts) return;
    std::uint16_t port = 0;
    std::from_chars(parts->port.data(), parts->port.data() + parts->port.size(), port);
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (inet_pton(AF_INET, parts->host.c_str(), &v4.sin_addr) == 1) {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      hold(AF_INET, reinterpret_cast<sockaddr*>(&v4), sizeof v4);
    } else if (inet_pton(AF_INET6, parts->host.c_str(), &v6.sin6_addr) == 1) {
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      hold(AF_INET6, reinterpret_cast<sockaddr*>(&v6), sizeof v6);
    }
  }
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;
  ~HeldPort() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  void hold(int family, const sockaddr* address, socklen_t size) {
    fd_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (fd_ >= 0) setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd_ >= 0) (void)!::bind(fd_, address, size);  // best effort: the port was free a moment ago
  }

  int fd_ = -1;
};

}  // namespace

bool fails_below_http(Level level) {
  return level == Level::refused || level == Level::tcp_reset || level == Level::tcp_eof ||
         level == Level::tcp_silent || level == Level::tcp_text;
}

net::Task<Result<void>> serve_below_http(std::string address, const Fault* fault, net::Task<void> stop,
                                         std::function<Result<void>(const std::string&)> ready) {
  auto listener = net::tcp::Listener::listen(address);
  if (!listener) co_return fail(listener.error().text);
  const std::string bound = listener->address();
  if (fault->level == Level::refused) {
    listener->stop();
    HeldPort held(bound);
    if (auto told = ready(bound); !told) co_return told;
    co_await std::move(stop);
    co_return Result<void>{};
  }
  if (auto told = ready(bound); !told) co_return told;
  co_await net::spawn(accept_and_fail(&*listener, fault));
  co_await std::move(stop);
  listener->stop();
  co_await net::yield();
  co_return Result<void>{};
}

}  // namespace gatepost::backend
