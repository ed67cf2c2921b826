#include "base/random.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <sys/random.h>

namespace gatepost {
namespace {

// Bytes of the kernel, fetched a block at a time: a call for each identity would cost more than the identity.
void fill(unsigned char* out, std::size_t size) {
  thread_local std::array<unsigned char, 1024> block;
  thread_local std::size_t used = block.size();
  for (std::size_t i = 0; i < size; ++i) {
    if (used == block.size()) {
      if (getrandom(block.data(), block.size(), 0) != static_cast<ssize_t>(block.size())) std::abort();
      used = 0;
    }
    out[i] = block[used++];
  }
}

}  // namespace

std::string random_uuid() {
  static constexpr char hex[] = "0123456789abcdef";
  unsigned char bytes[16];
  fill(bytes, sizeof bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string out;
  out.reserve(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(hex[bytes[i] >> 4]);
    out.push_back(hex[bytes[i] & 15]);
  }
  return out;
}

std::string random_name_suffix() {
  static constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
  std::string out;
  while (out.size() < 5) {
    unsigned char byte;
    fill(&byte, 1);
    if (byte < 256 / letters.size() * letters.size()) out.push_back(letters[byte % letters.size()]);
  }
  return out;
}

}  // namespace gatepost
