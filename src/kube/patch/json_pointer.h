// Places in a document that JSON pointers name, as gopkg.in/evanphx/json-patch.v4 finds them: negative array indices
// count from the end.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace gatepost::kube {

// The container that holds the last step of a path, and that step.
struct Place {
  json::Value* container = nullptr;  // null: the way there is missing
  std::string key;
};

Place find_place(json::Value& document, std::string_view path);

// A step into an array as a number. The error is that of strconv.Atoi.
Result<std::int64_t> parse_index(std::string_view text);

// A place in an array, where `size` is one more for an insertion.
Result<std::size_t> array_place(std::string_view key, std::size_t size);

}  // namespace gatepost::kube
