#include "net/http/client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <charconv>

#include "net/go_text.h"
#include "net/host_port.h"
#include "net/http/gzip.h"
#include "net/http/pool.h"
#include "net/http/redirect.h"

namespace gatepost::net::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kSlurp = 2u << 10;  // of a redirect's body, so that its connection can be used again

bool asks_for_gzip(const Request& request, const ClientOptions& options) {
  return options.compression && request.method != "HEAD" && !request.headers.has("Accept-Encoding") &&
         !request.headers.has("Range");
}

// The request as it goes out, in the order of Go's Request.write: line, Host, User-Agent, length, the caller's fields.
std::string wire_form(const Request& request, const url::Url& url, const Route& route, const ClientOptions& options) {
  std::string out;
  out.reserve(512 + request.body.size());
  out += request.method.empty() ? std::string_view("GET") : std::string_view(request.method);
  out += ' ';
  if (route.absolute_target) out += url.scheme + "://" + url.host;
  out += url.request_uri();
  out += " HTTP/1.1\r\nHost: ";
  std::string_view host = request.headers.get("Host");
  std::string own = host.empty() ? url.host : std::string(host);
  if (std::size_t zone = own.find('%'); own.starts_with('[') && zone != std::string::npos) {
    own.erase(zone, own.find(']') - zone);
  }
  out += own;
  out += "\r\n";
  if (!request.headers.has("User-Agent")) {
    out += "User-Agent: Go-http-client/1.1\r\n";
  } else if (auto agent = request.headers.get("User-Agent"); !agent.empty()) {
    out += "User-Agent: ";
    out += agent;
    out += "\r\n";
  }
  bool has_length =
      !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (has_length) {
    out += "Content-Length: ";
    char digits[24];
    auto [end, error] = std::to_chars(digits, digits + sizeof digits, request.body.size());
    out.append(digits, end);
    out += "\r\n";
  }
  for (auto [name, value] : request.headers) {
    if (equal_fold(name, "Host") || equal_fold(name, "User-Agent") || equal_fold(name, "Content-Length") ||
        equal_fold(name, "Transfer-Encoding") || equal_fold(name, "Trailer")) {
      continue;
    }
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  if (route.absolute_target && route.proxy && route.proxy->user) out += proxy_authorization(*route.proxy->user);
  if (asks_for_gzip(request, options)) out += "Accept-Encoding: gzip\r\n";
  out += "\r\n";
  out += request.body;
  return out;
}

// http.validateHeaders: fields that would break the message.
Result<void> check_headers(const Headers& headers) {
  for (auto [name, value] : headers) {
    if (!is_token(name)) return fail("net/http: invalid header field name " + go_quote(name));
    for (char c : value) {
      auto byte = static_cast<unsigned char>(c);
      if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
        return fail("net/http: invalid header field value for " + go_quote(name));
      }
    }
  }
  return {};
}

Result<Route> route_to(const url::Url& url, const ClientOptions& options) {
  if (url.scheme != "http" && url.scheme != "https") {
    return fail("unsupported protocol scheme " + go_quote(url.scheme));
  }
  if (url.host.empty()) return fail("http: no Host in request URL");
  Route route;
  route.tls = url.scheme == "https";
  auto address = split_host_port(canonical_address(url));
  if (!address) return fail(address.error().text);
  route.host = address->host;
  route.port = address->port;
  if (const url::Url* proxy = options.proxies.for_url(url)) {
    route.proxy = *proxy;
    route.absolute_target = !route.tls;
  }
  route.key = route.proxy ? route.proxy->string() : std::string();
  route.key += "|" + url.scheme + "|";
  if (!route.absolute_target) route.key += join_host_port(route.host, route.port);
  return route;
}

// Request.isReplayable: sending it twice does no harm.
bool replayable(const Request& request) {
  const std::string& method = request.method;
  return method.empty() || method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" ||
         request.headers.has("Idempotency-Key") || request.headers.has("X-Idempotency-Key");
}

