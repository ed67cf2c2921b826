// Bounds of one call's own cost and of its result's size, by function and overload.
#pragma once

#include <span>
#include <string_view>

#include "cel/cost/estimate.h"

namespace gatepost::cel {

struct CallArgument {
  const Expr* expr = nullptr;
  const Type* type = nullptr;
  std::optional<SizeEstimate> size;
  std::vector<std::string> path;
  std::optional<SizeEstimate> element_size{};  // of a list whose elements' size is known
};

struct CallEstimate {
  CostEstimate cost;
  std::optional<SizeEstimate> result;
};

// Without the cost of the arguments.
CallEstimate estimate_call(std::string_view function, std::string_view overload, const CallArgument* target,
                           std::span<const CallArgument> args);

// Arithmetic that stops at the largest number.
CostEstimate operator+(const CostEstimate& a, const CostEstimate& b);
SizeEstimate operator+(const SizeEstimate& a, const SizeEstimate& b);
SizeEstimate operator*(const SizeEstimate& a, const SizeEstimate& b);
CostEstimate times(const SizeEstimate& count, const CostEstimate& cost);
CostEstimate times(const CostEstimate& a, const CostEstimate& b);
CostEstimate scaled(const SizeEstimate& size, double factor);
CostEstimate scaled(const CostEstimate& cost, double factor);
SizeEstimate either(const SizeEstimate& a, const SizeEstimate& b);
CostEstimate either(const CostEstimate& a, const CostEstimate& b);
inline CostEstimate fixed_cost(std::uint64_t cost) {
  return {cost, cost};
}
inline SizeEstimate fixed_size(std::uint64_t size) {
  return {size, size};
}

}  // namespace gatepost::cel
