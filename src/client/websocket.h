// WebSocket frames (RFC 6455) as a client writes and reads them. What bounds it: a message holds at most a mebibyte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::client::websocket {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

inline constexpr std::size_t largest_message = 1u << 20;

struct Message {
  Opcode opcode = Opcode::binary;
  std::string payload;
};

// A whole message in one frame, masked with `mask` as clients must.
std::string frame(Opcode opcode, std::string_view payload, std::uint32_t mask);

// Puts messages together from bytes as they come. Control frames may stand between the frames of a message.
class Reader {
 public:
  void feed(std::string_view bytes) { held_ += bytes; }
  // The next whole message; nullopt: more bytes are needed. The error is final.
  Result<std::optional<Message>> next();

 private:
  std::string held_;
  std::optional<Message> open_;  // whose last frame has not come
};

}  // namespace gatepost::client::websocket
