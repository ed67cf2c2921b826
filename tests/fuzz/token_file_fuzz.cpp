#include <cstddef>
#include <cstdint>

#include "apiserver/token_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatepost::apiserver::Tokens tokens;
  (void)gatepost::apiserver::add_tokens({reinterpret_cast<const char*>(data), size}, tokens);
  return 0;
}
