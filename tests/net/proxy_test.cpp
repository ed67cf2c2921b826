// HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go's ProxyFromEnvironment reads them, and calls through a proxy.
#include "net/proxy.h"

#include <gtest/gtest.h>
#include <map>

#include "net/http/client.h"
#include "net/http/fake_peer.h"
#include "net/loop.h"

namespace gatepost::net {
namespace {

using testing::Answer;
using testing::End;
using testing::FakePeer;

Proxies from(std::map<std::string, std::string> environment) {
  return Proxies::from_environment([environment](const char* name) {
    auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  });
}

std::string chosen(const Proxies& proxies, std::string_view target) {
  const url::Url* proxy = proxies.for_url(*url::parse(target));
  return proxy ? proxy->string() : "direct";
}

TEST(Proxies, FollowTheEnvironment) {
  struct Row {
    std::map<std::string, std::string> environment;
    std::string target, proxy;
  };
  const Row kRows[] = {
      {{}, "https://h/", "direct"},
      {{{"HTTPS_PROXY", "http://p:3128"}}, "https://h/", "http://p:3128"},
      {{{"HTTPS_PROXY", "http://p:3128"}}, "http://h/", "direct"},
      {{{"https_proxy", "p:3128"}}, "https://h/", "http://p:3128"},
      {{{"HTTPS_PROXY", "http://a:1"}, {"https_proxy", "http://b:2"}}, "https://h/", "http://a:1"},
      {{{"HTTP_PROXY", "http://p:1"}}, "http://h/", "http://p:1"},
      {{{"HTTP_PROXY", "http://p:1"}, {"REQUEST_METHOD", "GET"}}, "http://h/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}}, "https://localhost:443/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}}, "https://127.0.0.1/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}}, "https://127.8.9.1/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}}, "https://[::1]/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "*"}}, "https://h/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "example.com"}}, "https://example.com/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "example.com"}}, "https://a.example.com/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "example.com"}}, "https://anexample.com/", "http://p:1"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", ".example.com"}}, "https://example.com/", "http://p:1"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "*.example.com"}}, "https://a.example.com/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "a, .svc ,b"}}, "https://x.ns.svc:443/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "h:443"}}, "https://h/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "h:444"}}, "https://h/", "http://p:1"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "10.0.0.0/8"}}, "https://10.1.2.3/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "10.0.0.0/8"}}, "https://11.1.2.3/", "http://p:1"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "10.1.2.3"}}, "https://10.1.2.3:99/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "10.1.2.3:98"}}, "https://10.1.2.3:99/", "http://p:1"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "fd00::/8"}}, "https://[fd00::5]/", "direct"},
      {{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", "EXAMPLE.com"}}, "https://Example.COM/", "direct"},
  };
  for (const Row& row : kRows) EXPECT_EQ(chosen(from(row.environment), row.target), row.proxy) << row.target;
}

// The proxy is at 127.0.0.1, the target elsewhere: nothing else is dialled.
NetResult<http::Response> through(const FakePeer& proxy, std::string target, http::CallTrace* trace = nullptr) {
  Loop loop;
  http::ClientOptions options;
  options.tls.emplace();
  options.proxies =
      from({{"HTTPS_PROXY", "http://user:pw@" + proxy.address()}, {"HTTP_PROXY", "http://user:pw@" + proxy.address()}});
  auto client = http::Client::make(options);
  auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(3000);
  return loop.run(client->call(std::move(target), {"GET"}, deadline, trace));
}

TEST(Proxies, ARefusedTunnelGivesTheBareReason) {
  struct Row {
    std::string answer, text;
  };
  const Row kRows[] = {
      {"HTTP/1.1 403 Forbidden by policy\r\nContent-Length: 0\r\n\r\n", "Forbidden by policy"},
      {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "Proxy Authentication Required"},
      {"HTTP/1.1 503\r\n\r\n", "unknown status code"},
      {"nonsense\r\n\r\n", "malformed HTTP response \"nonsense\""},
      {"", "unexpected EOF"},
  };
  for (const Row& row : kRows) {
    FakePeer proxy([&](const std::string&, int) { return Answer{row.answer, End::close}; });
    http::CallTrace trace;
    auto answer = through(proxy, "https://10.9.9.9:8443/x", &trace);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().text, row.text);
    EXPECT_EQ(trace.phase, http::Phase::proxy);
    ASSERT_EQ(proxy.requests().size(), 1u);
    EXPECT_EQ(proxy.requests()[0],
              "CONNECT 10.9.9.9:8443 HTTP/1.1\r\nHost: 10.9.9.9:8443\r\nUser-Agent: Go-http-client/1.1\r\n"
              "Proxy-Authorization: Basic dXNlcjpwdw==\r\n\r\n");
  }
}

TEST(Proxies, PlainRequestsNameTheWholeUrl) {
  FakePeer proxy(
      [&](const std::string&, int) { return Answer{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", End::keep}; });
  auto answer = through(proxy, "http://10.9.9.9/x?y=z");
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_TRUE(proxy.requests()[0].starts_with("GET http://10.9.9.9/x?y=z HTTP/1.1\r\nHost: 10.9.9.9\r\n"));
  EXPECT_NE(proxy.requests()[0].find("Proxy-Authorization: Basic dXNlcjpwdw==\r\n"), std::string::npos);
}

TEST(Proxies, AProxyThatCannotBeReachedIsNamed) {
  std::string address;
  {
    address = FakePeer([](const std::string&, int) { return Answer{}; }).address();
  }
  Loop loop;
  http::ClientOptions options;
  options.tls.emplace();
  options.proxies = from({{"HTTPS_PROXY", "http://" + address}});
  auto client = http::Client::make(options);
  auto answer = loop.run(
      client->call("https://10.9.9.9/", {"GET"}, std::chrono::steady_clock::now() + std::chrono::milliseconds(3000)));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().text, "proxyconnect tcp: dial tcp " + address + ": connect: connection refused");
}

}  // namespace
}  // namespace gatepost::net
