// What the server answers to raw bytes: rows recorded from Go's http.Server (1.26) with the same limits and handler.
#include <gtest/gtest.h>
#include <regex>

#include "net/http/raw_client.h"
#include "net/http/server_fixture.h"

namespace gatepost::net::http {
namespace {

using testing::RawClient;
using testing::ServerThread;

enum class Write { stays_open, ends };

struct Row {
  std::string name, bytes;
  Write end;
  std::string answer;  // all bytes until the server closes, without Date fields
};

// clang-format off
const Row kRows[] = {
    {"get", "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nGET /a?b=c h "},
    {"post", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nPOST /a h body"},
    {"pipelined", "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxyGET /3 HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nGET /1 h HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nPOST /2 h xyHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nGET /3 h "},
    {"close asked", "GET /1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\nConnection: close\r\n\r\nGET /1 h "},
    {"http 1.0", "GET /1 HTTP/1.0\r\n\r\n", Write::stays_open, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nGET /1  "},
    {"http 1.0 keep", "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", Write::stays_open, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\nConnection: keep-alive\r\n\r\nGET /1  "},
    {"head", "HEAD /1 HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n"},
    {"chunked", "POST /1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: 1\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 15\r\n\r\nPOST /1 h abcde"},
    {"bare LF", "GET /1 HTTP/1.1\nHost: h\n\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nGET /1 h "},
    {"CRLF after post", "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxy\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\nPOST /1 h xyHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nGET /2 h "},
    {"CRLF after get", "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nGET /1 h HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"absolute target", "GET http://other/x?y HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 15\r\n\r\nGET /x?y other "},
    {"star", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"no host", "GET /1 HTTP/1.1\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request: missing required Host header\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request: missing required Host header"},
    {"two hosts", "GET /1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"bad host", "GET /1 HTTP/1.1\r\nHost: a b\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request: malformed Host header\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request: malformed Host header"},
    {"garbage", "hello\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"two words", "GET /\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"bad method", "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"bad version", "GET / HTTP/x.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"version 2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 505 HTTP Version Not Supported: unsupported protocol version\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n505 HTTP Version Not Supported: unsupported protocol version"},
    {"version 1.5", "GET / HTTP/1.5\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nGET / h "},
    {"version 0.9", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 505 HTTP Version Not Supported: unsupported protocol version\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n505 HTTP Version Not Supported: unsupported protocol version"},
    {"bad escape", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"escape in query", "GET /?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nGET /?a=%zz h "},
    {"relative target", "GET foo HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"control in target", "GET /a\001b HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"no colon", "GET / HTTP/1.1\r\nHost: h\r\nnope\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"space in name", "GET / HTTP/1.1\r\nHost: h\r\nA b: c\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request: invalid header name\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request: invalid header name"},
    {"bad name", "GET / HTTP/1.1\r\nHost: h\r\nA(b: c\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"control in value", "GET / HTTP/1.1\r\nHost: h\r\nA: b\001\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"folded", "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nGET / h "},
    {"blank first", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"length bad", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"length differs", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"length same", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nPOST / h ab"},
    {"coding unknown", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\nab", Write::stays_open, "HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\nUnsupported transfer encoding"},
    {"coding twice", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Write::stays_open, "HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\nUnsupported transfer encoding"},
    {"coding and length", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n2\r\nab\r\n0\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nPOST / h ab"},
    {"expect", "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", Write::stays_open, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nPOST / h ab"},
    {"expect with body", "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab", Write::stays_open, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nPOST / h ab"},
    {"expect no body", "GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nGET / h "},
    {"head cut", "GET / HTTP/1.1\r\nHost: h\r\n", Write::ends, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"line cut", "GET / HT", Write::ends, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"whole line cut", "GET / HTTP/1.1", Write::ends, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"nothing", "", Write::ends, ""},
    {"half closed after request", "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n", Write::ends, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nGET /1 h "},
    {"head too large", "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(9000, 'x') + "\r\n\r\n", Write::stays_open, "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n431 Request Header Fields Too Large"},
    {"line too large", "GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", Write::stays_open, "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n431 Request Header Fields Too Large"},
    {"head just fits", "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(4000, 'x') + "\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nGET / h "},
    {"slow head", "GET / HTTP/1.1\r\nHost: h\r\n", Write::stays_open, ""},
    {"no request", "", Write::stays_open, ""},
    {"connect bad", "CONNECT h:x HTTP/1.1\r\nHost: h:443\r\n\r\n", Write::stays_open, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"trailing garbage", "GET /1 HTTP/1.1\r\nHost: h\r\n\r\ngarbage\r\n\r\n", Write::stays_open, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nGET /1 h HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"},
    {"expect other", "POST / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nContent-Length: 2\r\n\r\nab", Write::stays_open, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
    {"preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Write::stays_open, "HTTP/1.1 505 HTTP Version Not Supported: unsupported protocol version\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n505 HTTP Version Not Supported: unsupported protocol version"},
};
// clang-format on

Task<void> tell(Request& request, const Peer&, ResponseWriter& writer) {
  std::string text =
      request.method + " " + request.target + " " + std::string(request.headers.get("Host")) + " " + request.body;
  co_await writer.send(200, {{"Content-Type", "text/plain"}}, text);
}

ServerOptions small_limits() {
  ServerOptions options;
  options.max_header_bytes = 1024;
  options.header_timeout = std::chrono::milliseconds(80);
  options.idle_timeout = std::chrono::milliseconds(40);
  options.body_timeout = std::chrono::milliseconds(80);
  return options;
}

class RawRequests : public ::testing::TestWithParam<Row> {};

TEST_P(RawRequests, AreAnsweredAsByGo) {
  const Row& row = GetParam();
  ServerThread server(small_limits(), tell);
  RawClient client(server.address());
  client.write(row.bytes);
  if (row.end == Write::ends) client.end();
  std::string answer;
  if (row.name == "expect") {
    answer = client.read("\r\n\r\n");
    client.write("ab");
  }
  answer += client.read();
  EXPECT_EQ(std::regex_replace(answer, std::regex("Date: [^\r]*\r\n"), ""), row.answer);
}

INSTANTIATE_TEST_SUITE_P(Rows, RawRequests, ::testing::ValuesIn(kRows), [](const auto& row) {
  return std::regex_replace(row.param.name, std::regex("[^A-Za-z0-9]"), "_");
});

}  // namespace
}  // namespace gatepost::net::http
