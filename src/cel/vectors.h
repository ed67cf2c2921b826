// Runs conformance vectors: one JSON object a line with an expression and what it gives. Vectors that need a protobuf
// message or enum type are skipped: there are none here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatepost::cel {

struct VectorResult {
  enum class Outcome { Passed, Failed, Skipped } outcome = Outcome::Passed;
  std::string section;
  std::string name;
  std::string detail;  // why it failed or was skipped
};

// One result a line; a line that is no JSON object fails.
std::vector<VectorResult> run_vectors(std::string_view lines);

}  // namespace gatepost::cel
