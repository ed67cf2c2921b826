// A server on a thread of its own, for tests whose client blocks.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "net/http/server.h"
#include "net/loop.h"

namespace gatepost::net::testing {

class ServerThread {
 public:
  ServerThread(http::ServerOptions options, http::Handler handler) {
    auto made = http::Server::listen(std::move(options), std::move(handler));
    if (!made) throw std::runtime_error(made.error().text);
    server_ = std::move(*made);
    thread_ = std::thread([this] { loop_.run(server_->run()); });
  }
  ~ServerThread() { stop(); }

  void stop() {
    if (!thread_.joinable()) return;
    loop_.post([this] { server_->stop(); });
    thread_.join();
  }
  std::string address() const { return server_->address(); }
  std::size_t connections() {
    std::promise<std::size_t> count;
    loop_.post([&] { count.set_value(server_->connections()); });
    return count.get_future().get();
  }
  Loop& loop() { return loop_; }

 private:
  Loop loop_;
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

}  // namespace gatepost::net::testing
