#include "net/http/server_connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <charconv>
#include <chrono>
#include <exception>

#include "base/klog.h"
#include "net/http2/connection.h"

namespace gatepost::net::http {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kSlop = 4096;              // Go's server reads that much beyond its limit for a head
constexpr std::size_t kWholeAnswer = 64u << 10;  // a body up to this goes out in one write with its head
constexpr std::size_t kMostReadAhead = 64u << 10;
constexpr std::size_t kKeptBuffer = 64u << 10;
constexpr std::chrono::milliseconds kLinger{500};  // Go's rstAvoidanceDelay
constexpr std::size_t kMostLinger = 256u << 10;    // Go's maxPostHandlerReadBytes

void append_number(std::string& out, std::size_t number) {
  char digits[24];
  auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace

ServerConnection::ServerConnection(std::shared_ptr<ServerShared> shared, std::unique_ptr<ByteStream> stream)
    : shared_(std::move(shared)), stream_(std::move(stream)) {
  shared_->open.insert(this);
  peer_.address = stream_->peer_address();
}

ServerConnection::~ServerConnection() {
  shared_->open.erase(this);
}

void ServerConnection::set_timeout(std::chrono::milliseconds time) {
  stream_->set_deadline(std::chrono::steady_clock::now() + time);
}

void ServerConnection::stop() {
  keep_alive_ = false;
  if (http2_) http2_->stop();
  if (phase_ == Phase::handling || !stream_) return;
  stream_->close();
}

Task<void> ServerConnection::run(std::shared_ptr<ServerConnection> self) {
  self->set_timeout(self->shared_->options.header_timeout);
  if (co_await self->shake_hands()) {
    if (self->peer_.protocol == "h2") {
      self->http2_ = std::make_shared<http2::Connection>(self->shared_, std::move(self->stream_), self->peer_);
      co_await http2::Connection::run(self->http2_);
      co_return;
    }
    while (self->stream_ && !self->shared_->stopping && co_await self->serve_one() == Step::next) {
    }
  }
  if (self->stream_) self->stream_->close();
  if (self->watching_) co_await self->watched_.wait();
}

Task<bool> ServerConnection::shake_hands() {
  if (!shared_->options.tls) co_return true;
  tls::ClientInfo seen;
  auto stream = co_await tls::accept(std::move(stream_), shared_->options.tls, &seen);
  if (!stream) {
    if (shared_->options.on_handshake_error) shared_->options.on_handshake_error(peer_.address, stream.error());
    co_return false;
  }
  stream_ = std::move(*stream);
  peer_.certificates = std::move(seen.certificates);
  peer_.protocol = std::move(seen.protocol);
  co_return true;
}

Task<ServerConnection::Fill> ServerConnection::fill(std::size_t least) {
  if (watching_) {  // the watch of the last streamed answer still has the stream's read
    co_await watched_.wait();
    co_return gone_ ? Fill::failed : Fill::more;
  }
  auto read = co_await stream_->read_some(in_.space(least));
  if (!read) co_return Fill::failed;
  in_.filled(*read);
  co_return *read == 0 ? Fill::end : Fill::more;
}

Task<ServerConnection::Step> ServerConnection::serve_one() {
  if (co_await read_head() == Step::close) co_return Step::close;
  request_.body.clear();
  request_.headers.assign({in_.data(), head_.size()}, head_.fields());
  in_.consume(head_.size());
  auto framing = check_request(request_, version_);
  if (!framing) co_return co_await refuse(std::move(framing).error());
  keep_alive_ = !framing->close;
  if (framing->kind != Framing::Kind::none) {
    if (co_await read_body(*framing) == Step::close) co_return Step::close;
  } else if (!request_.headers.get("Expect").empty() && !request_.headers.has_token("Expect", "100-continue")) {
    co_return co_await refuse_expectation();
  }
  begin_answer();
  phase_ = Phase::handling;
  stream_->set_deadline(std::nullopt);
  if (request_.target == "*" && request_.method == "OPTIONS") {  // a question to the server itself
    (void)co_await send(200, {}, {});
    co_return co_await finish_answer();
  }
  try {
    co_await shared_->handler(request_, peer_, *this);
  } catch (const std::exception& error) {  // a broken invariant ends this connection, not the server
    klog::write(klog::Severity::error, "server_connection.cpp:" + std::to_string(__LINE__),
                "http: panic serving " + peer_.address + ": " + error.what());
    co_return Step::close;
  }
  if (!stream_) co_return Step::close;  // hijacked
  co_return co_await finish_answer();
}

Task<ServerConnection::Step> ServerConnection::read_head() {
  bool after_post = request_.method == "POST";
  bool timed = first_;  // the first request's time began with the connection
  phase_ = Phase::idle;
  if (in_.empty()) {
    if (!watching_) in_.shrink(kKeptBuffer);
    if (!first_) set_timeout(shared_->options.idle_timeout);
    if (co_await fill() != Fill::more) co_return Step::close;
  }
  first_ = false;
  phase_ = Phase::reading;
  // RFC 7230 section 3.5 lets clients send a line end after a body.
  for (int i = 0; after_post && i < 4 && !in_.empty() && (in_.view()[0] == '\r' || in_.view()[0] == '\n'); ++i) {
    in_.consume(1);
  }
  head_.reset();
  while (true) {
    auto state = head_.read(in_.data(), in_.size(), false);
    if (state == HeadReader::State::done) co_return Step::next;
    if (state == HeadReader::State::first_line) {
      auto line = parse_request_line(head_.first_line(in_.data()));
      if (!line) co_return co_await refuse(std::move(line).error());
      request_.method.assign(line->method);
      request_.target.assign(line->target);
      version_ = line->version;
      continue;
    }
    if (state != HeadReader::State::more) co_return co_await refuse(Refusal::bad_request());
    if (in_.size() >= shared_->options.max_header_bytes + kSlop) co_return co_await refuse(Refusal::head_too_large());
    if (!timed) {
      timed = true;
      set_timeout(shared_->options.header_timeout);
    }
    switch (co_await fill()) {
      case Fill::more:
        break;
      case Fill::failed:
        co_return Step::close;
      // As Go's server: a request that ends too early is malformed.
      case Fill::end:
        co_return co_await refuse(Refusal::bad_request());
    }
  }
}

Task<ServerConnection::Step> ServerConnection::read_body(Framing framing) {
  const std::size_t most = shared_->options.max_body_bytes;
  std::string_view expect = request_.headers.get("Expect");
  bool proceed = request_.headers.has_token("Expect", "100-continue");
  if (!expect.empty() && !proceed) co_return co_await refuse_expectation();
  if (framing.kind == Framing::Kind::length && framing.length > most) {
    // As kube-apiserver, which reads as much as it allows before it refuses: a client that writes everything before it
    // reads sees the answer then.
    if (!proceed) co_await discard(most + 1);
    co_return co_await refuse_too_large();
  }
  std::size_t have = std::min(in_.size(), framing.length);
  if (framing.kind == Framing::Kind::length) {
    request_.body.assign(in_.view().substr(0, have));
    in_.consume(have);
    if (have == framing.length && !proceed) co_return Step::next;
  }
  set_timeout(shared_->options.body_timeout);
  if (proceed && version_.minor >= 1) {
    if (!co_await put("HTTP/1.1 100 Continue\r\n\r\n")) co_return Step::close;
    set_timeout(shared_->options.body_timeout);
  }
  if (framing.kind == Framing::Kind::chunked) {
    ChunkReader chunks;
    while (true) {
      auto state = chunks.read(in_, request_.body, most);
      if (state == ChunkReader::State::done) co_return Step::next;
      if (state == ChunkReader::State::failed) {
        if (chunks.too_large()) co_return co_await refuse_too_large();
        co_return co_await refuse(Refusal::bad_request());
      }
      if (co_await fill(16384) != Fill::more) co_return Step::close;
    }
  }
  std::string& body = request_.body;
  while (have < framing.length) {
    // Room grows with what has come, so that an announced length costs nothing by itself.
    std::size_t room = std::min(framing.length, std::max<std::size_t>(have * 2, 64u << 10));
    if (body.size() < room) body.resize(room);
    if (watching_) {
      if (co_await fill() != Fill::more) co_return Step::close;
      std::size_t take = std::min(in_.size(), body.size() - have);
      std::copy_n(in_.data(), take, body.data() + have);
      in_.consume(take);
      have += take;
      continue;
    }
    auto read = co_await stream_->read_some({body.data() + have, body.size() - have});
    if (!read || *read == 0) co_return Step::close;
    have += *read;
  }
  body.resize(framing.length);
  co_return Step::next;
}

Task<ServerConnection::Step> ServerConnection::finish_answer() {
  if (!started_) (void)co_await send(200, {}, {});
  if (!ended_ && !broken_ && !gone_) {
    if (chunked_ && body_wanted_) {
      (void)co_await put(kLastChunk);
    } else if (!chunked_ && body_wanted_) {
      keep_alive_ = false;
    }
  }
  on_gone_ = nullptr;
  co_return keep_alive_ && !broken_ && !gone_ ? Step::next : Step::close;
}

Task<ServerConnection::Step> ServerConnection::refuse(Refusal refusal) {
  std::string text = refusal.on_the_wire();
  if (co_await put(text)) co_await linger();
  co_return Step::close;
}

Task<void> ServerConnection::discard(std::size_t bytes) {
  set_timeout(shared_->options.body_timeout);
  while (bytes > 0) {
    if (in_.empty() && co_await fill(16384) != Fill::more) co_return;
    const std::size_t taken = std::min(bytes, in_.size());
    in_.consume(taken);
    bytes -= taken;
  }
}

Task<ServerConnection::Step> ServerConnection::refuse_too_large() {
  Response answer{413, {}, {}, "413 Request Entity Too Large"};
  if (shared_->options.too_large) answer = shared_->options.too_large();
  begin_answer();
  keep_alive_ = false;
  if (co_await send(answer.status, std::move(answer.headers), answer.body)) co_await linger();
  co_return Step::close;
}

Task<ServerConnection::Step> ServerConnection::refuse_expectation() {
  begin_answer();
  keep_alive_ = false;
  (void)co_await send(417, {}, {});
  co_return Step::close;
}

void ServerConnection::begin_answer() {
  started_ = ended_ = chunked_ = false;
  body_wanted_ = request_.method != "HEAD";
}

// Reads on for a moment, so that closing does not make the client's system drop the answer (a reset overtakes it).
Task<void> ServerConnection::linger() {
  stream_->end_write();
  set_timeout(kLinger);
  std::string sink(16384, '\0');
  for (std::size_t taken = 0; taken < kMostLinger;) {
    auto read = co_await stream_->read_some(sink);
    if (!read || *read == 0) break;
    taken += *read;
  }
}

Task<NetResult<void>> ServerConnection::put(std::string_view bytes) {
  if (broken_ || !stream_) co_return net_fail(ErrorKind::broken_pipe, "http: the connection has ended");
  set_timeout(shared_->options.write_timeout);
  auto written = co_await stream_->write(bytes);
  if (!stream_) co_return net_fail(ErrorKind::canceled, "http: the connection has ended");
  stream_->set_deadline(std::nullopt);
  if (!written) {
    broken_ = true;
    stream_->close();
  }
  co_return written;
}

void ServerConnection::begin_head(int status, const Headers& headers) {
  out_.clear();
  out_ += version_.minor >= 1 ? "HTTP/1.1 " : "HTTP/1.0 ";
  append_number(out_, static_cast<std::size_t>(status));
  out_ += ' ';
  std::string_view reason = status_text(status);
  if (reason.empty()) {
    out_ += "status code ";
    append_number(out_, static_cast<std::size_t>(status));
  } else {
    out_ += reason;
  }
  out_ += "\r\n";
  for (auto [name, value] : headers) {
    if (equal_fold(name, "Content-Length") || equal_fold(name, "Transfer-Encoding")) continue;
    if (equal_fold(name, "Connection") && equal_fold(value, "close")) {
      keep_alive_ = false;
      continue;
    }
    out_ += name;
    out_ += ": ";
    out_ += value;
    out_ += "\r\n";
  }
  if (!headers.has("Date")) {
    out_ += "Date: ";
    out_ += shared_->date.at(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
    out_ += "\r\n";
  }
  if (shared_->stopping) keep_alive_ = false;
}

// The Connection field where it says something, and the blank line.
void ServerConnection::end_head() {
  if (!keep_alive_ && version_.minor >= 1) out_ += "Connection: close\r\n";
  if (keep_alive_ && version_.minor == 0) out_ += "Connection: keep-alive\r\n";
  out_ += "\r\n";
}

Task<NetResult<void>> ServerConnection::send(int status, Headers headers, std::string_view body) {
  if (started_) co_return net_fail(ErrorKind::other, "http: superfluous answer");
  started_ = ended_ = true;
  begin_head(status, headers);
  if (has_body(status)) {
    out_ += "Content-Length: ";
    append_number(out_, body.size());
    out_ += "\r\n";
  } else {
    body = {};
  }
  end_head();
  if (!body_wanted_) body = {};
  if (body.size() <= kWholeAnswer) {
    out_ += body;
    co_return co_await put(out_);
  }
  auto head = co_await put(out_);
  if (!head) co_return head;
  co_return co_await put(body);
}

Task<NetResult<void>> ServerConnection::start(int status, Headers headers) {
  if (started_) co_return net_fail(ErrorKind::other, "http: superfluous answer");
  started_ = true;
  phase_ = Phase::streaming;
  body_wanted_ = body_wanted_ && has_body(status);
  chunked_ = version_.minor >= 1;
  begin_head(status, headers);
  if (!chunked_) keep_alive_ = false;
  if (chunked_ && has_body(status)) out_ += "Transfer-Encoding: chunked\r\n";
  end_head();
  auto written = co_await put(out_);
  if (written && !watching_) {
    asio::co_spawn(co_await asio::this_coro::executor, watch_client(shared_from_this()), asio::detached);
  }
  co_return written;
}

Task<NetResult<void>> ServerConnection::write(std::string_view piece) {
  if (gone_) co_return net_fail(ErrorKind::canceled, "http: the client has gone");
  if (piece.empty() || !body_wanted_) co_return NetResult<void>();
  if (!chunked_) co_return co_await put(piece);
  out_.clear();
  append_chunk(out_, piece);
  co_return co_await put(out_);
}

Task<void> ServerConnection::watch_client(std::shared_ptr<ServerConnection> self) {
  self->watching_ = true;
  bool open = true;
  std::array<char, 1024> bytes;  // its own, because the connection may go on to read from its buffer meanwhile
  while (open && self->phase_ == Phase::streaming && self->in_.size() < kMostReadAhead) {
    auto read = co_await self->stream_->read_some(bytes);
    open = read && *read > 0;
    if (!open) break;
    std::copy_n(bytes.data(), *read, self->in_.space(*read).data());
    self->in_.filled(*read);
  }
  self->watching_ = false;
  if (!open) self->client_went();
  self->watched_.fire();
}

void ServerConnection::client_went() {
  gone_ = true;
  if (auto call = std::move(on_gone_)) {
    on_gone_ = nullptr;
    call();
  }
}

void ServerConnection::on_client_gone(std::function<void()> call) {
  if (gone_) {
    call();
  } else {
    on_gone_ = std::move(call);
  }
}

std::unique_ptr<ByteStream> ServerConnection::hijack(std::string* already_read) {
  if (started_ || watching_) return nullptr;
  started_ = ended_ = true;
  if (already_read) already_read->assign(in_.view());
  in_.consume(in_.size());
  if (stream_) stream_->set_deadline(std::nullopt);
  return std::move(stream_);
}

}  // namespace gatepost::net::http
