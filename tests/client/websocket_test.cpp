#include "client/websocket.h"

#include <gtest/gtest.h>

namespace gatepost::client::websocket {
namespace {

using namespace std::string_literals;

std::string unmasked(Opcode opcode, const std::string& payload, bool last = true) {
  std::string out;
  out += static_cast<char>((last ? 0x80 : 0) | static_cast<int>(opcode));
  out += static_cast<char>(payload.size());
  return out + payload;
}

TEST(WebSocket, FramesAreMaskedAndLongOnesSayTheirLength) {
  EXPECT_EQ(frame(Opcode::binary, "\0ab"s, 0x01020304),
            "\x82\x83\x01\x02\x03\x04\x01"s + char('a' ^ 2) + char('b' ^ 3));
  const std::string middle = frame(Opcode::binary, std::string(126, 'x'), 0);
  EXPECT_EQ(middle.substr(0, 4), "\x82\xfe\x00\x7e"s);
  const std::string large = frame(Opcode::binary, std::string(65536, 'x'), 0);
  EXPECT_EQ(large.substr(0, 10), "\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(WebSocket, AMessageIsPutTogetherFromFramesThatComeInPieces) {
  Reader reader;
  const std::string bytes = unmasked(Opcode::binary, "ab", false) + unmasked(Opcode::ping, "p") +
                            unmasked(Opcode::continuation, "cd") + unmasked(Opcode::text, "");
  std::string seen;
  for (char byte : bytes) {
    reader.feed({&byte, 1});
    for (;;) {
      auto next = reader.next();
      ASSERT_TRUE(next) << next.error().text;
      if (!*next) break;
      seen += std::to_string(static_cast<int>((*next)->opcode)) + (*next)->payload + " ";
    }
  }
  EXPECT_EQ(seen, "9p 2abcd 1 ");
}

struct Row {
  const char* name;
  std::string bytes;
};
const Row broken[] = {
    {"a masked frame", "\x82\x81\x01\x02\x03\x04x"s},
    {"a reserved bit", "\xc2\x01x"s},
    {"an unknown opcode", "\x83\x01x"s},
    {"a continuation of nothing", "\x80\x01x"s},
    {"a message within a message", "\x02\x01x\x82\x01y"s},
    {"a ping in pieces", "\x09\x01x"s},
    {"more than a mebibyte", "\x82\x7f\x00\x00\x00\x00\x00\x10\x00\x01"s},
};

TEST(WebSocket, RefusesWhatIsNoMessage) {
  for (const Row& row : broken) {
    Reader reader;
    reader.feed(row.bytes);
    EXPECT_FALSE(reader.next()) << row.name;
  }
}

}  // namespace
}  // namespace gatepost::client::websocket
