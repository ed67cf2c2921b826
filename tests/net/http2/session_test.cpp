// What an HTTP/2 session makes of its peer: requests whole and broken, limits, floods, windows.
#include "net/http2/session.h"

#include <gtest/gtest.h>

#include "net/http2/wire_client.h"

namespace gatepost::net::http2 {
namespace {

using testing::frame;
using testing::WireClient;

constexpr SteadyTime kStart{};

// A session and its client, exchanging bytes until both are silent.
struct Pair {
  explicit Pair(Limits limits = {}, std::optional<std::uint32_t> window = std::nullopt)
      : client(window),
        session(limits,
                {[this](StreamId id) { drained.push_back(id); }, [this](StreamId id) { closed.push_back(id); }}) {}

  void run() {
    for (bool more = true; more;) {
      session.pump();
      std::string down = std::exchange(session.output(), {});
      client.feed(down);
      std::string up = client.output();
      if (!up.empty()) sound = session.feed(up, kStart) && sound;
      for (Call& call : session.take_calls()) calls.push_back(std::move(call));
      more = !down.empty() || !up.empty();
    }
  }
  void raw(std::string_view bytes) {
    sound = session.feed(bytes, kStart) && sound;
    for (Call& call : session.take_calls()) calls.push_back(std::move(call));
    run();
  }
  void answer(StreamId id, std::string_view body, int status = 200) {
    http::Headers headers{{"Content-Type", "text/plain"}, {"Transfer-Encoding", "chunked"}};
    session.respond(id, {status, &headers, "now", body.size(), Session::Body::follows});
    session.offer(id, body, Session::Last::yes);
  }

