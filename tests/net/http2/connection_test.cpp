// An HTTP/2 connection over time: handlers side by side, streamed answers, slow and vanished clients, stopping; and the
// whole way over TLS and ALPN.
#include "net/http2/connection.h"

#include <gtest/gtest.h>

#include "net/http/raw_client.h"
#include "net/http/server_fixture.h"
#include "net/http2/wire_client.h"
#include "net/loop.h"
#include "net/memory_stream.h"
#include "net/tcp.h"
#include "net/tls/pair.h"

namespace gatepost::net::http2 {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::WireClient;

http::ServerOptions quick() {
  http::ServerOptions options;
  options.header_timeout = milliseconds(60);
  options.body_timeout = milliseconds(60);
  options.idle_timeout = milliseconds(60);
  options.write_timeout = milliseconds(60);
  return options;
}

Task<void> echo(http::Request& request, const http::Peer&, http::ResponseWriter& writer) {
  co_await writer.send(200, {}, request.body);
}

// A connection and its client over streams in memory, on one loop.
class Wire {
  Loop loop_;  // first: the streams end before it

 public:
  explicit Wire(http::Handler handler, http::ServerOptions options = {}, Limits limits = {},
                std::optional<std::uint32_t> window = std::nullopt)
      : client(window) {
    shared_ = std::make_shared<http::ServerShared>();
    shared_->options = std::move(options);
    shared_->handler = std::move(handler);
    limits_ = limits;
    loop_.run(begin(this));
  }

  // Exchanges bytes until `until` holds; false when that takes a second, or the server has gone.
  bool run(std::function<bool()> until) {
    const auto end = steady_clock::now() + std::chrono::seconds(1);
    while (!until() && steady_clock::now() < end && !server_closed) loop_.run(turn(this));
    return until();
  }
  bool run_until_closed() {
    return run([this] { return server_closed; });
  }
  bool answered(std::int32_t id) {
    return run([this, id] { return client.streams[id].closed; });
  }
  void stop() { connection->stop(); }
  void vanish() { stream_->close(); }

  WireClient client;
  std::shared_ptr<Connection> connection;
  bool server_closed = false;  // the client saw the end
  bool ended = false;          // the connection's task
  bool deaf = false;           // the client takes no bytes any more

 private:
  static Task<void> begin(Wire* wire) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto pair = memory_pair(executor);
    wire->stream_ = std::move(pair.client);
    wire->connection = std::make_shared<Connection>(wire->shared_, std::move(pair.server), http::Peer{}, wire->limits_);
    boost::asio::co_spawn(executor, serve(wire), boost::asio::detached);
    boost::asio::co_spawn(executor, read(wire), boost::asio::detached);
  }
  static Task<void> serve(Wire* wire) {
    co_await Connection::run(wire->connection);
    wire->ended = true;
  }
  static Task<void> read(Wire* wire) {
    char bytes[4096];
    while (true) {
      while (wire->deaf) co_await sleep_for(milliseconds(1));
      auto got = co_await wire->stream_->read_some(bytes);
      if (!got || *got == 0) break;
      wire->client.feed({bytes, *got});
    }
    wire->server_closed = true;
  }
  static Task<void> turn(Wire* wire) {
    std::string bytes = wire->client.output();
    if (!bytes.empty()) (void)co_await wire->stream_->write(bytes);
    co_await sleep_for(milliseconds(1));
  }

  std::shared_ptr<http::ServerShared> shared_;
  Limits limits_;
  std::unique_ptr<MemoryStream> stream_;
};

TEST(Http2Connection, HandlersRunSideBySide) {
  int open = 0, most = 0;
  Event go;
  Wire wire([&](http::Request& request, const http::Peer&, http::ResponseWriter& writer) -> Task<void> {
    most = std::max(most, ++open);
    if (request.target == "/first") co_await go.wait();
    --open;
    co_await writer.send(200, {}, request.target);
    if (request.target == "/second") go.fire();
  });
  auto first = wire.client.request("GET", "/first");
  auto second = wire.client.request("GET", "/second");
  EXPECT_TRUE(wire.answered(first));
  EXPECT_TRUE(wire.answered(second));
  EXPECT_EQ(most, 2);
  EXPECT_EQ(wire.client.streams[first].body, "/first");
  EXPECT_EQ(wire.client.streams[second].body, "/second");
}

