// Any bytes as HTTP/1 messages, whole and in pieces: both readings must agree.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http/chunked.h"
#include "net/http/head_reader.h"
#include "net/http/request_reader.h"
#include "net/http/response_reader.h"

namespace {

using namespace gatepost::net;
using namespace gatepost::net::http;

struct Reading {
  HeadReader::State state = HeadReader::State::more;
  std::string text;  // all that was understood
};

// Feeds `bytes` to a reader, `step` more at a time.
Reading read_head(std::string bytes, std::size_t step) {
  HeadReader head;
  Reading out;
  std::size_t given = 0;
  while (true) {
    out.state = head.read(bytes.data(), given, given == bytes.size());
    if (out.state == HeadReader::State::first_line) {
      (void)parse_request_line(head.first_line(bytes.data()));
      (void)parse_status_line(head.first_line(bytes.data()));
      out.text += head.first_line(bytes.data());
      continue;
    }
    if (out.state != HeadReader::State::more) break;
    if (given == bytes.size()) std::abort();  // the end was told
    given = std::min(bytes.size(), given + step);
  }
  out.text += head.error();
  if (out.state != HeadReader::State::done) return out;
  Request request;
  request.method = "POST";
  request.target = "/";
  request.headers.assign({bytes.data(), head.size()}, head.fields());
  for (auto [name, value] : request.headers) out.text += std::string(name) + "=" + std::string(value) + "\n";
  auto framing = check_request(request, {1, 1});
  out.text += framing ? std::to_string(framing->length) : framing.error().body;
  if (auto answer = read_framing(request.headers, {1, 1}, 200, "GET"); !answer) out.text += answer.error().text;
  return out;
}

std::string read_chunks(std::string_view bytes, std::size_t step) {
  Buffer in;
  ChunkReader chunks;
  std::string out;
  auto state = ChunkReader::State::more;
  for (std::size_t at = 0; at < bytes.size() && state == ChunkReader::State::more; at += step) {
    std::string_view piece = bytes.substr(at, step);
    auto space = in.space(piece.size());
    std::copy(piece.begin(), piece.end(), space.begin());
    in.filled(piece.size());
    state = chunks.read(in, out, 1u << 16);
  }
  return out + "|" + chunks.error() + "|" + std::to_string(static_cast<int>(state));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4000) return 0;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  Reading whole = read_head(bytes, size + 1), pieces = read_head(bytes, 1);
  if (whole.state != pieces.state || whole.text != pieces.text) std::abort();
  if (read_chunks(bytes, size + 1) != read_chunks(bytes, 1)) std::abort();
  return 0;
}
