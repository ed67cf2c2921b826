// Bytes -> JSON values, with the verdicts and error texts of Go's encoding/json: one scanner, no recursion. Bounded:
// depth by max_depth, memory by about ten times the text.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace gatepost::json {

struct ParseOptions {
  std::size_t max_depth = 10000;  // Go's
};

// Parses one document; anything but white space behind it is an error. The error's text is Go's, such as
// `invalid character 'x' looking for beginning of value`. Strings are copied into the arena; invalid UTF-8 and lone
// surrogates become U+FFFD. Of a key that comes twice the last value counts.
Result<Value> parse(std::string_view text, Storage arena, ParseOptions options = {});

struct StrictValue {
  Value value;
  // Paths of the keys that came twice, in the order of the second one, each path once, at most 100 of them:
  // "metadata.name", "spec.containers[0].image".
  std::vector<std::string> duplicates;
};

Result<StrictValue> parse_strict(std::string_view text, Storage arena, ParseOptions options = {});

}  // namespace gatepost::json
