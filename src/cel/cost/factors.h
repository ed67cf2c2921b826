// The units of cost, from cel-go's common/cost.go and Kubernetes' library/cost.go.
#pragma once

#include <cmath>
#include <cstdint>

namespace gatepost::cel {

inline constexpr double kTraversalFactor = 0.1;  // a code point read
inline constexpr double kRegexFactor = 0.25;     // a code point of a pattern
inline constexpr std::uint64_t kSelectCost = 1;
inline constexpr std::uint64_t kListCost = 10;
inline constexpr std::uint64_t kMapCost = 30;
inline constexpr std::uint64_t kStructCost = 40;
inline constexpr std::uint64_t kAuthorizerCheckCost = 350'000;

// Limits of Kubernetes (apiserver/pkg/apis/cel/config.go).
inline constexpr std::uint64_t kCostOfOneExpression = 1'000'000;    // any one evaluation
inline constexpr std::uint64_t kCostOfPolicies = 10'000'000;        // all rules of one object or policy
inline constexpr std::uint64_t kCostOfMatchConditions = 2'500'000;  // all match conditions of one webhook

// A selector of so many characters: a list, its reading, and a requirement for every second character.
inline std::uint64_t selector_cost(std::uint64_t length) {
  const double characters = static_cast<double>(length);
  const auto requirements = static_cast<std::uint64_t>(std::ceil(characters * 0.5));
  return kListCost + static_cast<std::uint64_t>(std::ceil(characters * kTraversalFactor)) +
         requirements * (kListCost + kStructCost);
}

}  // namespace gatepost::cel
