// Any bytes as a URL: what parses prints, and what was printed parses to the same text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatepost::net;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (url::valid_request_uri(text) != url::parse_request_uri(text).has_value()) std::abort();
  (void)url::parse_query(text);
  auto parsed = url::parse(text);
  if (!parsed) return 0;
  std::string printed = parsed->string();
  if (auto again = url::parse(printed); again && again->string() != printed) std::abort();
  (void)parsed->resolve(text.substr(size / 2));
  (void)parsed->redacted();
  (void)parsed->request_uri();
  return 0;
}
