// Bounds of an expression's cost before any value is known, as cel-go's checker and Kubernetes' estimator compute them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cel/ast.h"

namespace gatepost::cel {

struct SizeEstimate {
  std::uint64_t min = 0;
  std::uint64_t max = UINT64_MAX;
};

struct CostEstimate {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};

// How large the values of an environment may be.
class SizeHints {
 public:
  virtual ~SizeHints() = default;
  // The value at a path such as {"self", "spec", "@items"}; nothing where nothing is known.
  virtual std::optional<SizeEstimate> size(const std::vector<std::string>& path, const Type& type) const = 0;
};

CostEstimate estimate_cost(const Ast& checked, const SizeHints* sizes);

}  // namespace gatepost::cel
