// Reads the head of an HTTP/1 message - its first line and its fields - out of a growing buffer, line by line, with the
// leniences and the error texts of Go's textproto.Reader: a line may end in LF alone, a field may be continued on lines
// that start with a blank, and a line that the end of the stream cuts short still counts as a line. What bounds it: the
// caller's buffer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http/message.h"

namespace gatepost::net::http {

class HeadReader {
 public:
  enum class State {
    more,        // needs more bytes
    first_line,  // first_line() is there; call again for the fields
    done,        // fields() and size() are there
    cut_short,   // the stream ended before the blank line
    failed,      // error() says why
  };

  // Goes on reading. `data` holds all bytes since the message began, among them those that were seen before; lines that
  // are continued are joined in place. `ended`: no more bytes will come.
  State read(char* data, std::size_t size, bool ended);
  void reset();

  std::string_view first_line(const char* data) const { return {data, first_line_size_}; }
  // Names and values, pointing into the data.
  const std::vector<Headers::Span>& fields() const { return fields_; }
  std::size_t size() const { return at_; }  // bytes that the head takes
  const std::string& error() const { return error_; }

 private:
  enum class Stage { first_line, fields, over };
  struct Line {
    std::size_t begin = 0, end = 0, next = 0;  // [begin, end) without its line end
  };
  enum class Found { line, more, end };
  Found find_line(const char* data, std::size_t size, bool ended, std::size_t from, Line& line);
  State read_fields(char* data, std::size_t size, bool ended);
  bool join_lines(char* data, std::size_t size, bool ended);
  bool add_field(const char* data, std::size_t begin, std::size_t end);
  State fail(std::string text);

  Stage stage_ = Stage::first_line;
  std::size_t at_ = 0;       // start of the line under way
  std::size_t scanned_ = 0;  // no LF between the present line's start and here
  std::size_t first_line_size_ = 0;
  bool any_field_ = false;
  // The field under way, which began at at_: its end so far and where the next line begins.
  bool in_field_ = false;
  std::size_t field_end_ = 0, next_ = 0;
  std::vector<Headers::Span> fields_;
  std::string error_;
};

// Whether every byte is one of RFC 7230's token.
bool is_token(std::string_view word);

// Go's http.ParseHTTPVersion: "HTTP/1.1" and the like.
struct Version {
  int major = 0, minor = 0;
};
bool parse_version(std::string_view text, Version& version);

// Where a message's body ends.
struct Framing {
  enum class Kind { none, length, chunked, until_close } kind = Kind::none;
  std::size_t length = 0;
  bool close = false;  // the connection ends with this message
};

// Go's readTransfer for a message with these fields. `status` is 0 for a request. The error's text is Go's;
// `unsupported` is set when a server has to answer it with 501.
struct FramingError {
  std::string text;
  bool unsupported = false;
};
Result<Framing, FramingError> read_framing(const Headers& headers, Version version, int status,
                                           std::string_view request_method);

}  // namespace gatepost::net::http
