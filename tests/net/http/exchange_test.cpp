// Client and server against each other, over plain TCP.
#include <gtest/gtest.h>

#include "net/http/client.h"
#include "net/http/server.h"
#include "net/loop.h"

namespace gatepost::net::http {
namespace {

SteadyTime in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

Task<void> echo(Request& request, const Peer&, ResponseWriter& writer) {
  std::string text = request.method + " " + request.target + " " + request.body;
  co_await writer.send(200, {{"Content-Type", "text/plain"}, {"X-Host", request.headers.get("Host")}}, text);
}

struct Pair {
  Loop loop;
  std::unique_ptr<Server> server;
  std::shared_ptr<Client> client;
  std::string base;

  explicit Pair(Handler handler, ServerOptions options = {}, ClientOptions client_options = {}) {
    auto made = Server::listen(std::move(options), std::move(handler));
    EXPECT_TRUE(made) << made.error().text;
    server = std::move(*made);
    base = "http://" + server->address();
    loop.spawn(server->run());
    client = Client::make(std::move(client_options));
  }
  ~Pair() {
    client.reset();
    server->stop();
    loop.run(sleep_for(std::chrono::milliseconds(1)));
  }
  NetResult<Response> call(std::string path, Request request, CallTrace* trace = nullptr) {
    return loop.run(client->call(base + path, std::move(request), in(std::chrono::seconds(5)), trace));
  }
};

TEST(Exchange, CarriesMethodTargetBodyAndFields) {
  Pair pair(echo);
  auto answer = pair.call("/a%2Fb?x=1", {"POST", "", {{"Host", "name.example"}}, "body"});
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->reason, "OK");
  EXPECT_EQ(answer->body, "POST /a%2Fb?x=1 body");
  EXPECT_EQ(answer->headers.get("x-host"), "name.example");
  EXPECT_TRUE(answer->headers.has("Date"));
}

TEST(Exchange, KeepsTheConnection) {
  Pair pair(echo);
  CallTrace first, second;
  ASSERT_TRUE(pair.call("/1", {"GET"}, &first));
  ASSERT_TRUE(pair.call("/2", {"POST", "", {}, "x"}, &second));
  EXPECT_FALSE(first.reused);
  EXPECT_TRUE(second.reused);
  EXPECT_EQ(pair.server->connections(), 1u);
}

}  // namespace
}  // namespace gatepost::net::http
