// Any bytes as a client of HTTP/2, behind the preface or in its place, whole and in pieces: a session keeps its bounds,
// and both readings give the same requests.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "net/http2/session.h"

namespace {

using namespace gatepost::net;

constexpr std::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

enum class Answers { yes, no };

// Reads `step` bytes at a time.
std::string read(std::string_view bytes, std::size_t step, Answers answers) {
  http2::Limits limits;
  limits.streams = 10;
  limits.header_bytes = 2000;
  limits.body_bytes = 2000;
  limits.waiting_body_bytes = 5000;
  limits.output_bytes = 4096;
  std::string out;
  std::string body(5000, 'b');
  http2::Session session(limits, {[](http2::StreamId) {}, [](http2::StreamId) {}});
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    bool sound = session.feed(bytes.substr(at, step), {});
    for (const http2::Call& call : session.take_calls()) {
      out += std::to_string(call.stream) + call.request.method + " " + call.request.target + "\n";
      for (auto [name, value] : call.request.headers) out += std::string(name) + "=" + std::string(value) + "\n";
      // How much of a body that is too large was kept depends on the pieces.
      out += call.verdict == http2::Call::Verdict::whole ? call.request.body + "\n" : "refused\n";
      if (call.request.body.size() > limits.body_bytes) std::abort();
      if (answers == Answers::no) continue;  // they change what the next bytes meet
      http::Headers headers{{"Content-Type", "text/plain"}};
      session.respond(call.stream, {200, &headers, "now", body.size(), http2::Session::Body::follows});
      session.offer(call.stream, body, http2::Session::Last::yes);
    }
    if (answers == Answers::yes) session.pump();
    if (session.output().size() > limits.output_bytes + (16u << 10) + 9) std::abort();
    if (step % 2 == 0) session.output().clear();
    if (!sound) break;
  }
  session.reset_begun_before({});
  session.end(http2::Session::Why::stopping);
  session.pump();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4000) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::string behind = std::string(kPreface) + bytes;
  (void)read(bytes, size + 1, Answers::yes);
  (void)read(behind, 64, Answers::yes);
  (void)read(behind, 63, Answers::yes);  // and takes no output
  // The library counts a CONTINUATION once for each time it looks at its head, so pieces may be broken off sooner.
  if (!read(behind, size + 64, Answers::no).starts_with(read(behind, 1, Answers::no))) std::abort();
  return 0;
}
