// What a server does over time: limits, slow and vanished clients, streamed answers, stopping.
#include "net/http/server.h"

#include <atomic>
#include <gtest/gtest.h>

#include "net/event.h"
#include "net/http/client.h"
#include "net/http/raw_client.h"
#include "net/http/server_fixture.h"

namespace gatepost::net::http {
namespace {

using std::chrono::milliseconds;
using testing::RawClient;
using testing::ServerThread;

Task<void> echo(Request& request, const Peer&, ResponseWriter& writer) {
  co_await writer.send(200, {}, request.body);
}

std::string post(std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

ServerOptions quick() {
  ServerOptions options;
  options.header_timeout = milliseconds(60);
  options.body_timeout = milliseconds(60);
  options.idle_timeout = milliseconds(60);
  options.write_timeout = milliseconds(60);
  return options;
}

TEST(Server, NamesTheAddressItCannotTake) {
  ServerThread first({}, echo);
  ServerOptions options;
  options.address = first.address();
  auto second = Server::listen(options, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text, "listen tcp " + first.address() + ": bind: address already in use");
}

TEST(Server, ClosesClientsThatAreTooSlow) {
  for (std::string_view bytes :
       {"", "GET", "GET / HTTP/1.1\r\nHost: h\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    ServerThread server(quick(), echo);
    RawClient client(server.address());
    client.write(bytes);
    auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(client.read(), "") << bytes;
    auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GT(took, milliseconds(40)) << bytes;
    EXPECT_LT(took, milliseconds(1000)) << bytes;
  }
}

TEST(Server, ADribblingHeadDoesNotMoveItsTime) {
  ServerThread server(quick(), echo);
  RawClient client(server.address());
  std::thread dribble([&] {
    for (int i = 0; i < 30; ++i) {
      client.write(i == 0 ? "GET / HTTP/1.1\r\n" : "A: b\r\n");
      std::this_thread::sleep_for(milliseconds(10));
    }
  });
  auto begin = std::chrono::steady_clock::now();
  (void)client.read();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(200));
  dribble.join();
}

TEST(Server, ALongHandlerIsNotTimedOut) {
  ServerThread server(quick(), [](Request&, const Peer&, ResponseWriter& writer) -> Task<void> {
    co_await sleep_for(milliseconds(150));
    co_await writer.send(200, {}, "late");
  });
  RawClient client(server.address());
  client.write(post("x"));
  EXPECT_TRUE(client.read().ends_with("\r\n\r\nlate"));
}

TEST(Server, RefusesBodiesBeyondTheLimit) {
  ServerOptions options;
  options.max_body_bytes = 10;
  options.too_large = [] { return Response{413, "", {{"Content-Type", "application/json"}}, "{\"code\":413}"}; };
  const std::string kRequests[] = {
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n12345678901",
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n",
  };
  for (const std::string& request : kRequests) {
    ServerThread server(options, echo);
    RawClient client(server.address());
    client.write(request);
    client.end();
    std::string answer = client.read();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 Request Entity Too Large\r\n")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("{\"code\":413}"));
  }
  ServerThread server(options, echo);
  RawClient client(server.address());
  client.write(post("1234567890"));
  EXPECT_TRUE(client.read("1234567890").starts_with("HTTP/1.1 200"));
}

TEST(Server, ReadsLargeBodiesAndWritesLargeAnswers) {
  ServerThread server({}, echo);
  std::string body(2u << 20, 'b');
  for (int i = 0; i < 3; ++i) body[static_cast<std::size_t>(i) * 700001] = static_cast<char>('0' + i);
  Loop loop;
  auto client = Client::make({});
  for (int i = 0; i < 2; ++i) {
    auto answer = loop.run(client->call("http://" + server.address() + "/", {"POST", "", {}, body},
                                        std::chrono::steady_clock::now() + milliseconds(3000)));
    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_TRUE(answer->body == body);
  }
}

TEST(Server, GivesUpOnAClientThatDoesNotRead) {
  std::atomic<bool> failed = false;
  ServerThread server(quick(), [&](Request&, const Peer&, ResponseWriter& writer) -> Task<void> {
    return [](ResponseWriter* to, std::atomic<bool>* told) -> Task<void> {
      std::string large(64u << 20, 'x');
      auto sent = co_await to->send(200, {}, large);
      *told = !sent && sent.error().kind == ErrorKind::deadline_exceeded;
    }(&writer, &failed);
  });
  RawClient client(server.address());
  client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  for (int i = 0; i < 100 && !failed; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(failed);
}

// A watch: pieces until the client goes.
struct Watch {
  Event wake;
  std::atomic<int> told = 0;
  std::atomic<bool> ended = false;
};

Handler watching(Watch* watch) {
  return [watch](Request&, const Peer&, ResponseWriter& writer) -> Task<void> {
    return [](ResponseWriter* to, Watch* state) -> Task<void> {
      to->on_client_gone([state] {
        ++state->told;
        state->wake.fire();
      });
      (void)co_await to->start(200, {{"Content-Type", "application/json"}});
      (void)co_await to->write("one\n");
      (void)co_await to->write("two\n");
      while (!to->client_gone()) co_await state->wake.wait();
      auto after = co_await to->write("three\n");
      state->ended = !after;
    }(&writer, watch);
  };
}

void expect_soon(const std::atomic<bool>& flag) {
  for (int i = 0; i < 200 && !flag; ++i) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_TRUE(flag);
}

TEST(Server, StreamsPiecesAndNoticesThatTheClientHasGone) {
  for (bool reset : {false, true}) {
    Watch watch;
    ServerThread server(quick(), watching(&watch));
    {
      RawClient client(server.address());
      client.write("GET /watch HTTP/1.1\r\nHost: h\r\n\r\n");
      std::string answer = client.read("two\n\r\n");
      EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
      EXPECT_TRUE(answer.ends_with("\r\n\r\n4\r\none\n\r\n4\r\ntwo\n\r\n")) << answer;
      std::this_thread::sleep_for(milliseconds(80));  // longer than every limit: a watch may wait
      EXPECT_EQ(watch.told, 0);
      if (reset) client.reset();
    }
    expect_soon(watch.ended);
    EXPECT_EQ(watch.told, 1);
  }
}

TEST(Server, StopEndsStreamsAndIdleConnectionsAtOnce) {
  Watch watch;
  ServerThread server({}, watching(&watch));
  RawClient streaming(server.address()), idle(server.address());
  streaming.write("GET /watch HTTP/1.1\r\nHost: h\r\n\r\n");
  (void)streaming.read("two\n");
  auto begin = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(1000));
  EXPECT_EQ(watch.told, 1);
  EXPECT_EQ(idle.read(), "");
  EXPECT_FALSE(RawClient(server.address()).connected());
}

TEST(Server, StopLetsAnAnswerUnderWayEnd) {
  ServerThread server({}, [](Request&, const Peer&, ResponseWriter& writer) -> Task<void> {
    co_await sleep_for(milliseconds(60));
    co_await writer.send(200, {}, "done");
  });
  RawClient client(server.address());
  client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(20));
  server.stop();
  std::string answer = client.read();
  EXPECT_TRUE(answer.ends_with("done")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST(Server, AStreamThatEndsLetsTheConnectionLive) {
  ServerThread server({}, [](Request& request, const Peer&, ResponseWriter& writer) -> Task<void> {
    (void)co_await writer.start(200, {});
    (void)co_await writer.write(request.target);
  });
  RawClient client(server.address());
  client.write("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.read("0\r\n\r\n").ends_with("2\r\n/1\r\n0\r\n\r\n"));
  client.write("GET /22 HTTP/1.1\r\nHost: h\r\n\r\nGET /333 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.read("4\r\n/333\r\n0\r\n\r\n").ends_with("4\r\n/333\r\n0\r\n\r\n"));
  RawClient old(server.address());
  old.write("GET /1 HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.read().ends_with("\r\n\r\n/1"));  // no chunks before HTTP/1.1
}

TEST(Server, AHandlerMayTakeTheStreamOver) {
  ServerThread server({}, [](Request&, const Peer&, ResponseWriter& writer) -> Task<void> {
    std::string already;
    auto stream = writer.hijack(&already);
    (void)co_await stream->write("HTTP/1.1 101 Switching Protocols\r\n\r\n" + already);
    char bytes[16];
    auto got = co_await stream->read_some(bytes);
    (void)co_await stream->write(std::string_view(bytes, *got));
  });
  RawClient client(server.address());
  client.write("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\nearly");
  EXPECT_TRUE(client.read("early").ends_with("\r\n\r\nearly"));
  client.write("late");
  EXPECT_EQ(client.read(), "late");
}

TEST(Server, AThrowingHandlerEndsItsConnectionOnly) {
  ServerThread server({}, [](Request& request, const Peer&, ResponseWriter& writer) -> Task<void> {
    if (request.target == "/bad") throw std::runtime_error("broken invariant");
    co_await writer.send(200, {}, "ok");
  });
  RawClient bad(server.address()), good(server.address());
  bad.write("GET /bad HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(bad.read(), "");
  good.write("GET /good HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(good.read("ok").ends_with("ok"));
}

TEST(Server, ForgetsConnectionsThatEnded) {
  ServerThread server({}, echo);
  {
    RawClient one(server.address()), two(server.address());
    one.write(post("1"));
    two.write(post("2"));
    (void)one.read("\r\n\r\n1");
    (void)two.read("\r\n\r\n2");
    EXPECT_EQ(server.connections(), 2u);
  }
  for (int i = 0; i < 100 && server.connections() > 0; ++i) std::this_thread::sleep_for(milliseconds(2));
  EXPECT_EQ(server.connections(), 0u);
}

TEST(Client, OpensAStreamAndClosesIt) {
  Watch watch;
  ServerThread server({}, watching(&watch));
  Loop loop;
  auto client = Client::make({});
  auto deadline = std::chrono::steady_clock::now() + milliseconds(2000);
  {
    auto opened = loop.run(client->open("http://" + server.address() + "/watch", {"GET"}, deadline));
    ASSERT_TRUE(opened) << opened.error().text;
    EXPECT_EQ(opened->head.status, 200);
    std::string all;
    while (all.size() < 8) {
      auto piece = loop.run(opened->read());
      ASSERT_TRUE(piece);
      all += *piece;
    }
    EXPECT_EQ(all, "one\ntwo\n");
    opened->set_deadline(std::chrono::steady_clock::now() + milliseconds(10));
    auto late = loop.run(opened->read());
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().text, "context deadline exceeded");
  }
  expect_soon(watch.ended);
}

}  // namespace
}  // namespace gatepost::net::http
