#include "net/dns.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <cstring>
#include <fstream>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>

#include "net/blocking.h"
#include "net/host_port.h"

namespace gatepost::net::dns {

namespace asio = boost::asio;

namespace {

struct Answer {
  int code = 0;
  std::vector<std::string> ips;
  bool done = false;
};

void look_up(const std::string& host, Answer& answer) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  answer.code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  for (addrinfo* at = list; at != nullptr; at = at->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (at->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), at->ai_addr, at->ai_addrlen);
    answer.ips.push_back(endpoint.address().to_string());
  }
  if (list) ::freeaddrinfo(list);
}

std::string server_asked() {
  std::ifstream file("/etc/resolv.conf");
  std::stringstream text;
  text << file.rdbuf();
  return first_nameserver(text.str());
}

Failure<Error> refuse(const std::string& host, int code) {
  std::string where = "lookup " + host;
  if (!is_domain_name(host)) return net_fail(ErrorKind::dns, where + ": no such host");
  where += " on " + server_asked();
  if (code == EAI_AGAIN) return net_fail(ErrorKind::dns, where + ": server misbehaving");
  return net_fail(ErrorKind::dns, where + ": no such host");
}

// Waits for the answer and then ends the caller's wait.
Task<void> look_up_beside(std::string host, std::shared_ptr<Answer> answer, std::weak_ptr<asio::steady_timer> wake) {
  co_await run_blocking([host, answer] { look_up(host, *answer); });
  answer->done = true;
  if (auto timer = wake.lock()) timer->cancel();
}

}  // namespace

Task<NetResult<std::vector<Address>>> resolve(std::string host, std::string port, SteadyTime deadline) {
  auto number = port_number(port);
  if (!number) co_return fail_with(std::move(number).error());
  std::vector<Address> out;
  boost::system::error_code error;
  auto literal = asio::ip::make_address(host, error);
  if (!error) {
    out.push_back({literal.to_string(), *number});
    co_return out;
  }
  if (host.empty()) {  // Go dials the local system
    out.push_back({"127.0.0.1", *number});
    co_return out;
  }
  auto executor = co_await asio::this_coro::executor;
  auto answer = std::make_shared<Answer>();
  auto wake = std::make_shared<asio::steady_timer>(executor, deadline);
  asio::co_spawn(executor, look_up_beside(host, answer, wake), asio::detached);
  if (!answer->done) co_await wake->async_wait(asio::as_tuple(asio::use_awaitable));
  if (!answer->done) co_return net_fail(ErrorKind::dial_timeout, "lookup " + host + ": i/o timeout");
  if (answer->ips.empty()) co_return refuse(host, answer->code);
  for (std::string& ip : answer->ips) out.push_back({std::move(ip), *number});
  co_return out;
}

NetResult<std::uint16_t> port_number(std::string_view port) {
  unsigned number = 0;
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error == std::errc() && end == port.data() + port.size()) {
    if (number <= 65535) return static_cast<std::uint16_t>(number);
    return net_fail(ErrorKind::other, "address " + std::string(port) + ": invalid port");
  }
  if (port.empty()) return std::uint16_t{0};
  if (port == "http") return std::uint16_t{80};
  if (port == "https") return std::uint16_t{443};
  return net_fail(ErrorKind::dns, "lookup tcp/" + std::string(port) + ": unknown port");
}

std::string first_nameserver(std::string_view text) {
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    constexpr std::string_view kWord = "nameserver";
    if (!line.starts_with(kWord)) continue;
    line.remove_prefix(kWord.size());
    std::size_t from = line.find_first_not_of(" \t");
    if (from == 0 || from == std::string_view::npos) continue;
    line = line.substr(from, line.find_first_of(" \t\r#;", from) - from);
    boost::system::error_code error;
    asio::ip::make_address(line, error);
    if (!error) return join_host_port(line, "53");
  }
  return "127.0.0.1:53";
}

bool is_domain_name(std::string_view name) {
  if (name == ".") return true;
  if (name.empty() || name.size() > 254 || (name.size() == 254 && name.back() != '.')) return false;
  char last = '.';
  bool non_numeric = false;
  std::size_t part = 0;
  for (char c : name) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') {
      non_numeric = true;
      ++part;
    } else if (c >= '0' && c <= '9') {
      ++part;
    } else if (c == '-') {
      if (last == '.') return false;
      ++part;
      non_numeric = true;
    } else if (c == '.') {
      if (last == '.' || last == '-') return false;
      if (part > 63 || part == 0) return false;
      part = 0;
    } else {
      return false;
    }
    last = c;
  }
  return last != '-' && part <= 63 && non_numeric;
}

}  // namespace gatepost::net::dns