TEST(Http2Connection, AnswersAreWhatHandlersSay) {
  Wire wire([](http::Request& request, const http::Peer&, http::ResponseWriter& writer) -> Task<void> {
    if (request.target == "/none") co_return;
    if (request.target == "/throw") throw std::runtime_error("broken");
    if (request.target == "/204") co_await writer.send(204, {}, "");
    if (request.target == "/head") co_await writer.send(200, {}, "12345");
    if (request.target == "/twice") {
      co_await writer.send(200, {}, "once");
      EXPECT_FALSE(co_await writer.send(200, {}, "twice"));
    }
    if (request.target == "/switch") EXPECT_EQ(writer.hijack(nullptr), nullptr);
    if (request.target == "/pieces") {
      co_await writer.start(200, {});
      for (std::string piece : {"a", "", "bc"}) co_await writer.write(piece);
    }
  });
  struct Row {
    const char* method;
    const char* path;
    const char* status;
    const char* body;
    const char* length;
  };
  for (const Row& row : {Row{"GET", "/none", "200", "", "0"}, Row{"GET", "/204", "204", "", ""},
                         Row{"HEAD", "/head", "200", "", "5"}, Row{"GET", "/head", "200", "12345", "5"},
                         Row{"GET", "/twice", "200", "once", "4"}, Row{"GET", "/switch", "200", "", "0"},
                         Row{"GET", "/pieces", "200", "abc", ""}, Row{"OPTIONS", "*", "200", "", "0"}}) {
    auto id = wire.client.request(row.method, row.path);
    ASSERT_TRUE(wire.answered(id)) << row.path;
    auto& got = wire.client.streams[id];
    EXPECT_EQ(got.status, row.status) << row.path;
    EXPECT_EQ(got.body, row.body) << row.path;
    EXPECT_EQ(got.headers["content-length"], row.length) << row.path;
    EXPECT_EQ(got.error, 0u) << row.path;
  }
  auto broken = wire.client.request("GET", "/throw");
  ASSERT_TRUE(wire.answered(broken));
  EXPECT_EQ(wire.client.streams[broken].error, static_cast<std::uint32_t>(NGHTTP2_INTERNAL_ERROR));
}

TEST(Http2Connection, LimitsAreAnswered) {
  http::ServerOptions options;
  options.max_body_bytes = 10;
  options.max_header_bytes = 1000;
  options.too_large = [] { return http::Response{413, "", {{"Content-Type", "application/json"}}, "{}"}; };
  Wire wire(echo, options);
  auto body = wire.client.request("POST", "/", {}, "12345678901");
  auto head = wire.client.request("GET", "/", {{"a", std::string(2000, 'x')}});
  ASSERT_TRUE(wire.answered(body));
  ASSERT_TRUE(wire.answered(head));
  EXPECT_EQ(wire.client.streams[body].status, "413");
  EXPECT_EQ(wire.client.streams[body].body, "{}");
  EXPECT_EQ(wire.client.streams[head].status, "431");
  EXPECT_EQ(wire.client.streams[head].body, "<h1>HTTP Error 431</h1><p>Request Header Field(s) Too Large</p>");
}

TEST(Http2Connection, AWatchHearsThatItsClientWent) {
  int gone = 0, ended = 0;
  Wire wire([&](http::Request&, const http::Peer&, http::ResponseWriter& writer) -> Task<void> {
    auto went = std::make_shared<Event>();
    writer.on_client_gone([&gone, went] {
      ++gone;
      went->fire();
    });
    co_await writer.start(200, {});
    co_await writer.write("event");
    co_await went->wait();
    EXPECT_TRUE(writer.client_gone());
    EXPECT_FALSE(co_await writer.write("more"));
    ++ended;
  });
  auto reset = wire.client.request("GET", "/"), left = wire.client.request("GET", "/");
  ASSERT_TRUE(wire.run([&] { return wire.client.streams[left].body == "event"; }));
  wire.client.reset(reset);
  ASSERT_TRUE(wire.run([&] { return ended == 1; }));
  EXPECT_EQ(gone, 1);
  wire.vanish();
  wire.run([&] { return ended == 2 && wire.ended; });
  EXPECT_EQ(ended, 2);
}

