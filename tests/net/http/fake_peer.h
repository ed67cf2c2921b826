// A peer on a thread of its own that answers every request with given bytes and then does what it was told, whatever
// HTTP says. It speaks through plain sockets, so that nothing under test takes part.
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <charconv>
#include <chrono>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace gatepost::net::testing {

enum class End {
  close,  // after the bytes
  reset,  // a moment after the bytes
  hang,   // keeps the connection open and says nothing more
  keep,   // takes the next request
};

struct Answer {
  std::string bytes;
  End end = End::close;
};

class FakePeer {
 public:
  // `answer` is called on the peer's threads with each request and its number (0, 1, ...).
  explicit FakePeer(std::function<Answer(const std::string& request, int number)> answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~FakePeer() {
    stop_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& each : threads_) each.join();
    ::close(listener_);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }
  std::vector<std::string> requests() const {
    std::lock_guard lock(lock_);
    return requests_;
  }

 private:
  void accept_all() {
    while (!stop_) {
      int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) break;
      ++connections_;
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }

  bool read_more(int fd, std::string& into) {
    while (!stop_) {
      pollfd wait{fd, POLLIN, 0};
      if (::poll(&wait, 1, 5) <= 0) continue;
      char bytes[65536];
      ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
      if (got <= 0) return false;
      into.append(bytes, static_cast<std::size_t>(got));
      return true;
    }
    return false;
  }

  void serve(int fd) {
    std::string in;
    bool open = true;
    while (open && !stop_) {
      std::size_t head;
      while ((head = in.find("\r\n\r\n")) == std::string::npos && (open = read_more(fd, in))) {
      }
      if (!open) break;
      std::size_t length = 0, field = in.find("Content-Length: ");
      if (field < head) std::from_chars(in.data() + field + 16, in.data() + head, length);
      while (in.size() < head + 4 + length && (open = read_more(fd, in))) {
      }
      if (!open) break;
      std::string request = in.substr(0, head + 4 + length);
      in.erase(0, request.size());
      int number = 0;
      {
        std::lock_guard lock(lock_);
        number = static_cast<int>(requests_.size());
        requests_.push_back(request);
      }
      Answer answer = answer_(request, number);
      (void)!::send(fd, answer.bytes.data(), answer.bytes.size(), MSG_NOSIGNAL);
      if (answer.end == End::keep) continue;
      if (answer.end == End::hang) {
        while (read_more(fd, in)) {
        }
      }
      if (answer.end == End::reset) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // the bytes go first
        linger now{1, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      }
      open = false;
    }
    ::close(fd);
  }

  std::function<Answer(const std::string&, int)> answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<int> connections_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> threads_;
  mutable std::mutex lock_;
  std::vector<std::string> requests_;
};

}  // namespace gatepost::net::testing
