// What `gatepost cel` does: one expression against an object and a request, or a file of conformance vectors.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::cel {

struct ToolInput {
  std::string expression;
  std::optional<std::string> object;  // JSON documents
  std::optional<std::string> old_object;
  std::optional<std::string> request;  // the `request` of a review
};

struct ToolOutput {
  std::string text;  // with a newline at its end
  bool ok = true;    // false: a compile or evaluation error, or failed vectors
};

// Type, result and cost, each on a line; an error with its caret. Fails where a document is no JSON.
Result<ToolOutput> show_expression(const ToolInput& input);

// The failures, then `N passed, N failed, N skipped`. With `verbose` also what was skipped and why.
enum class Verbose : bool { No, Yes };
ToolOutput show_vectors(std::string_view lines, Verbose verbose);

}  // namespace gatepost::cel
