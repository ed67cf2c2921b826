// What a call costs at run time: by the size of its arguments, as cel-go and Kubernetes count it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cel/value.h"

namespace gatepost::cel {

enum class CostRule : std::uint8_t {
  One,
  TraverseFirst,  // a tenth of the first argument
  TraverseFirstTwice,
  SecondSize,   // x in list
  SmallerSize,  // equality and order
  Concatenation,
  Contains,
  Pattern,  // matches, find
  AuthorizerCheck,
  Selector,
  Elements,     // every element of the first argument, deep
  ResultTwice,  // join
  ContainsIp,
  ContainsCidr,
  NamedFormat,
  ListMade,       // the result's elements, and making a list
  ListFlattened,  // the first argument's elements for every level
  SelfCompared,   // the first argument's elements squared
  SelfComparedSecond,
  SetContains,  // every element against every element
  SetEquivalent
};

// `overload` is empty where arguments decide between several at run time: then only the function counts.
CostRule cost_rule(std::string_view function, std::string_view overload);

std::uint64_t call_cost(CostRule rule, std::span<const Value> args, const Value& result);

// Code points, bytes, elements or entries; 1 for everything else.
std::uint64_t actual_size(const Value& value);

std::size_t count_code_points(std::string_view text);

}  // namespace gatepost::cel
