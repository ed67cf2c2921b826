#include "net/http/request_reader.h"

#include <algorithm>

#include "net/url.h"

namespace gatepost::net::http {
namespace {

// httpguts.ValidHostHeader: the bytes that may stand in a Host field.
bool valid_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!$%&()*+,-.:;=['_]~").find(c) != std::string_view::npos;
  });
}

}  // namespace

Refusal Refusal::bad_request() {
  return {400, "400 Bad Request", "Bad Request"};
}

Refusal Refusal::because(int status, std::string why) {
  std::string reason = std::string(status_text(status)) + ": " + why;
  return {status, std::to_string(status) + " " + reason, reason};
}

Refusal Refusal::head_too_large() {
  return {431, "431 Request Header Fields Too Large", "Request Header Fields Too Large"};
}

Refusal Refusal::unsupported_transfer_encoding() {
  return {501, "Unsupported transfer encoding", "Not Implemented"};
}

std::string Refusal::on_the_wire() const {
  return "HTTP/1.1 " + std::to_string(status) + " " + reason +
         "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n" + body;
}

Result<RequestLine, Refusal> parse_request_line(std::string_view line) {
  RequestLine out;
  std::size_t first = line.find(' ');
  std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return fail_with(Refusal::bad_request());
  out.method = line.substr(0, first);
  out.target = line.substr(first + 1, second - first - 1);
  if (!is_token(out.method)) return fail_with(Refusal::bad_request());
  if (!parse_version(line.substr(second + 1), out.version)) return fail_with(Refusal::bad_request());
  if (out.method == "CONNECT" && !out.target.starts_with('/')) {
    if (!url::parse_request_uri("http://" + std::string(out.target))) return fail_with(Refusal::bad_request());
  } else if (!url::valid_request_uri(out.target)) {
    return fail_with(Refusal::bad_request());
  }
  return out;
}

Result<Framing, Refusal> check_request(Request& request, Version version) {
  std::size_t hosts = 0;
  std::string_view host;
  bool plain_names = true;
  for (auto [name, value] : request.headers) {
    if (name.size() == 4 && equal_fold(name, "Host") && hosts++ == 0) host = value;
    if (name.find(' ') != std::string_view::npos) plain_names = false;
  }
  if (hosts > 1) return fail_with(Refusal::bad_request());
  auto framing = read_framing(request.headers, version, 0, request.method);
  if (!framing) {
    return fail_with(framing.error().unsupported ? Refusal::unsupported_transfer_encoding() : Refusal::bad_request());
  }
  if (version.major != 1) return fail_with(Refusal::because(505, "unsupported protocol version"));
  if (version.minor >= 1 && hosts == 0 && request.method != "CONNECT") {
    return fail_with(Refusal::because(400, "missing required Host header"));
  }
  if (hosts == 1 && !valid_host(host)) return fail_with(Refusal::because(400, "malformed Host header"));
  if (!plain_names) return fail_with(Refusal::because(400, "invalid header name"));
  if (!request.target.starts_with('/') && request.target != "*" && request.method != "CONNECT") {
    auto absolute = url::parse_request_uri(request.target);
    if (absolute && !absolute->host.empty()) {
      request.headers.set("Host", absolute->host);
      request.target = absolute->request_uri();
    }
  }
  return *framing;
}

}  // namespace gatepost::net::http