  std::vector<Call> calls;
  std::vector<StreamId> drained, closed;
  bool sound = true;
  WireClient client;
  Session session;
};

TEST(Http2Session, ARequestComesWholeAndItsAnswerGoesBack) {
  Pair pair;
  auto id = pair.client.request("POST", "/api?x=y", {{"x-one", "1"}, {"x-one", "2"}}, "body");
  pair.run();
  ASSERT_EQ(pair.calls.size(), 1u);
  const Call& call = pair.calls[0];
  EXPECT_EQ(call.stream, id);
  EXPECT_EQ(call.verdict, Call::Verdict::whole);
  EXPECT_EQ(call.request.method, "POST");
  EXPECT_EQ(call.request.target, "/api?x=y");
  EXPECT_EQ(call.request.body, "body");
  EXPECT_EQ(call.request.headers.get("Host"), "host:1");
  EXPECT_EQ(call.request.headers.joined("X-One"), "1, 2");
  pair.answer(id, "answer", 201);
  pair.run();
  const auto& got = pair.client.streams[id];
  EXPECT_EQ(got.status, "201");
  EXPECT_EQ(got.body, "answer");
  EXPECT_TRUE(got.closed);
  EXPECT_EQ(got.error, 0u);
  EXPECT_EQ(got.headers, (std::map<std::string, std::string>{
                             {"content-type", "text/plain"}, {"content-length", "6"}, {"date", "now"}}));
  EXPECT_EQ(pair.closed, std::vector<StreamId>{id});
  EXPECT_EQ(pair.drained, std::vector<StreamId>{id});
  EXPECT_EQ(pair.session.streams(), 0u);
}

TEST(Http2Session, ItsLimitsAreTold) {
  Pair pair;
  pair.run();
  EXPECT_EQ(pair.client.settings[NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS], 1000u);
  EXPECT_EQ(pair.client.settings[NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE], 262144u);
  EXPECT_EQ(pair.client.settings[NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE], 1048896u);
}

TEST(Http2Session, HundredsOfStreamsAtOnce) {
  Pair pair;
  std::vector<StreamId> ids;
  for (int i = 0; i < 800; ++i) ids.push_back(pair.client.request("GET", "/" + std::to_string(i)));
  pair.run();
  ASSERT_EQ(pair.calls.size(), 800u);
  http::Headers none;
  for (auto id : ids) pair.session.respond(id, {200, &none, "now", std::nullopt, Session::Body::follows});
  for (auto id : ids) pair.session.offer(id, "event", Session::Last::no);
  pair.run();
  for (auto id : ids) {
    EXPECT_EQ(pair.client.streams[id].body, "event");
    EXPECT_FALSE(pair.client.streams[id].closed);
  }
  for (auto id : ids) pair.session.offer(id, {}, Session::Last::yes);
  pair.run();
  EXPECT_EQ(pair.closed.size(), 800u);
}

TEST(Http2Session, StreamsBeyondTheLimitAreRefused) {
  Limits limits;
  limits.streams = 2;
  Pair pair(limits);
  // Before the client knows the limit.
  StreamId last = 0;
  for (int i = 0; i < 3; ++i) last = pair.client.request("GET", "/");
  pair.raw(pair.client.output());
  EXPECT_EQ(pair.calls.size(), 2u);
  EXPECT_EQ(pair.client.streams[last].error, static_cast<std::uint32_t>(NGHTTP2_REFUSED_STREAM));
}

TEST(Http2Session, ABodyBeyondTheLimitIsAnsweredBeforeItsEnd) {
  Limits limits;
  limits.body_bytes = 1000;
  Pair pair(limits);
  auto id = pair.client.request("POST", "/", {}, std::string(1500, 'x'));
  pair.run();
  ASSERT_EQ(pair.calls.size(), 1u);
  EXPECT_EQ(pair.calls[0].verdict, Call::Verdict::body_too_large);
  pair.answer(id, "too large", 413);
  pair.run();
  EXPECT_EQ(pair.client.streams[id].status, "413");
  EXPECT_EQ(pair.client.streams[id].error, 0u);
}

TEST(Http2Session, AHeadBeyondTheLimitIsAnswered) {
  Limits limits;
  limits.header_bytes = 1000;
  Pair pair(limits);
  pair.client.request("GET", "/", {{"a", std::string(500, 'x')}});
  pair.client.request("GET", "/", {{"a", std::string(1000, 'x')}});
  pair.run();
  ASSERT_EQ(pair.calls.size(), 2u);
  EXPECT_EQ(pair.calls[0].verdict, Call::Verdict::whole);
  EXPECT_EQ(pair.calls[1].verdict, Call::Verdict::head_too_large);
}

TEST(Http2Session, BodiesThatWaitAreBoundTogether) {
  Limits limits;
  limits.waiting_body_bytes = 5000;
  Pair pair(limits);
  const std::string head("\x83\x87\x84\x41\x01h"), piece(4000, 'x');
  std::string bytes = std::string(testing::kPreface) + frame(NGHTTP2_SETTINGS, 0, 0, "");
  for (std::uint32_t id : {1, 3}) bytes += frame(NGHTTP2_HEADERS, 4, id, head) + frame(NGHTTP2_DATA, 0, id, piece);
  ASSERT_TRUE(pair.session.feed(bytes, kStart));
  pair.session.pump();
  EXPECT_EQ(pair.closed, std::vector<StreamId>{3});
  // What is whole counts no more.
  ASSERT_TRUE(pair.session.feed(frame(NGHTTP2_DATA, 1, 1, "end"), kStart));
  ASSERT_TRUE(pair.session.feed(frame(NGHTTP2_HEADERS, 4, 5, head) + frame(NGHTTP2_DATA, 1, 5, piece), kStart));
  pair.session.pump();
  EXPECT_EQ(pair.session.take_calls().size(), 2u);
}

TEST(Http2Session, AClientThatWaitsForContinueIsToldTo) {
  Pair pair;
  auto id = pair.client.request("POST", "/", {{"expect", "100-continue"}}, "x");
  pair.run();
  EXPECT_EQ(pair.client.streams[id].interim, std::vector<std::string>{"100"});
}

TEST(Http2Session, BytesBeyondTheWindowWaitForIt) {
  Pair pair({}, 10);
  auto id = pair.client.request("GET", "/");
  pair.run();
  const std::string body(25, 'b');
  pair.answer(id, body);
  pair.run();
  EXPECT_EQ(pair.client.streams[id].body.size(), 10u);
  EXPECT_TRUE(pair.drained.empty());
  pair.client.allow(id, 10);
  pair.run();
  EXPECT_EQ(pair.client.streams[id].body.size(), 20u);
  pair.client.allow(id, 10);
  pair.run();
  EXPECT_EQ(pair.client.streams[id].body, body);
  EXPECT_EQ(pair.drained, std::vector<StreamId>{id});
}

TEST(Http2Session, OutputIsBounded) {
  Limits limits;
  limits.output_bytes = 20000;
  Pair pair(limits);
  auto id = pair.client.request("GET", "/");
  pair.run();
  const std::string body(60000, 'b');
  pair.answer(id, body);
  pair.session.pump();
  EXPECT_TRUE(pair.session.output_full());
  EXPECT_LT(pair.session.output().size(), 40000u);
  pair.run();
  EXPECT_EQ(pair.client.streams[id].body.size(), body.size());
}

TEST(Http2Session, AStreamThatIsResetIsGone) {
  Pair pair;
  auto id = pair.client.request("GET", "/");
  pair.run();
  http::Headers none;
  pair.session.respond(id, {200, &none, "now", std::nullopt, Session::Body::follows});
  pair.client.reset(id);
  pair.run();
  EXPECT_EQ(pair.closed, std::vector<StreamId>{id});
  EXPECT_FALSE(pair.session.has(id));
  EXPECT_FALSE(pair.session.respond(id, {200, &none, "now", std::nullopt, Session::Body::none}));
}

TEST(Http2Session, ConnectionCloseEndsTheConnectionAfterTheAnswer) {
  Pair pair;
  auto id = pair.client.request("GET", "/");
  pair.run();
  http::Headers close{{"Connection", "close"}};
  pair.session.respond(id, {401, &close, "now", 0, Session::Body::none});
  pair.run();
  EXPECT_EQ(pair.client.streams[id].status, "401");
  EXPECT_EQ(pair.client.goaway, 0u);
  EXPECT_TRUE(pair.session.finished());
}

TEST(Http2Session, TheOldestUnfinishedRequestIsKnownAndCanBeReset) {
  Pair pair;
  Session& session = pair.session;
  EXPECT_FALSE(session.oldest_begun());
  ASSERT_TRUE(session.feed(std::string(testing::kPreface) + frame(NGHTTP2_SETTINGS, 0, 0, "") +
                               frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, "\x83\x87\x84\x41\x01h"),
                           kStart + std::chrono::seconds(5)));
  EXPECT_EQ(session.oldest_begun(), kStart + std::chrono::seconds(5));
  session.reset_begun_before(kStart + std::chrono::seconds(4));
  session.pump();
  EXPECT_EQ(session.streams(), 1u);
  session.reset_begun_before(kStart + std::chrono::seconds(5));
  session.pump();
  EXPECT_EQ(session.streams(), 0u);
  EXPECT_FALSE(session.oldest_begun());
}

// Requests that are no requests.
TEST(Http2Session, MalformedRequestsEndTheirStreamAlone) {
  const WireClient::Fields kRows[] = {
      {{":method", "GET"}, {":scheme", "https"}},                                           // no path
      {{":method", "GET"}, {":scheme", "https"}, {":path", ""}},                            // an empty one
      {{":method", "GET"}, {":scheme", "https"}, {":path", "no-slash"}},                    //
      {{":method", "GET"}, {":scheme", "https"}, {":path", "/%zz"}},                        // no URL
      {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"Upper", "x"}},           //
      {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"connection", "close"}},  //
      {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"te", "gzip"}},           //
      {{":method", "GET"}, {":method", "GET"}, {":scheme", "https"}, {":path", "/"}},       //
      {{":method", "GET"}, {":scheme", "https"}, {"a", "b"}, {":path", "/"}},               // a pseudo field too late
      {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"content-length", "5"}},  // and no body
  };
  for (const auto& fields : kRows) {
    Pair pair;
    auto bad = pair.client.submit(fields);
    auto good = pair.client.request("GET", "/");
    pair.run();
    EXPECT_EQ(pair.client.streams[bad].error, static_cast<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR))
        << fields.back().first;
    ASSERT_EQ(pair.calls.size(), 1u) << fields.back().first;
    EXPECT_EQ(pair.calls[0].stream, good);
  }
}

