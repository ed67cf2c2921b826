#include "net/tls/record_sniff.h"

#include <algorithm>
#include <cstring>

namespace gatepost::net::tls {

NetResult<void> RecordSniff::judge() const {
  const auto byte = [this](std::size_t i) { return static_cast<std::uint8_t>(head_[i]); };
  constexpr std::uint8_t alert = 21, handshake = 22;
  if (byte(0) == 0x80) {
    return net_fail(ErrorKind::tls_protocol, "tls: unsupported SSLv2 handshake received");
  }
  const unsigned version = byte(1) << 8 | byte(2);
  if ((byte(0) == alert || byte(0) == handshake) && version < 0x1000) return {};
  if (role_ == Role::client && head().starts_with("HTTP/")) {
    return net_fail(ErrorKind::http_to_https, "http: server gave HTTP response to HTTPS client");
  }
  return net_fail(ErrorKind::tls_protocol, "tls: first record does not look like a TLS handshake");
}

NetResult<void> RecordSniff::feed(std::span<const char> bytes) {
  if (head_size_ < head_capacity) {
    const bool was_judged = judged();
    const std::size_t count = std::min(head_capacity - head_size_, bytes.size());
    std::memcpy(head_.data() + head_size_, bytes.data(), count);
    head_size_ += count;
    if (!was_judged && judged()) {
      if (auto verdict = judge(); !verdict) return verdict;
    }
  }
  while (!bytes.empty()) {
    if (payload_left_ > 0) {
      const std::size_t count = std::min(payload_left_, bytes.size());
      payload_left_ -= count;
      bytes = bytes.subspan(count);
      continue;
    }
    const std::size_t count = std::min(header_size - header_filled_, bytes.size());
    std::memcpy(header_.data() + header_filled_, bytes.data(), count);
    header_filled_ += count;
    bytes = bytes.subspan(count);
    if (header_filled_ < header_size) break;
    header_filled_ = 0;
    payload_left_ = static_cast<std::size_t>(header_[3] << 8 | header_[4]);
  }
  return {};
}

std::optional<std::uint16_t> RecordSniff::hello_version() const {
  constexpr char handshake = 22, client_hello = 1, server_hello = 2;
  const char expected = role_ == Role::client ? server_hello : client_hello;
  if (head_size_ < head_capacity || head_[0] != handshake || head_[5] != expected) return std::nullopt;
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(head_[9]) << 8 | static_cast<std::uint8_t>(head_[10]));
}

bool RecordSniff::looks_like_http_request() const {
  const std::string_view first = head().substr(0, header_size);
  return first == "GET /" || first == "HEAD " || first == "POST " || first == "PUT /" || first == "OPTIO";
}

}  // namespace gatepost::net::tls
