// PEM as Go's encoding/pem reads it: what is between the blocks is skipped, broken blocks too.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gatepost::x509 {

struct PemBlock {
  std::string type;  // "CERTIFICATE"
  std::map<std::string, std::string> headers;
  std::string bytes;
};

// The next block; `text` then starts behind it. nullopt when there is none left, and `text` stays as it was.
std::optional<PemBlock> decode_pem(std::string_view& text);

std::string encode_pem(std::string_view type, std::string_view bytes);

}  // namespace gatepost::x509
