#include "client/rest.h"

#include <charconv>
#include <cstdlib>

#include "base/base64.h"
#include "base/files.h"
#include "base/random.h"
#include "client/exec_plugin.h"
#include "json/parse.h"
#include "net/buffer.h"
#include "net/http/response_reader.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "net/url.h"
#include "x509/pool.h"

namespace gatepost::client {
namespace {

constexpr auto usual_patience = std::chrono::seconds(40);
constexpr auto token_age = std::chrono::minutes(1);  // client-go reads token files anew as often
constexpr std::size_t idle_connections = 25;         // as client-go's transports keep
constexpr std::size_t largest_refusal = 64u << 10;
constexpr int most_retries = 4;
constexpr int longest_wait = 10;  // seconds

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

net::Proxies proxies_of(const Connection& connection) {
  if (connection.proxy_url.empty()) return net::Proxies::from_environment(environment);
  return net::Proxies::from_environment([&](const char* name) {
    const std::string_view wanted = name;
    return wanted == "HTTPS_PROXY" || wanted == "HTTP_PROXY" ? connection.proxy_url : std::string();
  });
}

int seconds_to_wait(const net::http::Response& response) {
  const std::string_view text = response.headers.get("Retry-After");
  int seconds = 1;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::clamp(seconds, 1, longest_wait);
}

}  // namespace

Result<Rest> Rest::make(Connection connection) {
  if (connection.exec) {
    auto credential = run_plugin(*connection.exec, connection);
    if (!credential) return fail_with(std::move(credential.error()));
    if (!credential->token.empty()) connection.token = std::move(credential->token);
    if (!credential->certificate_pem.empty()) {
      connection.certificate_pem = std::move(credential->certificate_pem);
      connection.key_pem = std::move(credential->key_pem);
    }
  }
  net::http::ClientOptions options;
  options.proxies = proxies_of(connection);
  if (connection.server.starts_with("https://")) {
    net::tls::ClientConfig tls;
    if (!connection.ca_pem.empty()) {
      auto pool = x509::pool_from_ca_bundle(connection.ca_pem);
      if (!pool) return fail(pool.error().text);
      tls.roots = std::move(*pool);
    }
    if (connection.insecure) tls.verify = net::tls::Verify::no;
    tls.server_name = connection.server_name;
    tls.certificate_pem = connection.certificate_pem;
    tls.key_pem = connection.key_pem;
    if (auto prepared = net::tls::prepare(tls); !prepared) return fail(prepared.error().text);
    options.tls = std::move(tls);
  }
  options.max_idle_per_host = idle_connections;
  Rest rest;
  rest.tls_ = options.tls;
  rest.proxies_ = options.proxies;
  rest.client_ = net::http::Client::make(std::move(options));
  rest.connection_ = std::move(connection);
  return rest;
}

net::http::Request Rest::request(const std::string& method, const std::string& body) {
  const auto now = std::chrono::steady_clock::now();
  if (!connection_.token_file.empty() && (connection_.token.empty() || now - token_read_ > token_age)) {
    if (auto token = files::read(connection_.token_file, 1u << 20)) {
      connection_.token = token->substr(0, token->find_last_not_of(" \r\n\t") + 1);
      token_read_ = now;
    }
  }
  net::http::Request out;
  out.method = method;
  out.headers.add("Accept", "application/json");
  out.headers.add("User-Agent", "gatepost/" GATEPOST_VERSION);
  if (!connection_.token.empty())
    out.headers.add("Authorization", "Bearer " + connection_.token);
  else if (!connection_.basic_user.empty())
    out.headers.add("Authorization",
                    "Basic " + base64::encode(connection_.basic_user + ":" + connection_.basic_password));
  if (!connection_.as.empty()) out.headers.add("Impersonate-User", connection_.as);
  for (const std::string& group : connection_.as_groups) out.headers.add("Impersonate-Group", group);
  for (const auto& [key, value] : connection_.as_extra)
    out.headers.add("Impersonate-Extra-" + net::url::path_escape(key), value);
  if (!connection_.as_uid.empty()) out.headers.add("Impersonate-Uid", connection_.as_uid);
  if (!body.empty()) out.headers.add("Content-Type", "application/json");
  out.body = body;
  return out;
}

net::Task<Result<Reply>> Rest::call(std::string method, std::string path, std::string body,
                                    std::optional<std::chrono::nanoseconds> at_most) {
  std::chrono::nanoseconds patience = connection_.request_timeout.value_or(usual_patience);
  if (at_most && (patience.count() == 0 || *at_most < patience)) patience = *at_most;
  const auto deadline = patience.count() == 0 ? net::SteadyTime::max() : std::chrono::steady_clock::now() + patience;
  for (int attempt = 0;; ++attempt) {
    auto response = co_await client_->call(connection_.server + path, request(method, body), deadline);
    if (!response) co_return fail(connection_.server + " cannot be reached: " + response.error().text);
    if (response->status == 429 && attempt < most_retries) {
      const auto wait = std::chrono::seconds(seconds_to_wait(*response));
      if (std::chrono::steady_clock::now() + wait < deadline) {
        co_await net::sleep_for(wait);
        continue;
      }
    }
    Reply reply;
    reply.status = response->status;
    reply.text = response->body;
    if (auto parsed = json::parse(response->body, json::make_arena(response->body.size() * 2))) {
      reply.body = std::move(*parsed);
      if (json::string_at(reply.body, {"kind"}) == "Status") reply.text = json::string_at(reply.body, {"message"});
    }
    co_return reply;
  }
}

net::Task<net::NetResult<Upgraded>> Rest::upgrade(std::string path, std::string protocol, net::SteadyTime deadline) {
  auto url = net::url::parse(connection_.server + path);
  if (!url) co_return net::net_fail(net::ErrorKind::other, std::move(url.error().text));
  if (proxies_.for_url(*url))
    co_return net::net_fail(net::ErrorKind::proxy, "port-forward is not tried through a proxy");
  const std::string host = url->hostname(), port = url->port().empty() ? (tls_ ? "443" : "80") : url->port();
  auto dialed = co_await net::tcp::dial(host, port, deadline);
  if (!dialed) co_return fail_with(std::move(dialed.error()));
  Upgraded out{std::move(*dialed), ""};
  out.stream->set_deadline(deadline);
  if (tls_) {
    auto secured = co_await net::tls::connect(std::move(out.stream), *tls_, host);
    if (!secured) co_return fail_with(std::move(secured.error()));
    out.stream = std::move(*secured);
    out.stream->set_deadline(deadline);
  }
  std::string head = "GET " + url->request_uri() + " HTTP/1.1\r\nHost: " + url->host +
                     "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: " +
                     base64::encode(random_uuid().substr(0, 16)) + "\r\nSec-WebSocket-Protocol: " + protocol + "\r\n";
  for (auto [name, value] : request("GET", "").headers)
    if (name != "Accept") head += std::string(name) + ": " + std::string(value) + "\r\n";
  head += "\r\n";
  if (auto sent = co_await out.stream->write(head); !sent) co_return fail_with(std::move(sent.error()));
  net::Buffer in;
  auto answer = co_await net::http::read_response_head(*out.stream, in, "GET");
  if (!answer) co_return fail_with(std::move(answer.error()));
  if (constexpr int switching = 101; answer->response.status != switching) {
    std::string body;
    net::http::BodyReader reader(answer->framing);
    for (;;) {
      auto more = co_await reader.read(*out.stream, in, body, largest_refusal);
      if (!more || !*more) break;
    }
    if (auto parsed = json::parse(body, json::make_arena()); parsed && json::string_at(*parsed, {"kind"}) == "Status")
      body = json::string_at(*parsed, {"message"});
    co_return net::net_fail(net::ErrorKind::other, std::to_string(answer->response.status) + ": " + body);
  }
  out.early = in.view();
  co_return out;
}

}  // namespace gatepost::client
