// The named formats of Kubernetes' CEL library `format`: what each asks of a text, and the texts of its refusal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::formats {

struct NamedFormat {
  std::string_view name;       // as expressions call it: "dns1123Label"
  std::string_view title;      // "DNS1123Label"
  std::uint32_t pattern_size;  // of the expression that checks it, for cost
  // Empty: the text is of the format.
  std::vector<std::string> (*validate)(std::string_view text);
};

// Null if there is none. `uri` is not here: it needs a URL reader.
const NamedFormat* find_named_format(std::string_view name);

}  // namespace gatepost::formats
