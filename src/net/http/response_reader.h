// Reads answers off a stream with the verdicts and error texts of Go's http.ReadResponse.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "net/buffer.h"
#include "net/http/chunked.h"
#include "net/http/head_reader.h"
#include "net/http/message.h"
#include "net/stream.h"

namespace gatepost::net::http {

// Go's http.Transport takes 10 MiB of header at most.
inline constexpr std::size_t kMostResponseHeader = 10u << 20;

struct StatusLine {
  Version version;
  int status = 0;
  std::string reason;
};
// The error's text: `malformed HTTP response "..."`, `malformed HTTP status code "..."`, `malformed HTTP version
// "..."`.
Result<StatusLine> parse_status_line(std::string_view line);

struct ResponseHead {
  Response response;  // body empty
  Version version;
  Framing framing;
};

// Reads one head, 1xx ones too. `in` may hold bytes already. A deadline's error is kept as it is; every other error
// comes with Go's bare text (the transport puts "net/http: HTTP/1.x transport connection broken: " before it).
Task<NetResult<ResponseHead>> read_response_head(ByteStream& stream, Buffer& in, std::string request_method);

// Reads a body piece by piece.
class BodyReader {
 public:
  explicit BodyReader(Framing framing) : framing_(framing), left_(framing.length) {}

  // Appends what comes next to `out`, at least one byte unless the body has ended. False: it has ended. A body that is
  // cut short fails with "unexpected EOF"; one that makes `out` longer than `most`, with too_large.
  Task<NetResult<bool>> read(ByteStream& stream, Buffer& in, std::string& out, std::size_t most);
  bool ended() const { return ended_ || framing_.kind == Framing::Kind::none; }

 private:
  Framing framing_;
  std::size_t left_;
  ChunkReader chunks_;
  bool ended_ = false;
};

}  // namespace gatepost::net::http
