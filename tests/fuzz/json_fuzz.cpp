// JSON of any bytes: refused in words, or read into a value whose print reads back as the same print.
#include <cstdint>
#include <string_view>

#include "json/parse.h"
#include "json/write.h"

using namespace gatepost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto value = json::parse_strict(text, json::make_arena());
  if (!value) {
    if (value.error().text.empty()) __builtin_trap();
    return 0;
  }
  std::string once = json::write(value->value);
  auto again = json::parse_strict(once, json::make_arena());
  if (!again || !again->duplicates.empty()) __builtin_trap();
  // -0.0 prints as -0, which is the integer 0.
  std::string twice = json::write(again->value);
  if (twice != once && once.find("-0") == std::string::npos) __builtin_trap();
  return 0;
}
