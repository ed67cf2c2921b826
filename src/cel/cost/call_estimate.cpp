#include "cel/cost/call_estimate.h"

#include <algorithm>
#include <cmath>

#include "cel/cost/factors.h"

namespace gatepost::cel {

namespace {

constexpr std::uint64_t kMost = UINT64_MAX;
// Longest pattern behind a named format, and longest text of one.
constexpr double kFormatPatternSize = 128;
constexpr std::uint64_t kMostFormatText = 64;

std::uint64_t add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? kMost : out;
}

std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t out = 0;
  return __builtin_mul_overflow(a, b, &out) ? kMost : out;
}

std::uint64_t scale(std::uint64_t size, double factor) {
  const double out = std::ceil(static_cast<double>(size) * factor);
  return out >= 0x1p64 ? kMost : static_cast<std::uint64_t>(out);
}

SizeEstimate size_of(const CallArgument& argument) {
  return argument.size.value_or(SizeEstimate{});
}
CostEstimate traversed(const SizeEstimate& size, double times_read = 1) {
  return scaled(size, times_read * kTraversalFactor);
}

CostEstimate pattern_cost(const SizeEstimate& text, const SizeEstimate& pattern) {
  return times(traversed(text + fixed_size(1)), scaled(pattern, kRegexFactor));
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

CallEstimate made_list(double factor, const SizeEstimate& size) {
  return {scaled(size, factor) + fixed_cost(1) + fixed_cost(kListCost), size};
}

std::uint64_t literal_int(const CallArgument& argument, std::uint64_t otherwise) {
  if (argument.expr->kind != ExprKind::Literal || !argument.expr->literal.is(ValueKind::Int)) return otherwise;
  return argument.expr->literal.integer < 0 ? 0 : static_cast<std::uint64_t>(argument.expr->literal.integer);
}

// A negative literal asks for all parts, and counts as the largest number.
std::uint64_t most_parts(const CallArgument& argument, std::uint64_t otherwise) {
  if (argument.expr->kind != ExprKind::Literal || !argument.expr->literal.is(ValueKind::Int)) return otherwise;
  return static_cast<std::uint64_t>(argument.expr->literal.integer);
}

bool is_text(const Type& type) {
  return type.kind == TypeKind::String || type.kind == TypeKind::Bytes;
}

CallEstimate elements(const CallArgument& list) {
  if (list.type->params.empty()) return {traversed(size_of(list)), std::nullopt};
  CostEstimate each = fixed_cost(1);
  if (is_text(*list.type->params[0])) each = each + traversed(list.element_size.value_or(SizeEstimate{}));
  return {times(size_of(list), each), std::nullopt};
}

CallEstimate replaced(const CallArgument& target, std::span<const CallArgument> args) {
  const SizeEstimate size = size_of(target);
  const SizeEstimate old = size_of(args[0]);
  const SizeEstimate with = size_of(args[1]);
  SizeEstimate count{0, 0};
  SizeEstimate kept{0, 0};
  const auto ceil_div = [](std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>(
        std::min(std::ceil(static_cast<double>(a) / static_cast<double>(b)), 0x1.fffffffffffffp63));
  };
  if (old.min == 0) {
    count.max = add(size.max, 1);
    kept.max = size.max;
  } else if (with.max <= old.min) {
    kept.max = size.max;
  } else {
    count.max = ceil_div(size.max, old.min);
  }
  if (old.max == 0) {
    count.min = add(size.min, 1);
    kept.min = size.min;
  } else if (old.max <= with.min) {
    kept.min = size.min;
  } else {
    count.min = ceil_div(size.min, old.max);
  }
  return {traversed(size, 2), count * with + kept};
}

CallEstimate joined(const CallArgument& target, std::span<const CallArgument> args) {
  const SizeEstimate list = size_of(target);
  SizeEstimate size{0, 0};
  if (!target.type->params.empty()) size = list * target.element_size.value_or(SizeEstimate{});
  if (!args.empty())
    size = size + size_of(args[0]) * SizeEstimate{list.min > 0 ? list.min - 1 : 0, list.max > 0 ? list.max - 1 : 0};
  return {traversed(size), size};
}

CostEstimate network_cost(std::string_view overload, const CallArgument& other, bool whole_network) {
  const SizeEstimate address{4, 16};
  CostEstimate out = traversed(address + address);
  if (whole_network) out = out + traversed(address) + fixed_cost(1);
  if (overload.ends_with("_string")) out = out + traversed(size_of(other));
  return out;
}

// Kubernetes' own functions, and those it prices by name.
std::optional<CallEstimate> by_function(std::string_view function, std::string_view overload,
                                        const CallArgument* target, std::span<const CallArgument> args) {
  if (function == "check") return CallEstimate{fixed_cost(kAuthorizerCheckCost), std::nullopt};
  if (is_one_of(function, {"serviceAccount",
                           "path",
                           "group",
                           "resource",
                           "subresource",
                           "namespace",
                           "name",
                           "allowed",
                           "reason",
                           "error",
                           "errored",
                           "masked",
                           "prefixLength",
                           "family",
                           "isUnspecified",
                           "isLoopback",
                           "isLinkLocalMulticast",
                           "isLinkLocalUnicast",
                           "isGlobalUnicast",
                           "format.named",
                           "sign",
                           "asInteger",
                           "isInteger",
                           "asApproximateFloat",
                           "isGreaterThan",
                           "isLessThan",
                           "compareTo",
                           "add",
                           "sub",
                           "major",
                           "minor",
                           "patch",
                           "getScheme",
                           "getHostname",
                           "getHost",
                           "getPort",
                           "getEscapedPath",
                           "getQuery"}))
    return CallEstimate{fixed_cost(1), std::nullopt};
  if (is_one_of(function, {"fieldSelector", "labelSelector"}) && args.size() == 1) {
    const SizeEstimate size = size_of(args[0]);
    const CostEstimate requirements = scaled(scaled(size, 0.5), static_cast<double>(kListCost + kStructCost));
    return CallEstimate{fixed_cost(kListCost) + traversed(size) + requirements, std::nullopt};
  }
  if (is_one_of(function, {"isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"}) && target != nullptr)
    return elements(*target);
  if (is_one_of(function, {"url", "jsonpatch.escapeKey"}) && args.size() == 1)
    return CallEstimate{traversed(size_of(args[0])), size_of(args[0])};
  if (is_one_of(function, {"lowerAscii", "upperAscii", "substring", "trim"}) && target != nullptr)
    return CallEstimate{traversed(size_of(*target)), size_of(*target)};
  if (function == "replace" && target != nullptr && args.size() >= 2) return replaced(*target, args);
  if (function == "split" && target != nullptr) {
    const SizeEstimate size = size_of(*target);
    return CallEstimate{traversed(size, 2),
                        SizeEstimate{0, args.size() > 1 ? most_parts(args[1], size.max) : size.max}};
  }
  if (function == "join" && target != nullptr) return joined(*target, args);
  if (is_one_of(function, {"find", "findAll"}) && target != nullptr && !args.empty())
    return CallEstimate{pattern_cost(size_of(*target), size_of(args[0])), SizeEstimate{0, size_of(*target).max}};
  if (function == "ip" && overload == "cidr_ip") return CallEstimate{fixed_cost(1), std::nullopt};
  if (is_one_of(function, {"cidr", "isIP", "isCIDR", "ip", "quantity", "isQuantity", "semver", "isSemver"}) &&
      !args.empty())
    return CallEstimate{traversed(size_of(args[0])), std::nullopt};
  if (function == "ip.isCanonical" && !args.empty()) return CallEstimate{traversed(size_of(args[0]), 2), std::nullopt};
  if (function == "containsIP" && !args.empty())
    return CallEstimate{network_cost(overload, args[0], false), std::nullopt};
  if (function == "containsCIDR" && !args.empty())
    return CallEstimate{network_cost(overload, args[0], true), std::nullopt};
  if (function == "validate" && !args.empty())
    return CallEstimate{scaled(traversed(size_of(args[0])), kFormatPatternSize * kRegexFactor), std::nullopt};
  return std::nullopt;
}

// Host types compare at a fixed price.
std::optional<CallEstimate> host_equality(std::span<const CallArgument> args) {
  const Type& type = *args[0].type;
  if (!same_type(type, *args[1].type)) return std::nullopt;
  if (type.kind == TypeKind::Opaque && is_one_of(type.name, {"net.IP", "net.CIDR"}))
    return CallEstimate{fixed_cost(1), std::nullopt};
  if (type.kind != TypeKind::Struct) return std::nullopt;
  if (type.name == "kubernetes.NamedFormat")
    return CallEstimate{traversed(SizeEstimate{1, kMostFormatText}), std::nullopt};
  if (type.name == "kubernetes.URL") {
    const std::uint64_t most = args[1].size ? args[1].size->max : 1;
    return CallEstimate{traversed(SizeEstimate{1, most}), std::nullopt};
  }
  const bool fixed = is_one_of(type.name, {"kubernetes.Quantity", "kubernetes.Semver"}) ||
                     type.name.starts_with("kubernetes.authorization.");
  return fixed ? std::optional(CallEstimate{fixed_cost(1), std::nullopt}) : std::nullopt;
}

CallEstimate compared(std::span<const CallArgument> args) {
  const std::uint64_t most = std::min(size_of(args[0]).max, size_of(args[1]).max);
  return {traversed(SizeEstimate{most > 0 ? 1u : 0u, most}), std::nullopt};
}

std::optional<CallEstimate> list_extension(std::string_view overload, const CallArgument* target,
                                           std::span<const CallArgument> args) {
  if (overload == "list_slice" && target != nullptr && args.size() == 2) {
    const std::uint64_t begin = literal_int(args[0], 0);
    return made_list(1, fixed_size(literal_int(args[1], size_of(*target).max) - begin));
  }
  if (overload == "lists_range" && args.size() == 1) return made_list(1, fixed_size(literal_int(args[0], kMost)));
  if (overload.starts_with("list_sets_") && args.size() == 2)
    return CallEstimate{
        scaled(size_of(args[0]) * size_of(args[1]), overload == "list_sets_equivalent_list" ? 2 : 1) + fixed_cost(1),
        std::nullopt};
  if (target == nullptr) return std::nullopt;
  const SizeEstimate size = size_of(*target);
  if (overload == "list_reverse") return made_list(1, size);
  if (overload == "list_flatten" || overload == "list_flatten_int")
    return made_list(args.empty() ? 1 : static_cast<double>(literal_int(args[0], kMost)), size);
  if (overload == "list_distinct") return made_list(2, size * size);
  if (overload.ends_with("_sort")) {
    const bool text = overload.starts_with("list_string") || overload.starts_with("list_bytes");
    return made_list(2 + (text ? kTraversalFactor : 0), size * size);
  }
  if (overload.ends_with("_sortByAssociatedKeys") && args.size() == 1) {
    const SizeEstimate keys = size_of(args[0]);
    const bool text = overload.starts_with("list_string") || overload.starts_with("list_bytes");
    return made_list(2 + (text ? kTraversalFactor : 0), keys * keys);
  }
  return std::nullopt;
}

}  // namespace

