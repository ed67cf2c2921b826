// Bytes -> JSON values, with the verdicts and error texts of Go's encoding/json. Bounded: depth by max_depth.
#pragma once

#include "base/result.h"
#include "json/value.h"

namespace gatepost::json {

struct ParseOptions {
  std::size_t max_depth = 512;
};

// Parses one document; anything but white space behind it is an error. The error's text is Go's, such as
// `invalid character 'x' looking for beginning of value`. Strings are copied into the arena.
Result<Value> parse(std::string_view text, Storage arena, ParseOptions options = {});

}  // namespace gatepost::json
