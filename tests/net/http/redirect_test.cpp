// Redirects as Go's http.Client follows them.
#include "net/http/redirect.h"

#include <gtest/gtest.h>

#include "net/http/client.h"
#include "net/http/fake_peer.h"
#include "net/loop.h"

namespace gatepost::net::http {
namespace {

using testing::Answer;
using testing::End;
using testing::FakePeer;

SteadyTime in(int milliseconds) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
}

TEST(Redirect, MethodAndBodyByStatus) {
  struct Row {
    int status;
    std::string method, then;
    bool body;
  };
  for (const Row& row : {Row{301, "POST", "GET", false}, Row{302, "POST", "GET", false}, Row{303, "PUT", "GET", false},
                         Row{302, "HEAD", "HEAD", false}, Row{303, "GET", "GET", false}, Row{307, "POST", "POST", true},
                         Row{308, "PATCH", "PATCH", true}}) {
    FakePeer peer([&](const std::string&, int number) {
      if (number == 0) {
        return Answer{"HTTP/1.1 " + std::to_string(row.status) +
                          " There\r\nLocation: /next?a=b#c\r\nContent-Length: 5\r\n\r\n" +
                          (row.method == "HEAD" ? "" : "moved"),
                      End::keep};
      }
      return Answer{row.method == "HEAD" ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                    End::keep};
    });
    Loop loop;
    auto client = Client::make({});
    bool sends_body = row.method != "GET" && row.method != "HEAD";
    Request request{row.method, "", {{"Content-Type", "application/json"}}, sends_body ? "body" : ""};
    std::string failed;
    auto answer =
        loop.run(client->call("http://" + peer.address() + "/first", std::move(request), in(3000), nullptr, &failed));
    ASSERT_TRUE(answer) << answer.error().text;
    auto requests = peer.requests();
    ASSERT_EQ(requests.size(), 2u);
    EXPECT_TRUE(requests[1].starts_with(row.then + " /next?a=b HTTP/1.1\r\n")) << requests[1];
    EXPECT_EQ(requests[1].ends_with("\r\n\r\nbody"), row.body) << requests[1];
    EXPECT_EQ(requests[1].find("Content-Type") != std::string::npos, row.body);
    EXPECT_NE(requests[1].find("Referer: http://" + peer.address() + "/first"), std::string::npos);
    EXPECT_EQ(peer.connections(), 1);  // the first answer's body was read
  }
}

TEST(Redirect, NamesTheUrlThatFailed) {
  FakePeer peer([&](const std::string& request, int) {
    if (request.starts_with("POST /first")) {
      return Answer{"HTTP/1.1 307 There\r\nLocation: /second\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                    End::close};
    }
    return Answer{"", End::close};
  });
  Loop loop;
  auto client = Client::make({});
  std::string failed;
  auto answer = loop.run(
      client->call("http://" + peer.address() + "/first", {"POST", "", {}, "body"}, in(3000), nullptr, &failed));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().text, "EOF");
  EXPECT_EQ(failed, "http://" + peer.address() + "/second");
}

TEST(Redirect, IsGivenBackWhenNotFollowed) {
  FakePeer peer([&](const std::string&, int) {
    return Answer{"HTTP/1.1 307 There\r\nLocation: /second\r\nContent-Length: 0\r\n\r\n", End::close};
  });
  Loop loop;
  ClientOptions options;
  options.follow_redirects = false;
  auto client = Client::make(options);
  auto answer = loop.run(client->call("http://" + peer.address() + "/first", {"GET"}, in(3000)));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 307);
}

TEST(Redirect, CredentialsStayWithTheirHost) {
  auto keeps = [](std::string_view from, std::string_view to) {
    return may_keep_credentials(*url::parse(from), *url::parse(to));
  };
  EXPECT_TRUE(keeps("http://a.com/", "https://a.com:444/"));
  EXPECT_TRUE(keeps("http://a.com/", "http://x.a.com/"));
  EXPECT_FALSE(keeps("http://a.com/", "http://ba.com/"));
  EXPECT_FALSE(keeps("http://x.a.com/", "http://a.com/"));
  Headers first{{"Authorization", "Bearer secret"}, {"Cookie", "c"}, {"Content-Type", "t"}, {"X", "y"}};
  auto last = *url::parse("https://user:pw@a.com/1"), next = *url::parse("https://b.com/2");
  Headers stripped = redirected_headers(first, last, next, true, true);
  EXPECT_FALSE(stripped.has("Authorization"));
  EXPECT_FALSE(stripped.has("Cookie"));
  EXPECT_EQ(stripped.get("X"), "y");
  EXPECT_EQ(stripped.get("Referer"), "https://a.com/1");  // without the password
  EXPECT_FALSE(redirected_headers(first, last, *url::parse("http://a.com/"), false, true).has("Referer"));
}

}  // namespace
}  // namespace gatepost::net::http