TEST(Http2Connection, StoppingEndsStreamedAnswersAndFinishesOthers) {
  Event go;
  bool stopped = false;
  Wire wire([&](http::Request& request, const http::Peer&, http::ResponseWriter& writer) -> Task<void> {
    if (request.target == "/plain") {
      co_await go.wait();
      co_await writer.send(200, {}, "done");
      co_return;
    }
    auto went = std::make_shared<Event>();
    writer.on_client_gone([went] { went->fire(); });
    co_await writer.start(200, {});
    co_await writer.write("event");
    co_await went->wait();
    stopped = true;
  });
  auto plain = wire.client.request("GET", "/plain"), watch = wire.client.request("GET", "/watch");
  ASSERT_TRUE(wire.run([&] { return wire.client.streams[watch].body == "event"; }));
  wire.stop();
  ASSERT_TRUE(wire.answered(watch));
  EXPECT_TRUE(stopped);
  EXPECT_EQ(wire.client.streams[watch].error, 0u);
  EXPECT_EQ(wire.client.goaway, 0u);
  go.fire();
  ASSERT_TRUE(wire.answered(plain));
  EXPECT_EQ(wire.client.streams[plain].body, "done");
  wire.vanish();
  EXPECT_TRUE(wire.run([&] { return wire.ended; }) || wire.ended);
}

TEST(Http2Connection, IdleAndHalfRequestsTimeOut) {
  Wire wire(echo, quick());
  auto whole = wire.client.request("GET", "/");
  ASSERT_TRUE(wire.answered(whole));
  // A head without its body: the stream ends, and then the idle connection.
  auto half = wire.client.request("POST", "/", {}, "half", WireClient::End::never);
  ASSERT_TRUE(wire.answered(half));
  EXPECT_EQ(wire.client.streams[half].error, static_cast<std::uint32_t>(NGHTTP2_CANCEL));
  ASSERT_TRUE(wire.run_until_closed());
  EXPECT_EQ(wire.client.goaway, 0u);
}

TEST(Http2Connection, AClientThatSaysNothingIsClosed) {
  Wire wire(echo, quick());
  (void)wire.client.output();  // never sent
  ASSERT_TRUE(wire.run_until_closed());
}

TEST(Http2Connection, ASlowReaderLosesItsStreamAlone) {
  NetResult<void> slow;
  Wire wire(
      [&](http::Request& request, const http::Peer&, http::ResponseWriter& writer) -> Task<void> {
        const std::string body(request.target == "/big" ? 1000 : 5, 'x');
        auto sent = co_await writer.send(200, {}, body);
        if (request.target == "/big") slow = sent;
      },
      [] {
        auto options = quick();
        options.idle_timeout = milliseconds(5000);
        return options;
      }(),
      {}, 100);
  auto big = wire.client.request("GET", "/big");
  ASSERT_TRUE(wire.answered(big));
  EXPECT_EQ(wire.client.streams[big].error, static_cast<std::uint32_t>(NGHTTP2_CANCEL));
  EXPECT_EQ(wire.client.streams[big].body.size(), 100u);
  EXPECT_FALSE(slow);
  auto small = wire.client.request("GET", "/small");
  ASSERT_TRUE(wire.answered(small));
  EXPECT_EQ(wire.client.streams[small].status, "200");
}

TEST(Http2Connection, AClientThatTakesNoBytesIsCutOff) {
  std::optional<NetResult<void>> sent;
  Wire wire(
      [&](http::Request&, const http::Peer&, http::ResponseWriter& writer) -> Task<void> {
        const std::string body(4u << 20, 'x');  // more than fits on the way
        sent = co_await writer.send(200, {}, body);
      },
      quick(), {}, 1u << 24);
  auto big = wire.client.request("GET", "/");
  wire.client.allow(0, 1 << 24);
  wire.deaf = true;
  EXPECT_TRUE(wire.run([&] { return wire.ended; }));
  ASSERT_TRUE(sent);
  EXPECT_FALSE(*sent);
  EXPECT_FALSE(wire.client.streams[big].closed);
  wire.deaf = false;
  wire.run_until_closed();
}

