// Which connection a request goes out on, and when it is sent again: Go's http.Transport is the model.
#include <algorithm>
#include <gtest/gtest.h>

#include "net/http/client.h"
#include "net/http/fake_peer.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace gatepost::net::http {
namespace {

using testing::Answer;
using testing::End;
using testing::FakePeer;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

SteadyTime in(int milliseconds) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
}

struct Fixture {
  Loop loop;
  std::shared_ptr<Client> client;
  explicit Fixture(ClientOptions options = {}) : client(Client::make(std::move(options))) {}

  NetResult<Response> call(const FakePeer& peer, std::string method, CallTrace* trace = nullptr, int timeout = 3000,
                           Headers headers = {}) {
    Request request{method, "", std::move(headers), method == "POST" ? "body" : ""};
    return loop.run(client->call("http://" + peer.address() + "/x", std::move(request), in(timeout), trace));
  }
  void settle() { loop.run(sleep_for(std::chrono::milliseconds(15))); }
};

Task<void> call_into(std::shared_ptr<Client> client, std::string url, int timeout, std::vector<std::string>* into,
                     std::string method = "POST") {
  Request request{method, "", {}, "body"};
  auto answer = co_await client->call(url, std::move(request), in(timeout));
  into->push_back(answer ? answer->body : answer.error().text);
}

Task<void> until(const std::vector<std::string>* list, std::size_t size) {
  while (list->size() < size) co_await sleep_for(std::chrono::milliseconds(1));
}

TEST(Pool, UsesAConnectionAgainAfterEveryBodyThatEnds) {
  const std::string kBodies[] = {
      kOk,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
      "HTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
  };
  for (const std::string& body : kBodies) {
    FakePeer peer([&](const std::string&, int) { return Answer{body, End::keep}; });
    Fixture f;
    ASSERT_TRUE(f.call(peer, "POST"));
    ASSERT_TRUE(f.call(peer, "POST"));
    EXPECT_EQ(peer.connections(), 1) << body;
  }
}

TEST(Pool, DoesNotUseAConnectionAgainThatMustEnd) {
  const std::string kBodies[] = {
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more than was said",
  };
  for (const std::string& body : kBodies) {
    FakePeer peer([&](const std::string&, int) { return Answer{body, End::keep}; });
    Fixture f;
    ASSERT_TRUE(f.call(peer, "POST"));
    ASSERT_TRUE(f.call(peer, "POST"));
    EXPECT_EQ(peer.connections(), 2) << body;
  }
}

TEST(Pool, NoticesThatTheServerClosedAnIdleConnection) {
  FakePeer peer([&](const std::string&, int) { return Answer{kOk, End::close}; });
  Fixture f;
  ASSERT_TRUE(f.call(peer, "POST"));
  f.settle();
  auto second = f.call(peer, "POST");
  ASSERT_TRUE(second) << second.error().text;
  EXPECT_EQ(peer.connections(), 2);
}

TEST(Pool, SendsAgainWhatIsReplayableWhenAReusedConnectionDies) {
  struct Row {
    std::string method;
    Headers headers;
    End end;
    std::string text;  // empty: it is sent again
  };
  const Row kRows[] = {
      {"GET", {}, End::close, ""},
      {"HEAD", {}, End::close, ""},
      {"GET", {}, End::reset, ""},
      {"POST", {{"Idempotency-Key", "1"}}, End::close, ""},
      {"POST", {}, End::close, "EOF"},
      {"DELETE", {}, End::close, "EOF"},
      {"POST", {}, End::reset, "connection reset by peer"},
  };
  for (const Row& row : kRows) {
    // The second request, on the kept connection, is read and not answered.
    FakePeer peer([&](const std::string&, int number) {
      return number == 1 ? Answer{"", row.end} : Answer{row.method == "HEAD" ? kOk.substr(0, 38) : kOk, End::keep};
    });
    Fixture f;
    ASSERT_TRUE(f.call(peer, row.method));
    auto second = f.call(peer, row.method, nullptr, 3000, row.headers);
    EXPECT_EQ(second.has_value(), row.text.empty()) << row.method;
    if (!second) EXPECT_TRUE(second.error().text.ends_with(row.text)) << second.error().text;
    EXPECT_EQ(peer.requests().size(), row.text.empty() ? 3u : 2u) << row.method;
  }
}

TEST(Pool, DoesNotSendAgainOnAFreshConnection) {
  FakePeer peer([&](const std::string&, int) { return Answer{"", End::close}; });
  Fixture f;
  auto answer = f.call(peer, "GET");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().text, "EOF");
  EXPECT_EQ(answer.error().kind, ErrorKind::eof);
  EXPECT_EQ(peer.requests().size(), 1u);
}

TEST(Pool, KeepsNoMoreIdleConnectionsThanAllowed) {
  FakePeer peer([&](const std::string&, int) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // so that all calls are under way together
    return Answer{kOk, End::keep};
  });
  ClientOptions options;
  options.max_idle_per_host = 1;
  Fixture f(options);
  std::vector<std::string> answers;
  for (int i = 0; i < 3; ++i) f.loop.spawn(call_into(f.client, "http://" + peer.address() + "/x", 3000, &answers));
  f.loop.run(until(&answers, 3));
  EXPECT_EQ(peer.connections(), 3);
  CallTrace trace;
  ASSERT_TRUE(f.call(peer, "POST", &trace));
  EXPECT_TRUE(trace.reused);
  answers.clear();
  for (int i = 0; i < 2; ++i) f.loop.spawn(call_into(f.client, "http://" + peer.address() + "/x", 3000, &answers));
  f.loop.run(until(&answers, 2));
  EXPECT_EQ(peer.connections(), 4);  // one was kept, one is new
}

