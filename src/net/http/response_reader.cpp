#include "net/http/response_reader.h"

#include <charconv>
#include <optional>

#include "net/go_text.h"

namespace gatepost::net::http {
namespace {

Failure<Error> malformed(std::string text) {
  return net_fail(ErrorKind::malformed_http, std::move(text));
}
Failure<Error> cut_short() {
  return net_fail(ErrorKind::unexpected_eof, "unexpected EOF");
}

}  // namespace

Result<StatusLine> parse_status_line(std::string_view line) {
  std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return fail("malformed HTTP response " + go_quote(line));
  std::string_view protocol = line.substr(0, space), status = line.substr(space + 1);
  while (status.starts_with(' ')) status.remove_prefix(1);
  std::size_t end = status.find(' ');
  std::string_view code = status.substr(0, end);
  auto bad_code = [&] { return fail("malformed HTTP status code " + go_quote(code)); };
  if (code.size() != 3) return bad_code();
  StatusLine out;
  std::string_view digits = code;
  if (digits[0] == '+') digits.remove_prefix(1);  // strconv.Atoi takes a sign
  auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.status);
  if (error != std::errc() || rest != digits.data() + digits.size() || out.status < 0) return bad_code();
  if (digits[0] == '-') return bad_code();
  if (!parse_version(protocol, out.version)) return fail("malformed HTTP version " + go_quote(protocol));
  if (end != std::string_view::npos) out.reason = status.substr(end + 1);
  return out;
}

Task<NetResult<ResponseHead>> read_response_head(ByteStream& stream, Buffer& in, std::string request_method) {
  HeadReader head;
  ResponseHead out;
  std::optional<Error> broken;  // why no more bytes come
  bool ended = false;
  while (true) {
    auto state = head.read(in.data(), in.size(), ended);
    if (state == HeadReader::State::done) break;
    if (state == HeadReader::State::first_line) {
      auto line = parse_status_line(head.first_line(in.data()));
      if (!line) co_return malformed(std::move(line.error().text));
      out.version = line->version;
      out.response.status = line->status;
      out.response.reason = std::move(line->reason);
      continue;
    }
    if (state == HeadReader::State::failed) co_return malformed(head.error());
    if (state == HeadReader::State::cut_short) {
      // Go's readers swallow the first read error inside a head and read again: after a reset a plain connection then
      // gives its end, while one with TLS repeats the error.
      if (broken && !co_await stream.read_some(in.space(1))) co_return Failure<Error>(std::move(*broken));
      co_return cut_short();
    }
    if (in.size() >= kMostResponseHeader) {
      co_return net_fail(ErrorKind::too_large, "net/http: server response headers exceeded " +
                                                   std::to_string(kMostResponseHeader) + " bytes; aborted");
    }
    auto read = co_await stream.read_some(in.space(4096));
    if (read && *read > 0) {
      in.filled(*read);
      continue;
    }
    ended = true;
    if (!read) {
      if (read.error().kind == ErrorKind::deadline_exceeded) co_return fail_with(std::move(read).error());
      broken = std::move(read).error();
    }
  }
  out.response.headers.assign({in.data(), head.size()}, head.fields());
  in.consume(head.size());
  auto framing = read_framing(out.response.headers, out.version, out.response.status, request_method);
  if (!framing) co_return malformed(std::move(framing.error().text));
  out.framing = *framing;
  co_return out;
}

Task<NetResult<bool>> BodyReader::read(ByteStream& stream, Buffer& in, std::string& out, std::size_t most) {
  auto too_large = [&] {
    return net_fail(ErrorKind::too_large, "http: response body larger than " + std::to_string(most) + " bytes");
  };
  while (!ended()) {
    if (framing_.kind == Framing::Kind::chunked) {
      std::size_t before = out.size();
      auto state = chunks_.read(in, out, most);
      ended_ = state == ChunkReader::State::done;
      if (out.size() > before) co_return true;
      if (state == ChunkReader::State::failed) {
        if (chunks_.too_large()) co_return too_large();
        co_return malformed(chunks_.error());
      }
      if (ended_) break;
    } else if (!in.empty()) {
      std::string_view piece = in.view();
      if (framing_.kind == Framing::Kind::length) piece = piece.substr(0, left_);
      if (out.size() + piece.size() > most) co_return too_large();
      out += piece;
      left_ -= framing_.kind == Framing::Kind::length ? piece.size() : 0;
      in.consume(piece.size());
      ended_ = framing_.kind == Framing::Kind::length && left_ == 0;
      co_return true;
    }
    auto read = co_await stream.read_some(in.space(16384));
    if (!read) co_return fail_with(std::move(read).error());
    in.filled(*read);
    if (*read > 0) continue;
    if (framing_.kind == Framing::Kind::chunked && chunks_.in_trailer()) {
      co_return net_fail(ErrorKind::unexpected_eof, chunks_.cut_trailer_error(in.size()));
    }
    if (framing_.kind != Framing::Kind::until_close) co_return cut_short();
    ended_ = true;
  }
  co_return false;
}

}  // namespace gatepost::net::http