// persistConn.shouldRetryRequest.
bool should_retry(const ClientConnection& connection, const ExchangeError& error, const Request& request) {
  if (!connection.reused || error.error.kind == ErrorKind::deadline_exceeded) return false;
  if (error.progress == Progress::nothing_written) return true;
  return error.progress == Progress::no_answer && replayable(request);
}

// An answer whose body is still to be read.
struct Opened {
  std::shared_ptr<ClientConnection> connection;
  Response head;
};

class PoolingClient final : public Client {
 public:
  explicit PoolingClient(ClientOptions options)
      : options_(std::make_shared<const ClientOptions>(std::move(options))), pool_(std::make_shared<Pool>(options_)) {}
  ~PoolingClient() override { pool_->close_idle(); }

  Task<NetResult<Response>> call(std::string url, Request request, SteadyTime deadline, CallTrace* trace,
                                 std::string* failed_url) override {
    bool unpack = asks_for_gzip(request, *options_);
    auto opened = co_await follow(std::move(url), std::move(request), deadline, trace, failed_url);
    if (!opened) co_return fail_with(std::move(opened).error());
    Response response = std::move(opened->head);
    auto& connection = opened->connection;
    while (true) {
      auto read = co_await connection->read_body(response.body, options_->max_body);
      if (!read) co_return fail_with(std::move(read).error());
      if (!*read) break;
    }
    co_await done_with(std::move(connection));
    if (unpack && equal_fold(response.headers.get("Content-Encoding"), "gzip") && !response.body.empty()) {
      auto plain = gunzip(response.body, options_->max_body);
      if (!plain) co_return net_fail(ErrorKind::other, std::move(plain.error().text));
      response.body = std::move(*plain);
      response.headers.remove("Content-Encoding");
      response.headers.remove("Content-Length");
    }
    if (trace) {
      trace->done = std::chrono::steady_clock::now();
      trace->phase = Phase::done;
    }
    co_return response;
  }

  Task<NetResult<Streaming>> open(std::string url, Request request, SteadyTime deadline, CallTrace* trace) override {
    auto opened = co_await follow(std::move(url), std::move(request), deadline, trace, nullptr);
    if (!opened) co_return fail_with(std::move(opened).error());
    auto connection = opened->connection;
    connection->set_deadline(std::nullopt);
    // Closes the connection when the last copy of the answer goes away before its end.
    std::shared_ptr<void> guard(nullptr, [connection](void*) {
      if (!connection->body_ended()) connection->close();
    });
    Streaming out;
    out.head = std::move(opened->head);
    out.read = [pool = pool_, connection, guard, most = options_->max_body] {
      return read_piece(pool, connection, most);
    };
    out.close = [connection] { connection->close(); };
    out.set_deadline = [connection](std::optional<SteadyTime> until) { connection->set_deadline(until); };
    co_return out;
  }

  void close_idle() override { pool_->close_idle(); }

 private:
  static Task<NetResult<std::string>> read_piece(std::shared_ptr<Pool> pool,
                                                 std::shared_ptr<ClientConnection> connection, std::size_t most) {
    std::string piece;
    bool ended_before = connection->body_ended();
    auto read = co_await connection->read_body(piece, most);
    if (!read) co_return fail_with(std::move(read).error());
    if (!ended_before && connection->body_ended() && connection->reusable()) {
      co_await pool->give_back(std::move(connection));
    }
    co_return piece;
  }

  Task<void> done_with(std::shared_ptr<ClientConnection> connection) {
    if (connection->reusable()) {
      co_await pool_->give_back(std::move(connection));
    } else {
      connection->close();
    }
  }

