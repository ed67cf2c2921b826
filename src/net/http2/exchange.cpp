#include "net/http2/exchange.h"

#include "net/http2/connection.h"

namespace gatepost::net::http2 {
namespace {

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

Failure<Error> went() {
  return net_fail(ErrorKind::canceled, "http: the client has gone");
}

}  // namespace

bool Exchange::begin(int status, const http::Headers& headers, std::optional<std::size_t> length, Session::Body body) {
  started_ = true;
  Session::Head head{status, &headers, connection_.date(), length, body};
  return connection_.session().respond(call_.stream, head);
}

// Offers bytes and waits until the client's windows and the connection have taken them.
Task<NetResult<void>> Exchange::put(std::string_view bytes, Session::Last last) {
  Session& session = connection_.session();
  taken_ = false;
  session.offer(call_.stream, bytes, last);
  connection_.flush();
  if (!taken_ && !lost_) {
    stalled_since_ = std::chrono::steady_clock::now();
    connection_.watch_stalled();
    waiting_ = true;
    co_await drained_.wait();
    waiting_ = false;
    stalled_since_.reset();
  }
  if (!taken_) co_return went();
  co_return NetResult<void>();
}

Task<NetResult<void>> Exchange::send(int status, http::Headers headers, std::string_view body) {
  if (started_) co_return net_fail(ErrorKind::other, "http: superfluous answer");
  if (gone_) co_return went();
  std::optional<std::size_t> length;
  if (has_body(status)) length = body.size();
  const bool wanted = has_body(status) && body_wanted_ && !body.empty();
  if (!begin(status, headers, length, wanted ? Session::Body::follows : Session::Body::none)) co_return went();
  if (!wanted) {
    ended_ = true;
    connection_.flush();
    co_return NetResult<void>();
  }
  auto sent = co_await put(body, Session::Last::yes);
  ended_ = true;
  co_return sent;
}

Task<NetResult<void>> Exchange::start(int status, http::Headers headers) {
  if (started_) co_return net_fail(ErrorKind::other, "http: superfluous answer");
  if (gone_) co_return went();
  streamed_ = true;
  body_wanted_ = body_wanted_ && has_body(status);
  if (!begin(status, headers, std::nullopt, body_wanted_ ? Session::Body::follows : Session::Body::none))
    co_return went();
  ended_ = !body_wanted_;
  connection_.flush();
  co_return NetResult<void>();
}

Task<NetResult<void>> Exchange::write(std::string_view piece) {
  if (gone_) co_return went();
  if (piece.empty() || !body_wanted_) co_return NetResult<void>();
  co_return co_await put(piece, Session::Last::no);
}

Task<void> Exchange::finish() {
  on_gone_ = nullptr;
  if (!started_) (void)co_await send(200, {}, {});
  if (ended_ || lost_) co_return;
  ended_ = true;
  connection_.session().offer(call_.stream, {}, Session::Last::yes);
  connection_.flush();
}

void Exchange::drained() {
  taken_ = true;
  if (waiting_) drained_.fire();
}

void Exchange::closed() {
  lost_ = true;
  if (waiting_) drained_.fire();
  client_went();
}

void Exchange::stop() {
  if (!streamed_ || ended_) return;
  if (waiting_) connection_.session().reset(call_.stream, Session::Why::canceled);
  client_went();
}

void Exchange::client_went() {
  gone_ = true;
  if (auto call = std::exchange(on_gone_, nullptr)) call();
}

void Exchange::on_client_gone(std::function<void()> call) {
  if (gone_ && call) {
    call();
  } else {
    on_gone_ = std::move(call);
  }
}

}  // namespace gatepost::net::http2
