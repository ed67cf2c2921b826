// Watches the records that come in, before OpenSSL sees them: whether the first one is TLS at all, and whether the
// stream stands between two records, which is where a peer may end it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "net/error.h"

namespace gatepost::net::tls {

enum class Role { client, server };

class RecordSniff {
 public:
  explicit RecordSniff(Role role) : role_(role) {}

  // Takes the next bytes. Fails, at its first five bytes, on a stream that is not TLS, as Go does: "tls: first record
  // does not look like a TLS handshake"; for a client that reads an HTTP answer: "http: server gave HTTP response to
  // HTTPS client".
  NetResult<void> feed(std::span<const char> bytes);

  // The first record's header has been judged; before, nothing should go on to OpenSSL.
  bool judged() const { return head_size_ >= header_size; }
  // No record is half read.
  bool at_boundary() const { return header_filled_ == 0 && payload_left_ == 0; }
  // The version in the last record's header: 0x0303.
  std::uint16_t record_version() const { return static_cast<std::uint16_t>(header_[1] << 8 | header_[2]); }
  // legacy_version of a hello that came first; nullopt when something else did.
  std::optional<std::uint16_t> hello_version() const;
  // The first bytes of an HTTP request, as Go's server tells them: it answers such a client in plain text.
  bool looks_like_http_request() const;

 private:
  static constexpr std::size_t header_size = 5, head_capacity = 11;
  NetResult<void> judge() const;
  std::string_view head() const { return {head_.data(), head_size_}; }

  Role role_;
  std::array<char, head_capacity> head_{};  // the first bytes of the stream
  std::size_t head_size_ = 0;
  std::array<std::uint8_t, header_size> header_{};
  std::size_t header_filled_ = 0, payload_left_ = 0;
};

}  // namespace gatepost::net::tls
