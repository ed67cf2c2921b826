#include "cel/cost/actual.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "cel/cost/factors.h"
#include "cel/kubernetes/named_format.h"
#include "cel/kubernetes/network.h"

namespace gatepost::cel {

namespace {

struct NamedRule {
  std::string_view name;
  CostRule rule;
};

// Kubernetes goes by the function's name.
constexpr std::array kFunctionRules{NamedRule{"check", CostRule::AuthorizerCheck},
                                    NamedRule{"fieldSelector", CostRule::Selector},
                                    NamedRule{"labelSelector", CostRule::Selector},
                                    NamedRule{"isSorted", CostRule::Elements},
                                    NamedRule{"sum", CostRule::Elements},
                                    NamedRule{"max", CostRule::Elements},
                                    NamedRule{"min", CostRule::Elements},
                                    NamedRule{"indexOf", CostRule::Elements},
                                    NamedRule{"lastIndexOf", CostRule::Elements},
                                    NamedRule{"url", CostRule::TraverseFirst},
                                    NamedRule{"lowerAscii", CostRule::TraverseFirst},
                                    NamedRule{"upperAscii", CostRule::TraverseFirst},
                                    NamedRule{"substring", CostRule::TraverseFirst},
                                    NamedRule{"trim", CostRule::TraverseFirst},
                                    NamedRule{"jsonpatch.escapeKey", CostRule::TraverseFirst},
                                    NamedRule{"replace", CostRule::TraverseFirstTwice},
                                    NamedRule{"split", CostRule::TraverseFirstTwice},
                                    NamedRule{"join", CostRule::ResultTwice},
                                    NamedRule{"find", CostRule::Pattern},
                                    NamedRule{"findAll", CostRule::Pattern},
                                    NamedRule{"cidr", CostRule::TraverseFirst},
                                    NamedRule{"isIP", CostRule::TraverseFirst},
                                    NamedRule{"isCIDR", CostRule::TraverseFirst},
                                    NamedRule{"ip.isCanonical", CostRule::TraverseFirstTwice},
                                    NamedRule{"containsIP", CostRule::ContainsIp},
                                    NamedRule{"containsCIDR", CostRule::ContainsCidr},
                                    NamedRule{"quantity", CostRule::TraverseFirst},
                                    NamedRule{"isQuantity", CostRule::TraverseFirst},
                                    NamedRule{"semver", CostRule::TraverseFirst},
                                    NamedRule{"isSemver", CostRule::TraverseFirst},
                                    NamedRule{"validate", CostRule::NamedFormat}};

// The language goes by the overload.
constexpr std::array kOverloadRules{NamedRule{"starts_with_string", CostRule::TraverseFirst},
                                    NamedRule{"ends_with_string", CostRule::TraverseFirst},
                                    NamedRule{"string_to_bytes", CostRule::TraverseFirst},
                                    NamedRule{"bytes_to_string", CostRule::TraverseFirst},
                                    NamedRule{"strings_quote", CostRule::TraverseFirst},
                                    NamedRule{"string_format", CostRule::TraverseFirst},
                                    NamedRule{"in_list", CostRule::SecondSize},
                                    NamedRule{"less_string", CostRule::SmallerSize},
                                    NamedRule{"greater_string", CostRule::SmallerSize},
                                    NamedRule{"less_equals_string", CostRule::SmallerSize},
                                    NamedRule{"greater_equals_string", CostRule::SmallerSize},
                                    NamedRule{"less_bytes", CostRule::SmallerSize},
                                    NamedRule{"greater_bytes", CostRule::SmallerSize},
                                    NamedRule{"less_equals_bytes", CostRule::SmallerSize},
                                    NamedRule{"greater_equals_bytes", CostRule::SmallerSize},
                                    NamedRule{"equals", CostRule::SmallerSize},
                                    NamedRule{"not_equals", CostRule::SmallerSize},
                                    NamedRule{"add_string", CostRule::Concatenation},
                                    NamedRule{"add_bytes", CostRule::Concatenation},
                                    NamedRule{"matches_string", CostRule::Pattern},
                                    NamedRule{"contains_string", CostRule::Contains},
                                    NamedRule{"list_sets_contains_list", CostRule::SetContains},
                                    NamedRule{"list_sets_intersects_list", CostRule::SetContains},
                                    NamedRule{"list_sets_equivalent_list", CostRule::SetEquivalent},
                                    NamedRule{"list_slice", CostRule::ListMade},
                                    NamedRule{"lists_range", CostRule::ListMade},
                                    NamedRule{"list_reverse", CostRule::ListMade},
                                    NamedRule{"list_flatten", CostRule::ListFlattened},
                                    NamedRule{"list_flatten_int", CostRule::ListFlattened},
                                    NamedRule{"list_distinct", CostRule::SelfCompared}};

std::uint64_t traverse(std::uint64_t size, double factor = kTraversalFactor) {
  return static_cast<std::uint64_t>(std::ceil(static_cast<double>(size) * factor));
}

std::uint64_t elements_cost(const Value& value) {
  switch (value.kind) {
    case ValueKind::String:
    case ValueKind::Bytes:
      return static_cast<std::uint64_t>(static_cast<double>(value.size) * kTraversalFactor);
    case ValueKind::List: {
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < list_size(value); ++i) sum += elements_cost(list_at(value, i));
      return sum;
    }
    case ValueKind::Map:
    case ValueKind::Struct: {
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < map_size(value); ++i)
        sum += elements_cost(map_key(value, i)) + elements_cost(map_value(value, i));
      return sum;
    }
    default:
      return 1;
  }
}

