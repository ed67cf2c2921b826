// What a client says about every way in which an answer can be wrong: rows recorded from Go's net/http (1.26) on the
// same bytes.
#include <gtest/gtest.h>
#include <regex>

#include "net/http/client.h"
#include "net/http/fake_peer.h"
#include "net/loop.h"

namespace gatepost::net::http {
namespace {

using namespace std::string_literals;
using testing::Answer;
using testing::End;
using testing::FakePeer;

struct Row {
  std::string name, method, bytes;
  End end;
  Phase phase;  // where it fails; done: it does not
  int status;
  std::string text;
  std::string body;  // read before a failure too
};

// clang-format off
const Row kRows[] = {
    {"nothing", "POST", "", End::close, Phase::headers, 0, "EOF", ""},
    {"reset before a byte", "POST", "", End::reset, Phase::headers, 0, "read tcp ADDR->ADDR: read: connection reset by peer", ""},
    {"not HTTP", "POST", "\000\001 this is no HTTP"s, End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"this\"", ""},
    {"not HTTP with newline", "POST", "hello\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP response \"hello\"", ""},
    {"one word cut", "POST", "hello", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP response \"hello\"", ""},
    {"http2 settings", "POST", "\000\000\022\004\000\000\000\000\000\n"s, End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP response \"\\x00\\x00\\x12\\x04\\x00\\x00\\x00\\x00\\x00\"", ""},
    {"code too long", "POST", "HTTP/1.1 2000 OK\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"2000\"", ""},
    {"code letters", "POST", "HTTP/1.1 abc OK\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"abc\"", ""},
    {"code missing", "POST", "HTTP/1.1 \r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"\"", ""},
    {"code signed", "POST", "HTTP/1.1 -12 OK\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"-12\"", ""},
    {"code plus", "POST", "HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n", End::close, Phase::done, 20, "", ""},
    {"version", "POST", "HTTP/9.x 200 OK\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP version \"HTTP/9.x\"", ""},
    {"version lower", "POST", "http/1.1 200 OK\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP version \"http/1.1\"", ""},
    {"version 2.0", "POST", "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::done, 200, "", "ok"},
    {"ssh", "POST", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"Debian-2+deb12u2\"", ""},
    {"smtp", "POST", "220 mail.example.com ESMTP Postfix\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"mail.example.com\"", ""},
    {"redis", "POST", "-ERR wrong number of arguments for 'get' command\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"wrong\"", ""},
    {"utf8", "POST", "\320\277\321\200\320\270\320\262\320\265\321\202 \320\274\320\270\321\200\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"\320\274\320\270\321\200\"", ""},
    {"invalid utf8", "POST", "\377\376 \303(\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"\\xc3(\"", ""},
    {"head cut after status", "POST", "HTTP/1.1 200 OK\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: unexpected EOF", ""},
    {"head cut in field", "POST", "HTTP/1.1 200 OK\r\nContent-Ty", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed MIME header: missing colon: \"Content-Ty\"", ""},
    {"head cut after field", "POST", "HTTP/1.1 200 OK\r\nContent-Type: x\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: unexpected EOF", ""},
    {"head reset", "POST", "HTTP/1.1 200 OK\r\nContent-Type: x\r\n", End::reset, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: unexpected EOF", ""},
    {"no colon", "POST", "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed MIME header: missing colon: \"nocolon\"", ""},
    {"blank first", "POST", "HTTP/1.1 200 OK\r\n X: y\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed MIME header initial line: \" X: y\"", ""},
    {"empty name", "POST", "HTTP/1.1 200 OK\r\n: y\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed MIME header line: \": y\"", ""},
    {"bad name", "POST", "HTTP/1.1 200 OK\r\nA\"b: y\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed MIME header line: \"A\\\"b: y\"", ""},
    {"space name", "POST", "HTTP/1.1 200 OK\r\nA b: y\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::done, 200, "", "ok"},
    {"control value", "POST", "HTTP/1.1 200 OK\r\nA: a\001b\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed MIME header line: \"A: a\\x01b\"", ""},
    {"folded", "POST", "HTTP/1.1 200 OK\r\nX: a\r\n  b \r\n\tc\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::done, 200, "", "ok"},
    {"folded bad", "POST", "HTTP/1.1 200 OK\r\nX: a\r\n  b\001 \r\n\tc\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed MIME header line: \"X: a b\\x01 c\"", ""},
    {"bare LF", "POST", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", End::close, Phase::done, 200, "", "ok"},
    {"no reason", "POST", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::done, 200, "", "ok"},
    {"spaces before code", "POST", "HTTP/1.1   200 OK fine\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::done, 200, "", "ok"},
    {"length bad", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: bad Content-Length \"2x\"", ""},
    {"length negative", "POST", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: bad Content-Length \"-2\"", ""},
    {"length empty", "POST", "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nok", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: invalid empty Content-Length \"\"", ""},
    {"length twice same", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::done, 200, "", "ok"},
    {"length twice", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: http: message cannot contain multiple Content-Length headers; got [\"2\" \"3\"]", ""},
    {"length huge", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: bad Content-Length \"99999999999999999999\"", ""},
    {"body cut", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok", End::close, Phase::body, 200, "unexpected EOF", "ok"},
    {"body reset", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok", End::reset, Phase::body, 200, "read tcp ADDR->ADDR: read: connection reset by peer", "ok"},
    {"body stalls", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok", End::hang, Phase::body, 200, "context deadline exceeded", "ok"},
    {"head stalls", "POST", "HTTP/1.1 200 OK\r\nContent-Length", End::hang, Phase::headers, 0, "context deadline exceeded", ""},
    {"nothing stalls", "POST", "", End::hang, Phase::headers, 0, "context deadline exceeded", ""},
    {"malformed then stalls", "POST", "HTTP/1.1 200 OK\r\nbad line\r\nX", End::hang, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed MIME header: missing colon: \"bad line\"", ""},
    {"malformed code then stalls", "POST", "HTTP/1.1 2 OK\r\n", End::hang, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: malformed HTTP status code \"2\"", ""},
    {"until close", "POST", "HTTP/1.1 200 OK\r\n\r\nall of it", End::close, Phase::done, 200, "", "all of it"},
    {"until close reset", "POST", "HTTP/1.1 200 OK\r\n\r\nall of it", End::reset, Phase::body, 200, "read tcp ADDR->ADDR: read: connection reset by peer", "all of it"},
    {"http 1.0", "POST", "HTTP/1.0 200 OK\r\n\r\nold", End::close, Phase::done, 200, "", "old"},
    {"chunked", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", End::close, Phase::done, 200, "", "abc"},
    {"chunked trailer", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3;ext=1\r\nabc\r\n0\r\nX-T: 1\r\n\r\n", End::close, Phase::done, 200, "", "abc"},
    {"chunked upper", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n", End::close, Phase::done, 200, "", "0123456789"},
    {"chunked cut in data", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", End::close, Phase::body, 200, "unexpected EOF", "abc"},
    {"chunked cut after chunk", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", End::close, Phase::body, 200, "unexpected EOF", "abc"},
    {"chunked cut in size", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3", End::close, Phase::body, 200, "unexpected EOF", ""},
    {"chunked cut before end", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", End::close, Phase::body, 200, "http: unexpected EOF reading trailer", "abc"},
    {"chunked bad size", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n", End::close, Phase::body, 200, "invalid byte in chunk length", ""},
    {"chunked empty size", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n", End::close, Phase::body, 200, "empty hex number for chunk length", ""},
    {"chunked long size", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n12345678901234567\r\nabc\r\n0\r\n\r\n", End::close, Phase::body, 200, "http chunk length too large", ""},
    {"chunked bare LF", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n", End::close, Phase::body, 200, "chunked line ends with bare LF", ""},
    {"chunked CR inside", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r;\r\nabc\r\n0\r\n\r\n", End::close, Phase::body, 200, "invalid CR in chunked line", ""},
    {"chunked bad end", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXY0\r\n\r\n", End::close, Phase::body, 200, "malformed chunked encoding", "abc"},
    {"chunked with length", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n3\r\nabc\r\n0\r\n\r\n", End::close, Phase::done, 200, "", "abc"},
    {"coding unknown", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: unsupported transfer encoding: \"gzip\"", ""},
    {"coding list", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\nabc", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: unsupported transfer encoding: \"gzip, chunked\"", ""},
    {"coding twice", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: too many transfer encodings: [\"chunked\" \"chunked\"]", ""},
    {"bad trailer key", "POST", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: content-length\r\n\r\n0\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: bad trailer key \"Content-Length\"", ""},
    {"no content", "POST", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", End::close, Phase::done, 204, "", ""},
    {"informational", "POST", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::done, 200, "", "ok"},
    {"informational cut", "POST", "HTTP/1.1 100 Continue\r\n\r\n", End::close, Phase::headers, 0, "net/http: HTTP/1.x transport connection broken: unexpected EOF", ""},
    {"head method", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", End::close, Phase::done, 200, "", ""},
    {"status 99", "POST", "HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::done, 99, "", "ok"},
    {"status 999", "POST", "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::done, 999, "", "ok"},
    {"redirect without location", "POST", "HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nok", End::close, Phase::done, 302, "", "ok"},
    {"redirect bad location", "POST", "HTTP/1.1 302 Found\r\nLocation: http://a b/\r\nContent-Length: 0\r\n\r\n", End::close, Phase::headers, 0, "failed to parse Location header \"http://a b/\": parse \"http://a b/\": invalid character \" \" in host name", ""},
    {"redirect bad scheme", "POST", "HTTP/1.1 302 Found\r\nLocation: ftp://h/x\r\nContent-Length: 0\r\n\r\n", End::close, Phase::headers, 0, "unsupported protocol scheme \"ftp\"", ""},
    {"redirect no host", "POST", "HTTP/1.1 302 Found\r\nLocation: http:///x\r\nContent-Length: 0\r\n\r\n", End::close, Phase::headers, 0, "http: no Host in request URL", ""},
    {"redirect bad escape", "POST", "HTTP/1.1 302 Found\r\nLocation: /%zz\r\nContent-Length: 0\r\n\r\n", End::close, Phase::headers, 0, "failed to parse Location header \"/%zz\": parse \"/%zz\": invalid URL escape \"%zz\"", ""},
    {"redirect bad port", "POST", "HTTP/1.1 302 Found\r\nLocation: http://h:x/\r\nContent-Length: 0\r\n\r\n", End::close, Phase::headers, 0, "failed to parse Location header \"http://h:x/\": parse \"http://h:x/\": invalid port \":x\" after host", ""},
    {"redirect loop", "GET", "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", End::close, Phase::headers, 0, "stopped after 10 redirects", ""},
    {"gzip bad", "GET", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", End::close, Phase::body, 200, "unexpected EOF", ""},
    {"gzip empty", "GET", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", End::close, Phase::done, 200, "", ""},
    {"gzip cut", "GET", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\037\213", End::close, Phase::body, 200, "unexpected EOF", ""},
    {"gzip cut after magic", "GET", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\037\213\010\000\000\000\000\000\000\003KL"s, End::close, Phase::body, 200, "unexpected EOF", "a"},
};
// clang-format on

std::string without_ports(const std::string& text) {
  return std::regex_replace(text, std::regex("127\\.0\\.0\\.1:[0-9]+"), "ADDR");
}

class AnswerTexts : public ::testing::TestWithParam<Row> {};

TEST_P(AnswerTexts, AreGos) {
  const Row& row = GetParam();
  FakePeer peer([&](const std::string&, int) { return Answer{row.bytes, row.end}; });
  Loop loop;
  ClientOptions options;
  options.compression = row.name.starts_with("gzip");
  auto client = Client::make(options);
  Request request{row.method, "", {}, row.method == "POST" ? "body" : ""};
  CallTrace trace;
  auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(row.end == End::hang ? 60 : 5000);
  auto answer = loop.run(client->call("http://" + peer.address() + "/x", request, deadline, &trace));
  if (row.phase == Phase::done) {
    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(answer->status, row.status);
    EXPECT_EQ(answer->body, row.body);
    EXPECT_EQ(trace.phase, Phase::done);
  } else {
    ASSERT_FALSE(answer) << "no error, status " << answer->status;
    EXPECT_EQ(without_ports(answer.error().text), row.text);
    EXPECT_EQ(trace.phase == Phase::body, row.phase == Phase::body);
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, AnswerTexts, ::testing::ValuesIn(kRows), [](const auto& row) {
  return std::regex_replace(row.param.name, std::regex("[^A-Za-z0-9]"), "_");
});

}  // namespace
}  // namespace gatepost::net::http
