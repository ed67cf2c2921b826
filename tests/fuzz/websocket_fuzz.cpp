#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "client/websocket.h"

// What a server sends, in pieces of the sizes that the first byte asks for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 16;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  gatepost::client::websocket::Reader reader;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto next = reader.next();
      if (!next) return 0;
      if (!*next) break;
      if ((*next)->payload.size() > gatepost::client::websocket::largest_message) __builtin_trap();
    }
  }
  return 0;
}