TEST(Pool, ClosesWhatIsIdleForTooLong) {
  for (int idle : {0, 5}) {  // 0: no limit
    FakePeer peer([&](const std::string&, int) { return Answer{kOk, End::keep}; });
    ClientOptions options;
    options.idle_timeout = std::chrono::milliseconds(idle);
    Fixture f(options);
    ASSERT_TRUE(f.call(peer, "POST"));
    f.settle();
    ASSERT_TRUE(f.call(peer, "POST"));
    EXPECT_EQ(peer.connections(), idle == 0 ? 1 : 2);
  }
}

TEST(Pool, ClosesIdleConnectionsWhenTold) {
  FakePeer peer([&](const std::string&, int) { return Answer{kOk, End::keep}; });
  Fixture f;
  ASSERT_TRUE(f.call(peer, "POST"));
  f.client->close_idle();
  ASSERT_TRUE(f.call(peer, "POST"));
  EXPECT_EQ(peer.connections(), 2);
}

// Go's dial is not given up with its call: the next one finds the connection ready.
TEST(Pool, KeepsTheConnectionOfADialThatOutlivedItsCall) {
  FakePeer peer([&](const std::string&, int) { return Answer{kOk, End::keep}; });
  ClientOptions options;
  options.dial = [](std::string host, std::string port, SteadyTime) -> Task<NetResult<std::unique_ptr<ByteStream>>> {
    return [](std::string to, std::string at) -> Task<NetResult<std::unique_ptr<ByteStream>>> {
      co_await sleep_for(std::chrono::milliseconds(30));
      co_return co_await tcp::dial(to, at, in(3000));
    }(std::move(host), std::move(port));
  };
  Fixture f(options);
  CallTrace trace;
  auto first = f.call(peer, "POST", &trace, 5);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().text, "context deadline exceeded");
  EXPECT_EQ(trace.phase, Phase::dial);
  f.loop.run(sleep_for(std::chrono::milliseconds(60)));
  ASSERT_TRUE(f.call(peer, "POST", &trace));
  EXPECT_TRUE(trace.reused);
  EXPECT_EQ(peer.connections(), 1);
}

TEST(Pool, AWaitingCallTakesAConnectionThatBecomesFree) {
  FakePeer peer([&](const std::string&, int) { return Answer{kOk, End::keep}; });
  int dials = 0;
  ClientOptions options;
  options.dial = [&](std::string host, std::string port, SteadyTime) -> Task<NetResult<std::unique_ptr<ByteStream>>> {
    return [](std::string to, std::string at, int number) -> Task<NetResult<std::unique_ptr<ByteStream>>> {
      co_await sleep_for(std::chrono::milliseconds(number == 0 ? 10 : 400));
      co_return co_await tcp::dial(to, at, in(3000));
    }(std::move(host), std::move(port), dials++);
  };
  Fixture f(options);
  std::vector<std::string> answers;
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 2; ++i) f.loop.spawn(call_into(f.client, "http://" + peer.address() + "/x", 3000, &answers));
  f.loop.run(until(&answers, 2));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(300));
  EXPECT_EQ(answers, (std::vector<std::string>{"ok", "ok"}));
  EXPECT_EQ(dials, 2);
}

TEST(Pool, DialErrorsAreGos) {
  std::string address;
  {
    address = FakePeer([](const std::string&, int) { return Answer{}; }).address();
  }
  Loop loop;
  auto client = Client::make({});
  CallTrace trace;
  auto answer = loop.run(client->call("http://" + address + "/", {"GET"}, in(3000), &trace));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().text, "dial tcp " + address + ": connect: connection refused");
  EXPECT_EQ(answer.error().kind, ErrorKind::connection_refused);
  EXPECT_EQ(trace.phase, Phase::dial);
  EXPECT_FALSE(trace.dialed);
}

TEST(Pool, ALargeRequestDoesNotKeepAnEarlyAnswerWaiting) {
  // The peer answers after the head and never reads the body, which is larger than the system's buffers.
  FakePeer peer([&](const std::string&, int) { return Answer{}; });
  Loop loop;
  auto listener = tcp::Listener::listen("127.0.0.1:0");
  ASSERT_TRUE(listener);
  auto refuse_all = [](tcp::Listener* from, std::unique_ptr<ByteStream>* kept) -> Task<void> {
    auto stream = co_await from->accept();
    char bytes[512];
    (void)co_await (*stream)->read_some(bytes);
    (void)co_await (*stream)->write("HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 3\r\n\r\nbig");
    *kept = std::move(*stream);
  };
  std::unique_ptr<ByteStream> kept;
  loop.spawn(refuse_all(&*listener, &kept));
  auto client = Client::make({});
  Request request{"POST", "", {}, std::string(32u << 20, 'x')};
  auto answer = loop.run(client->call("http://" + listener->address() + "/", std::move(request), in(3000)));
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->body, "big");
  client.reset();
}

}  // namespace
}  // namespace gatepost::net::http