TEST(Http2Connection, HandlersOfStreamsThatAreGoneCountOn) {
  Limits limits;
  limits.streams = 2;
  int running = 0, most = 0;
  Wire wire(
      [&](http::Request& request, const http::Peer&, http::ResponseWriter&) -> Task<void> {
        if (request.target == "/quick") co_return;
        most = std::max(most, ++running);
        co_await sleep_for(milliseconds(400));
        --running;
      },
      {}, limits);
  auto one = wire.client.request("GET", "/quick");
  ASSERT_TRUE(wire.answered(one));
  for (int i = 0; i < 20 && !wire.client.goaway; ++i) {
    auto id = wire.client.request("GET", "/");
    wire.run([&, n = 0]() mutable { return ++n > 2; });
    wire.client.reset(id);
    wire.run([&, n = 0]() mutable { return ++n > 2; });
  }
  EXPECT_EQ(most, 2);
  EXPECT_EQ(wire.client.goaway, static_cast<std::uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  wire.run_until_closed();
}

// The whole way: TCP, TLS, ALPN.

Task<NetResult<std::string>> over_tls(std::string address, std::vector<std::string> alpn, std::string send_first,
                                      std::string* protocol, WireClient* client, std::int32_t id) {
  auto stream = co_await tcp::dial("127.0.0.1", address.substr(address.rfind(':') + 1),
                                   steady_clock::now() + std::chrono::seconds(5));
  if (!stream) co_return fail_with(stream.error());
  tls::ClientConfig config;
  config.alpn = std::move(alpn);
  config.verify = tls::Verify::no;
  tls::PeerInfo seen;
  auto secure = co_await tls::connect(std::move(*stream), config, "127.0.0.1", &seen);
  if (!secure) co_return fail_with(secure.error());
  *protocol = seen.alpn;
  std::string text;
  if (seen.alpn == "h2") send_first = client->output();
  (void)co_await (*secure)->write(send_first);
  char bytes[4096];
  while (!client->streams[id].closed) {
    auto got = co_await (*secure)->read_some(bytes);
    if (!got || *got == 0) break;
    text.append(bytes, *got);
    if (seen.alpn == "h2") client->feed({bytes, *got});
    if (std::string more = client->output(); seen.alpn == "h2" && !more.empty()) co_await (*secure)->write(more);
  }
  co_return text;
}

TEST(Http2Connection, IsChosenByAlpn) {
  auto identity = tls::testing::made({.common_name = "server"});
  http::ServerOptions options;
  options.tls = *tls::make_server_context(
      {identity.certificate_pem, identity.key_pem, tls::ClientCertificate::none, {"h2", "http/1.1"}});
  net::testing::ServerThread server(
      options, [](http::Request&, const http::Peer& peer, http::ResponseWriter& writer) -> Task<void> {
        co_await writer.send(200, {}, "by " + peer.protocol);
      });
  const std::string http1 = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  struct Row {
    std::vector<std::string> offered;
    const char* chosen;
  };
  for (const Row& row :
       {Row{{"h2", "http/1.1"}, "h2"}, Row{{"http/1.1"}, "http/1.1"}, Row{{"h2"}, "h2"}, Row{{}, ""}}) {
    WireClient client;
    auto id = client.request("GET", "/");
    Loop loop;
    std::string protocol;
    auto text = loop.run(over_tls(server.address(), row.offered, http1, &protocol, &client, id));
    ASSERT_TRUE(text) << text.error().text;
    EXPECT_EQ(protocol, row.chosen);
    if (protocol == "h2") EXPECT_EQ(client.streams[id].body, "by h2");
    if (protocol != "h2") EXPECT_TRUE(text->ends_with(std::string("by ") + row.chosen)) << *text;
  }
}

}  // namespace
}  // namespace gatepost::net::http2
