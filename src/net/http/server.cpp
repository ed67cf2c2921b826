#include "net/http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "net/http/server_connection.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace gatepost::net::http {
namespace {

class TcpServer final : public Server {
 public:
  TcpServer(tcp::Listener listener, ServerOptions options, Handler handler)
      : listener_(std::move(listener)), shared_(std::make_shared<ServerShared>()) {
    shared_->options = std::move(options);
    shared_->handler = std::move(handler);
  }

  std::string address() const override { return listener_.address(); }
  std::size_t connections() const override { return shared_->open.size(); }

  Task<void> run() override {
    auto executor = co_await boost::asio::this_coro::executor;
    auto shared = shared_;
    while (!shared->stopping) {
      auto stream = co_await listener_.accept();
      if (!stream) break;
      auto connection = std::make_shared<ServerConnection>(shared, std::move(*stream));
      boost::asio::co_spawn(executor, ServerConnection::run(std::move(connection)), boost::asio::detached);
    }
    auto until = std::chrono::steady_clock::now() + shared->options.drain_timeout;
    while (!shared->open.empty() && std::chrono::steady_clock::now() < until) {
      co_await sleep_for(std::chrono::milliseconds(2));
    }
  }

  void stop() override {
    if (shared_->stopping) return;
    shared_->stopping = true;
    listener_.stop();
    auto open = shared_->open;  // stopping one may end it
    for (ServerConnection* connection : open) {
      if (shared_->open.contains(connection)) connection->stop();
    }
  }

 private:
  tcp::Listener listener_;
  std::shared_ptr<ServerShared> shared_;
};

}  // namespace

NetResult<std::unique_ptr<Server>> Server::listen(ServerOptions options, Handler handler) {
  auto listener = tcp::Listener::listen(options.address);
  if (!listener) return fail_with(std::move(listener).error());
  return std::make_unique<TcpServer>(std::move(*listener), std::move(options), std::move(handler));
}

}  // namespace gatepost::net::http