// What ends the whole connection, and with which error.
TEST(Http2Session, BrokenPeersAreCutOffWithTheRightError) {
  const std::string settings = frame(NGHTTP2_SETTINGS, 0, 0, "");
  std::string flood_of_settings, flood_of_pings, flood_of_continuations;
  for (int i = 0; i < 2000; ++i) flood_of_settings += frame(NGHTTP2_SETTINGS, 0, 0, std::string("\0\4\0\0\xff\xff", 6));
  for (int i = 0; i < 2000; ++i) flood_of_pings += frame(NGHTTP2_PING, 0, 0, "12345678");
  flood_of_continuations = frame(NGHTTP2_HEADERS, 0, 1, "\x82\x87\x84");
  for (int i = 0; i < 2000; ++i)
    flood_of_continuations += frame(NGHTTP2_CONTINUATION, 0, 1, std::string("\0\1a\1b", 5));
  struct Row {
    const char* name;
    std::string bytes;
    std::uint32_t error;
  };
  const Row kRows[] = {
      {"data on an idle stream", frame(NGHTTP2_DATA, 0, 1, "x"), NGHTTP2_PROTOCOL_ERROR},
      {"an even stream", frame(NGHTTP2_HEADERS, 4, 2, "\x82\x87\x84"), NGHTTP2_PROTOCOL_ERROR},
      {"headers that cannot be unpacked", frame(NGHTTP2_HEADERS, 5, 1, "\xff\xff\xff\xff\xff"),
       NGHTTP2_COMPRESSION_ERROR},
      {"a frame too long", frame(NGHTTP2_DATA, 0, 1, std::string(20000, 'x')), NGHTTP2_FRAME_SIZE_ERROR},
      {"a window beyond all bounds", frame(NGHTTP2_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff"),
       NGHTTP2_FLOW_CONTROL_ERROR},
      {"a ping of a wrong size", frame(NGHTTP2_PING, 0, 0, "x"), NGHTTP2_FRAME_SIZE_ERROR},
      {"a push", frame(NGHTTP2_PUSH_PROMISE, 4, 1, std::string("\0\0\0\2\x82", 5)), NGHTTP2_PROTOCOL_ERROR},
      {"a frame between a head's pieces", frame(NGHTTP2_HEADERS, 0, 1, "\x82") + frame(NGHTTP2_PING, 0, 0, "12345678"),
       NGHTTP2_PROTOCOL_ERROR},
      {"a flood of pings", flood_of_pings, NGHTTP2_ENHANCE_YOUR_CALM},
      {"a flood of settings", flood_of_settings, NGHTTP2_ENHANCE_YOUR_CALM},
      {"a head without end", flood_of_continuations, NGHTTP2_ENHANCE_YOUR_CALM},
  };
  for (const Row& row : kRows) {
    Session session({}, {[](StreamId) {}, [](StreamId) {}});
    bool sound = session.feed(std::string(testing::kPreface) + settings + row.bytes, kStart);
    EXPECT_TRUE(session.take_calls().empty()) << row.name;
    session.pump();
    WireClient client;
    (void)client.output();
    client.feed(session.output());
    session.output().clear();
    ASSERT_TRUE(client.goaway) << row.name;
    EXPECT_EQ(*client.goaway, row.error) << row.name;
    EXPECT_TRUE(!sound || session.finished()) << row.name;
  }
}

TEST(Http2Session, BytesThatAreNotHttp2EndIt) {
  for (std::string_view bytes : {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"}) {
    Session session({}, {[](StreamId) {}, [](StreamId) {}});
    EXPECT_FALSE(session.feed(bytes, kStart)) << bytes;
  }
}

TEST(Http2Session, RequestsBegunAndResetWithoutEndAreCutOff) {
  Pair pair;
  pair.run();
  for (int i = 0; i < 5000 && !pair.client.goaway; ++i) {
    auto id = pair.client.request("GET", "/");
    pair.run();
    pair.client.reset(id);
    pair.run();
  }
  ASSERT_TRUE(pair.client.goaway);
  EXPECT_NE(*pair.client.goaway, 0u);
}

}  // namespace
}  // namespace gatepost::net::http2
