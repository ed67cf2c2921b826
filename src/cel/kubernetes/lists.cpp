// isSorted, sum, min, max, indexOf, lastIndexOf of lists.
#include "cel/evaluation.h"
#include "cel/libraries.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

// A list of values that have an order, as its first element tells.
bool is_comparable(const Value& list) {
  if (!list.is(ValueKind::List)) return false;
  return list_size(list) == 0 || compare(list_at(list, 0), list_at(list, 0)) != Order::Incomparable;
}

Value is_sorted(Evaluation&, Args args) {
  if (!is_comparable(args[0])) return no_such_overload();
  for (std::size_t i = 1; i < list_size(args[0]); ++i) {
    const Order order = compare(list_at(args[0], i - 1), list_at(args[0], i));
    if (order == Order::Incomparable) return no_such_overload();
    if (order == Order::Greater) return Value::of_bool(false);
  }
  return Value::of_bool(true);
}

template <Order Better>
Value extreme(Evaluation& evaluation, Args args) {
  if (!is_comparable(args[0])) return no_such_overload();
  if (list_size(args[0]) == 0)
    return evaluation.error(std::string(Better == Order::Less ? "min" : "max") + " called on empty list");
  Value best = list_at(args[0], 0);
  for (std::size_t i = 1; i < list_size(args[0]); ++i) {
    const Value item = list_at(args[0], i);
    const Order order = compare(item, best);
    if (order == Order::Incomparable) return no_such_overload();
    if (order == Better) best = item;
  }
  return best;
}

// The empty sum has the list's element type, which only the overload knows.
template <ValueKind Kind>
Value sum(Evaluation&, Args args) {
  if (!args[0].is(ValueKind::List)) return no_such_overload();
  std::int64_t whole = 0;
  std::uint64_t natural = 0;
  double real = 0;
  for (std::size_t i = 0; i < list_size(args[0]); ++i) {
    const Value item = list_at(args[0], i);
    if (!item.is(Kind)) return no_such_overload();
    if (Kind == ValueKind::Double) {
      real += item.real;
    } else if (Kind == ValueKind::Uint) {
      if (__builtin_add_overflow(natural, item.unsigned_integer, &natural))
        return Value::error("unsigned integer overflow");
    } else if (__builtin_add_overflow(whole, item.integer, &whole)) {
      return Value::error("integer overflow");
    }
  }
  switch (Kind) {
    case ValueKind::Double:
      return Value::of_double(real);
    case ValueKind::Uint:
      return Value::of_uint(natural);
    case ValueKind::Duration:
      return Value::of_duration(whole);
    default:
      return Value::of_int(whole);
  }
}

Value index_of(Evaluation&, Args args) {
  if (!args[0].is(ValueKind::List)) return no_such_overload();
  for (std::size_t i = 0; i < list_size(args[0]); ++i)
    if (equal(list_at(args[0], i), args[1])) return Value::of_int(static_cast<std::int64_t>(i));
  return Value::of_int(-1);
}

Value last_index_of(Evaluation&, Args args) {
  if (!args[0].is(ValueKind::List)) return no_such_overload();
  for (std::size_t i = list_size(args[0]); i > 0; --i)
    if (equal(list_at(args[0], i - 1), args[1])) return Value::of_int(static_cast<std::int64_t>(i - 1));
  return Value::of_int(-1);
}

#define GATEPOST_PER_TYPE(function, suffix)                                  \
  {{"list_int_" function "_int", ".list(int)->int"},                         \
   {"list_uint_" function "_uint", ".list(uint)->uint"},                     \
   {"list_double_" function "_double", ".list(double)->double"},             \
   {"list_bool_" function "_bool", ".list(bool)->bool"},                     \
   {"list_duration_" function "_duration", ".list(duration)->duration"},     \
   {"list_timestamp_" function "_timestamp", ".list(timestamp)->timestamp"}, \
   {"list_string_" function "_string", ".list(string)->string"},             \
   {"list_bytes_" function "_bytes", ".list(bytes)->bytes"}}

}  // namespace

void add_kubernetes_lists(Declarations& to) {
  to.function("isSorted", is_sorted,
              {{"list_int_is_sorted_bool", ".list(int)->bool"},
               {"list_uint_is_sorted_bool", ".list(uint)->bool"},
               {"list_double_is_sorted_bool", ".list(double)->bool"},
               {"list_bool_is_sorted_bool", ".list(bool)->bool"},
               {"list_duration_is_sorted_bool", ".list(duration)->bool"},
               {"list_timestamp_is_sorted_bool", ".list(timestamp)->bool"},
               {"list_string_is_sorted_bool", ".list(string)->bool"},
               {"list_bytes_is_sorted_bool", ".list(bytes)->bool"}});
  to.function("sum", sum<ValueKind::Int>, {{"list_int_sum_int", ".list(int)->int"}});
  to.function("sum", sum<ValueKind::Uint>, {{"list_uint_sum_uint", ".list(uint)->uint"}});
  to.function("sum", sum<ValueKind::Double>, {{"list_double_sum_double", ".list(double)->double"}});
  to.function("sum", sum<ValueKind::Duration>, {{"list_duration_sum_duration", ".list(duration)->duration"}});
  to.function("max", extreme<Order::Greater>, GATEPOST_PER_TYPE("max", ));
  to.function("min", extreme<Order::Less>, GATEPOST_PER_TYPE("min", ));
  to.function("indexOf", index_of, {{"list_a_index_of_int", ".list(A),A->int"}});
  to.function("lastIndexOf", last_index_of, {{"list_a_last_index_of_int", ".list(A),A->int"}});
}

}  // namespace gatepost::cel
