// TCP: streams, dialling and listening, with the error texts of Go's package net.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/stream.h"

namespace gatepost::net::tcp {

// Go's net.Dialer in client-go and http.DefaultTransport gives a dial 30 s.
inline constexpr std::chrono::seconds kDialTimeout{30};

// Connects to `host`:`port`. `host` is an IP address (without brackets) or a name, which is looked up; its addresses
// are tried in turn, and the first one's error is the one that is told ("dial tcp 10.0.0.1:443: connect: connection
// refused"). When `deadline` (or kDialTimeout) passes, the error is a dial_timeout with Go's text ("dial tcp
// 10.0.0.1:443: i/o timeout"); a caller with a deadline of its own words that itself.
Task<NetResult<std::unique_ptr<ByteStream>>> dial(std::string host, std::string port, SteadyTime deadline);

// A bound, listening socket. It can be made without a loop.
class Listener {
 public:
  // `address` is "127.0.0.1:6443", ":6443" or "[::1]:0". The error's text: "listen tcp 127.0.0.1:6443: bind: address
  // already in use".
  static NetResult<Listener> listen(std::string_view address);
  ~Listener();
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;

  std::string address() const;  // with the port really bound

  // The next connection, TCP_NODELAY set. After stop(): an error of kind canceled.
  Task<NetResult<std::unique_ptr<ByteStream>>> accept();
  // Ends a pending accept() and closes the socket.
  void stop();

 private:
  struct Core;
  explicit Listener(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace gatepost::net::tcp