CostEstimate operator+(const CostEstimate& a, const CostEstimate& b) {
  return {add(a.min, b.min), add(a.max, b.max)};
}
SizeEstimate operator+(const SizeEstimate& a, const SizeEstimate& b) {
  return {add(a.min, b.min), add(a.max, b.max)};
}
SizeEstimate operator*(const SizeEstimate& a, const SizeEstimate& b) {
  return {multiply(a.min, b.min), multiply(a.max, b.max)};
}
CostEstimate times(const SizeEstimate& count, const CostEstimate& cost) {
  return {multiply(count.min, cost.min), multiply(count.max, cost.max)};
}
CostEstimate times(const CostEstimate& a, const CostEstimate& b) {
  return {multiply(a.min, b.min), multiply(a.max, b.max)};
}
CostEstimate scaled(const SizeEstimate& size, double factor) {
  return {scale(size.min, factor), scale(size.max, factor)};
}
CostEstimate scaled(const CostEstimate& cost, double factor) {
  return {scale(cost.min, factor), scale(cost.max, factor)};
}
SizeEstimate either(const SizeEstimate& a, const SizeEstimate& b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max)};
}
CostEstimate either(const CostEstimate& a, const CostEstimate& b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max)};
}

CallEstimate estimate_call(std::string_view function, std::string_view overload, const CallArgument* target,
                           std::span<const CallArgument> args) {
  if (auto out = list_extension(overload, target, args)) return *out;
  if (auto out = by_function(function, overload, target, args)) return *out;
  if (function == "_==_" && args.size() == 2)
    if (auto out = host_equality(args)) return *out;
  const SizeEstimate first = args.empty() ? SizeEstimate{} : size_of(args[0]);
  if (overload == "string_format" && target != nullptr) return {traversed(size_of(*target)), std::nullopt};
  if (overload == "string_to_bytes") return {traversed(first), SizeEstimate{first.min, multiply(first.max, 4)}};
  if (overload == "bytes_to_string") return {traversed(first), SizeEstimate{first.min / 4, first.max}};
  if (overload == "strings_quote")
    return {traversed(first), SizeEstimate{add(first.min, 2), add(multiply(first.max, 2), 2)}};
  if (overload == "starts_with_string" || overload == "ends_with_string") return {traversed(first), std::nullopt};
  if (overload == "in_list") return {scaled(size_of(args[1]), 1), std::nullopt};
  if (overload == "matches_string" && target != nullptr) return {pattern_cost(size_of(*target), first), std::nullopt};
  if (overload == "contains_string" && target != nullptr)
    return {times(traversed(size_of(*target)), traversed(first)), std::nullopt};
  if (overload == "add_list") return {fixed_cost(1), first + size_of(args[1])};
  if (overload == "add_string" || overload == "add_bytes")
    return {traversed(first + size_of(args[1])), first + size_of(args[1])};
  const bool order_of_text = (overload.starts_with("less") || overload.starts_with("greater")) &&
                             (overload.ends_with("_string") || overload.ends_with("_bytes"));
  if (order_of_text || overload == "equals" || overload == "not_equals") return compared(args);
  return {fixed_cost(1), std::nullopt};
}

}  // namespace gatepost::cel
