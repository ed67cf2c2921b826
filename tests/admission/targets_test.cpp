// The clients that webhooks are called with.
#include "admission/targets.h"

#include <gtest/gtest.h>

#include "net/http/fake_peer.h"
#include "net/loop.h"

namespace gatepost::admission {
namespace {

net::Task<void> call(std::shared_ptr<net::http::Client> client, std::string url, int* open) {
  net::http::Request request{"POST", "", {}, "body"};
  auto answer =
      co_await client->call(url, std::move(request), std::chrono::steady_clock::now() + std::chrono::seconds(5));
  EXPECT_TRUE(answer) << (answer ? "" : answer.error().text);
  --*open;
}

net::Task<void> until_none(const int* open) {
  while (*open > 0) co_await net::sleep_for(std::chrono::milliseconds(1));
}

// Twelve requests that each call five webhooks of one backend are sixty calls at once. Were some of their connections
// closed for lack of room, every further round would pay a dial and a handshake for each of those.
TEST(Targets, KeepTheConnectionsOfManyCallsAtOnce) {
  constexpr int calls = 60;
  net::testing::FakePeer peer([](const std::string&, int) {
    return net::testing::Answer{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", net::testing::End::keep};
  });
  net::Loop loop;
  auto store = storage::open({.directory = ":memory:"});
  ASSERT_TRUE(store);
  ServiceResolver resolver(**store, "");
  TargetCache targets(resolver, {});
  ClientConfig config;
  config.url = "http://" + peer.address() + "/hook";
  const Target::Handle target = targets.get(config);
  ASSERT_EQ(target->problem, "");
  const auto round = [&] {
    int open = calls;
    for (int i = 0; i < calls; ++i) loop.spawn(call(target->client, target->url, &open));
    loop.run(until_none(&open));
  };
  round();
  const int after_one = peer.connections();
  EXPECT_LE(after_one, calls);
  round();
  round();
  EXPECT_EQ(peer.connections(), after_one);
}

}  // namespace
}  // namespace gatepost::admission