std::uint64_t made_list_cost(double factor, std::uint64_t size) {
  return static_cast<std::uint64_t>(static_cast<double>(size) * factor) + 1 + kListCost;
}

std::uint64_t self_compare_cost(const Value& list) {
  if (!list.is(ValueKind::List)) return 1;
  const std::uint64_t size = actual_size(list);
  double factor = 2.0;
  if (size > 0) {
    const Value first = list_at(list, 0);
    if (first.is(ValueKind::String) || first.is(ValueKind::Bytes)) factor += kTraversalFactor;
  }
  return made_list_cost(factor, size * size);
}

std::uint64_t pattern_cost(std::uint64_t text, std::uint64_t pattern) {
  return traverse(text + 1) * traverse(pattern, kRegexFactor);
}

}  // namespace

CostRule cost_rule(std::string_view function, std::string_view overload) {
  if (function == "ip") return overload == "cidr_ip" ? CostRule::One : CostRule::TraverseFirst;
  if (overload.ends_with("_sort")) return CostRule::SelfCompared;
  if (overload.ends_with("_sortByAssociatedKeys")) return CostRule::SelfComparedSecond;
  for (const NamedRule& known : kFunctionRules)
    if (known.name == function) return known.rule;
  for (const NamedRule& known : kOverloadRules)
    if (known.name == overload) return known.rule;
  return CostRule::One;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t out = 0;
  for (const char c : text) out += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return out;
}

std::uint64_t actual_size(const Value& value) {
  switch (value.kind) {
    case ValueKind::String:
      return count_code_points(value.text());
    case ValueKind::Bytes:
      return value.size;
    case ValueKind::List:
      return list_size(value);
    case ValueKind::Map:
    case ValueKind::Struct:
      return map_size(value);
    case ValueKind::Optional:
      return value.items != nullptr ? actual_size(*value.items) : 1;
    case ValueKind::Host:
      return network_value_size(value);
    default:
      return 1;
  }
}

std::uint64_t call_cost(CostRule rule, std::span<const Value> args, const Value& result) {
  switch (rule) {
    case CostRule::One:
      return 1;
    case CostRule::TraverseFirst:
      return traverse(actual_size(args[0]));
    case CostRule::TraverseFirstTwice:
      return traverse(actual_size(args[0]), 2 * kTraversalFactor);
    case CostRule::SecondSize:
      return actual_size(args[1]);
    case CostRule::SmallerSize:
      if (args[0].is(ValueKind::Host)) return 1;
      return traverse(std::min(actual_size(args[0]), actual_size(args[1])));
    case CostRule::Concatenation:
      return traverse(actual_size(args[0]) + actual_size(args[1]));
    case CostRule::Contains:
      return traverse(actual_size(args[0])) * traverse(actual_size(args[1]));
    case CostRule::Pattern:
      return pattern_cost(actual_size(args[0]), actual_size(args[1]));
    case CostRule::AuthorizerCheck:
      return kAuthorizerCheckCost;
    case CostRule::Selector:
      return selector_cost(actual_size(args[1]));
    case CostRule::Elements:
      return elements_cost(args[0]);
    case CostRule::ResultTwice:
      return traverse(actual_size(result), 2 * kTraversalFactor);
    case CostRule::ContainsIp:
      return traverse(2 * actual_size(args[0])) + (args[1].is(ValueKind::String) ? traverse(actual_size(args[1])) : 0);
    case CostRule::ContainsCidr:
      return traverse(2 * actual_size(args[0])) + traverse(actual_size(args[0])) + 1 +
             (args[1].is(ValueKind::String) ? traverse(actual_size(args[1])) : 0);
    case CostRule::ListMade:
      return made_list_cost(1, actual_size(result));
    case CostRule::ListFlattened:
      return made_list_cost(args.size() == 2 && args[1].is(ValueKind::Int) ? static_cast<double>(args[1].integer) : 1,
                            actual_size(args[0]));
    case CostRule::SelfCompared:
      return self_compare_cost(args[0]);
    case CostRule::SelfComparedSecond:
      return self_compare_cost(args[1]);
    case CostRule::SetContains:
      return actual_size(args[0]) * actual_size(args[1]) + 1;
    case CostRule::SetEquivalent:
      return 2 * actual_size(args[0]) * actual_size(args[1]) + 1;
    case CostRule::NamedFormat:
      if (!args[0].is(ValueKind::Host)) return 1;
      return pattern_cost(actual_size(args[1]), named_format_pattern_size(args[0]));
  }
  return 1;
}

}  // namespace gatepost::cel
