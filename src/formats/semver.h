// Semantic versions 2.0.0, strictly read, and Kubernetes' lenient form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gatepost::formats {

struct Semver {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::vector<std::string> prerelease;
  std::vector<std::string> build;

  // By precedence: build metadata does not count.
  int compare(const Semver& other) const;
};

// Fails with a text such as `No Major.Minor.Patch elements found`.
Result<Semver> parse_semver(std::string_view text);
// A leading v, missing parts and leading zeros are made good first.
Result<Semver> parse_semver_leniently(std::string_view text);
std::string semver_text(const Semver& version);

}  // namespace gatepost::formats
