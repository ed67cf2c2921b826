#include "client/websocket.h"

namespace gatepost::client::websocket {
namespace {

constexpr std::uint8_t last_frame = 0x80, masked = 0x80, reserved = 0x70, low_seven = 0x7f, opcode_bits = 0x0f;
constexpr std::size_t longest_control = 125;

struct Head {
  bool last = false;
  Opcode opcode = Opcode::continuation;
  std::size_t size = 0;       // of the head
  std::uint64_t payload = 0;  // bytes
  std::uint64_t whole() const { return size + payload; }
};

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

bool known(Opcode opcode) {
  return opcode <= Opcode::binary || (opcode >= Opcode::close && opcode <= Opcode::pong);
}

// nullopt: more bytes are needed.
Result<std::optional<Head>> read_head(std::string_view bytes) {
  if (bytes.size() < 2) return std::optional<Head>();
  const std::uint8_t first = byte_at(bytes, 0), second = byte_at(bytes, 1);
  Head head{(first & last_frame) != 0, static_cast<Opcode>(first & opcode_bits), 2,
            static_cast<std::uint64_t>(second & low_seven)};
  if ((first & reserved) != 0 || !known(head.opcode)) return fail("websocket: a frame that was not agreed on");
  if ((second & masked) != 0) return fail("websocket: a masked frame from a server");
  const std::size_t longer = head.payload == 126 ? 2 : head.payload == 127 ? 8 : 0;
  if (bytes.size() < 2 + longer) return std::optional<Head>();
  if (longer > 0) head.payload = 0;
  for (std::size_t i = 0; i < longer; ++i) head.payload = head.payload << 8 | byte_at(bytes, 2 + i);
  head.size += longer;
  if (head.payload > largest_message) return fail("websocket: a message of more than a mebibyte");
  if (head.opcode >= Opcode::close && (!head.last || head.payload > longest_control))
    return fail("websocket: a control frame that is too long or in pieces");
  return std::optional(head);
}

}  // namespace

std::string frame(Opcode opcode, std::string_view payload, std::uint32_t mask) {
  std::string out;
  out.reserve(payload.size() + 14);
  out += static_cast<char>(last_frame | static_cast<std::uint8_t>(opcode));
  const std::uint64_t size = payload.size();
  const int longer = size < 126 ? 0 : size < 65536 ? 2 : 8;
  out += static_cast<char>(masked | (longer == 0 ? size : longer == 2 ? 126 : 127));
  for (int i = longer - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i));
  char key[4];
  for (int i = 0; i < 4; ++i) out += key[i] = static_cast<char>(mask >> (8 * (3 - i)));
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ key[i % 4]);
  return out;
}

Result<std::optional<Message>> Reader::next() {
  for (;;) {
    auto head = read_head(held_);
    if (!head) return fail_with(std::move(head.error()));
    if (!*head || held_.size() < (*head)->whole()) return std::optional<Message>();
    std::string payload = held_.substr((*head)->size, (*head)->payload);
    held_.erase(0, (*head)->whole());
    if ((*head)->opcode >= Opcode::close) return std::optional(Message{(*head)->opcode, std::move(payload)});
    const bool continues = (*head)->opcode == Opcode::continuation;
    if (continues != open_.has_value()) return fail("websocket: frames out of order");
    if (!continues) open_ = Message{(*head)->opcode, ""};
    if (open_->payload.size() + payload.size() > largest_message)
      return fail("websocket: a message of more than a mebibyte");
    open_->payload += payload;
    if (!(*head)->last) continue;
    std::optional<Message> whole = std::move(open_);
    open_.reset();
    return whole;
  }
}

}  // namespace gatepost::client::websocket
