// The checks of Go's http.Server on a request whose head has been read, and the answers it gives to those that fail.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http/head_reader.h"
#include "net/http/message.h"

namespace gatepost::net::http {

// An answer that ends the connection.
struct Refusal {
  int status = 400;
  std::string body;    // the whole text, "400 Bad Request: missing required Host header"
  std::string reason;  // what follows the status code in the status line

  static Refusal bad_request();                     // "400 Bad Request"
  static Refusal because(int status, std::string);  // "400 Bad Request: why"
  static Refusal head_too_large();                  // "431 Request Header Fields Too Large"
  static Refusal unsupported_transfer_encoding();   // 501
  std::string on_the_wire() const;
};

// The request line: "POST /path HTTP/1.1".
struct RequestLine {
  std::string_view method, target;
  Version version;
};
Result<RequestLine, Refusal> parse_request_line(std::string_view line);

// Checks what Go checks once the fields are read, in its order, and says where the body ends. An absolute target
// ("GET http://host/path") is rewritten to its path, and its host replaces the Host field.
Result<Framing, Refusal> check_request(Request& request, Version version);

}  // namespace gatepost::net::http