  // Client.do: sends the request and what redirects make of it.
  Task<NetResult<Opened>> follow(std::string text, Request request, SteadyTime deadline, CallTrace* trace,
                                 std::string* failed_url) {
    if (failed_url) *failed_url = text;
    auto parsed = url::parse(text);
    if (!parsed) co_return net_fail(ErrorKind::other, parsed.error().text);
    url::Url url = std::move(*parsed);
    const url::Url initial = url;
    const Headers first = request.headers;
    bool keep_body = true, strip = false;
    for (int sent = 1;; ++sent) {
      if (failed_url) *failed_url = url.redacted();
      auto opened = co_await round_trip(url, request, deadline, trace);
      if (!opened) co_return fail_with(std::move(opened).error());
      auto redirect = options_->follow_redirects ? redirect_of(opened->head.status, request.method) : std::nullopt;
      if (!redirect) co_return std::move(*opened);
      keep_body = keep_body && redirect->keep_body;
      std::string location(opened->head.headers.get("Location"));
      if (location.empty()) co_return std::move(*opened);
      auto next = url.resolve(location);
      if (!next) {
        opened->connection->close();
        if (trace) trace->phase = Phase::headers;
        co_return net_fail(ErrorKind::other,
                           "failed to parse Location header " + go_quote(location) + ": " + next.error().text);
      }
      if (!may_keep_credentials(initial, *next)) strip = true;
      // A custom Host stays for a location that names none.
      std::string host(request.headers.get("Host"));
      auto as_written = url::parse(location);
      bool relative = as_written && as_written->scheme.empty();
      request.headers = redirected_headers(first, url, *next, strip, keep_body);
      if (!host.empty() && relative) request.headers.add("Host", host);
      request.method = redirect->method;
      if (!keep_body) request.body.clear();
      co_await slurp(std::move(opened->connection));
      if (sent >= kMostRedirects) {
        if (failed_url) *failed_url = location;
        if (trace) trace->phase = Phase::headers;
        co_return net_fail(ErrorKind::other, "stopped after 10 redirects");
      }
      url = std::move(*next);
    }
  }

  // Reads a little of a redirect's body, so that the connection may be used again.
  Task<void> slurp(std::shared_ptr<ClientConnection> connection) {
    std::string body;
    while (!connection->body_ended() && body.size() <= kSlurp) {
      auto read = co_await connection->read_body(body, 4 * kSlurp + 65536);
      if (!read || !*read) break;
    }
    co_await done_with(std::move(connection));
  }

  // Transport.roundTrip: one request on one connection, again on another where that is safe.
  Task<NetResult<Opened>> round_trip(const url::Url& url, const Request& request, SteadyTime deadline,
                                     CallTrace* trace) {
    if (trace) *trace = CallTrace{};
    if (auto ok = check_headers(request.headers); !ok) co_return net_fail(ErrorKind::other, ok.error().text);
    if (!request.method.empty() && !is_token(request.method)) {
      co_return net_fail(ErrorKind::other, "net/http: invalid method " + go_quote(request.method));
    }
    auto route = route_to(url, *options_);
    if (!route) co_return net_fail(ErrorKind::other, route.error().text);
    auto bytes = std::make_shared<const std::string>(wire_form(request, url, *route, *options_));
    while (true) {
      if (trace) *trace = CallTrace{};
      auto connection = co_await pool_->get(*route, deadline, trace);
      if (!connection) co_return fail_with(std::move(connection).error());
      auto head = co_await (*connection)->exchange(bytes, request.method, deadline, trace);
      if (head) {
        if (request.headers.has_token("Connection", "close")) (*connection)->no_reuse();
        co_return Opened{std::move(*connection), std::move(head->response)};
      }
      if (!should_retry(**connection, head.error(), request)) co_return fail_with(std::move(head.error().error));
    }
  }

  std::shared_ptr<const ClientOptions> options_;
  std::shared_ptr<Pool> pool_;
};

}  // namespace

std::shared_ptr<Client> Client::make(ClientOptions options) {
  return std::make_shared<PoolingClient>(std::move(options));
}

}  // namespace gatepost::net::http
