// Arithmetic, order, membership and size.
#include <algorithm>
#include <cmath>
#include <limits>

#include "cel/cost/actual.h"
#include "cel/evaluation.h"
#include "cel/libraries.h"
#include "cel/time_text.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

constexpr std::int64_t kNanos = 1'000'000'000;

const Value kIntOverflow = Value::error("integer overflow");
const Value kUintOverflow = Value::error("unsigned integer overflow");
const Value kDurationOverflow = kIntOverflow;  // a duration is counted in an int
const Value kTimestampOverflow = Value::error("timestamp overflow");
const Value kDivisionByZero = Value::error("division by zero");
const Value kModulusByZero = Value::error("modulus by zero");

bool both(Args args, ValueKind kind) {
  return args[0].is(kind) && args[1].is(kind);
}

Value checked_int(bool overflow, std::int64_t value) {
  return overflow ? kIntOverflow : Value::of_int(value);
}
Value checked_uint(bool overflow, std::uint64_t value) {
  return overflow ? kUintOverflow : Value::of_uint(value);
}

Value moved_timestamp(const Value& timestamp, std::int64_t nanoseconds, int sign) {
  const __int128 total =
      static_cast<__int128>(timestamp.integer) * kNanos + timestamp.nanos + static_cast<__int128>(nanoseconds) * sign;
  __int128 seconds = total / kNanos;
  auto nanos = static_cast<std::int32_t>(total % kNanos);
  if (nanos < 0) {
    nanos += kNanos;
    --seconds;
  }
  if (seconds < INT64_MIN || seconds > INT64_MAX || !timestamp_in_range(static_cast<std::int64_t>(seconds)))
    return kTimestampOverflow;
  Value out = Value::of_timestamp(static_cast<std::int64_t>(seconds), nanos);
  out.size = timestamp.size;
  return out;
}

Value concatenate_text(Evaluation& evaluation, Args args, ValueKind kind) {
  const std::size_t size = args[0].size + args[1].size;
  char* out = evaluation.arena.array<char>(size);
  std::copy_n(args[0].chars, args[0].size, out);
  std::copy_n(args[1].chars, args[1].size, out + args[0].size);
  return kind == ValueKind::String ? Value::of_string({out, size}) : Value::of_bytes({out, size});
}

// The list that a comprehension builds is appended to in place; every other sum is a new list.
Value append(Evaluation& evaluation, const Value& list, const Value& more) {
  auto& builder = const_cast<ListBuilder&>(*list.builder);
  const auto added = static_cast<std::uint32_t>(list_size(more));
  if (builder.size + added > builder.capacity) {
    const std::uint32_t capacity =
        std::max<std::uint32_t>(builder.size + added, std::max<std::uint32_t>(8, builder.capacity * 2));
    Value* items = evaluation.arena.array<Value>(capacity);
    std::copy_n(builder.items, builder.size, items);
    builder.items = items;
    builder.capacity = capacity;
  }
  for (std::uint32_t i = 0; i < added; ++i) builder.items[builder.size++] = list_at(more, i);
  return list;
}

const SchemaType* joined_list_schema(const Value& list) {
  if (list.form != Form::Json || list.schema == nullptr) return nullptr;
  return list.schema->list_kind == SchemaType::ListKind::Atomic ? nullptr : list.schema;
}

bool same_keys(const SchemaType& schema, const Value& a, const Value& b) {
  if (schema.list_kind == SchemaType::ListKind::Set) return equal(a, b);
  if (!a.is(ValueKind::Map) || !b.is(ValueKind::Map)) return false;
  for (const std::string& key : schema.list_keys) {
    Value left;
    Value right;
    const bool in_left = map_find(a, key, left);
    if (in_left != map_find(b, key, right) || (in_left && !equal(left, right))) return false;
  }
  return true;
}

Value concatenate_lists(Evaluation& evaluation, const Value& a, const Value& b) {
  if (a.form == Form::Builder) return append(evaluation, a, b);
  const std::size_t first = list_size(a);
  const std::size_t second = list_size(b);
  Value* items = evaluation.arena.array<Value>(first + second);
  for (std::size_t i = 0; i < first; ++i) items[i] = list_at(a, i);
  std::size_t size = first;
  // Lists that Kubernetes treats as sets or maps keep one element a key: the right one, in the left one's place.
  const SchemaType* schema = joined_list_schema(a);
  for (std::size_t i = 0; i < second; ++i) {
    const Value item = list_at(b, i);
    Value* found = items + size;
    if (schema != nullptr)
      found = std::find_if(items, items + size, [&](const Value& other) { return same_keys(*schema, other, item); });
    *found = item;
    if (found == items + size) ++size;
  }
  return Value::of_list({items, size});
}

Value add(Evaluation& evaluation, Args args) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.kind == b.kind) {
    switch (a.kind) {
      case ValueKind::Int: {
        std::int64_t out = 0;
        return checked_int(__builtin_add_overflow(a.integer, b.integer, &out), out);
      }
      case ValueKind::Uint: {
        std::uint64_t out = 0;
        return checked_uint(__builtin_add_overflow(a.unsigned_integer, b.unsigned_integer, &out), out);
      }
      case ValueKind::Double:
        return Value::of_double(a.real + b.real);
      case ValueKind::String:
      case ValueKind::Bytes:
        return concatenate_text(evaluation, args, a.kind);
      case ValueKind::List:
        return concatenate_lists(evaluation, a, b);
      case ValueKind::Duration: {
        std::int64_t out = 0;
        return __builtin_add_overflow(a.integer, b.integer, &out) ? kDurationOverflow : Value::of_duration(out);
      }
      default:
        return no_such_overload();
    }
  }
  if (a.is(ValueKind::Timestamp) && b.is(ValueKind::Duration)) return moved_timestamp(a, b.integer, 1);
  if (a.is(ValueKind::Duration) && b.is(ValueKind::Timestamp)) return moved_timestamp(b, a.integer, 1);
  return no_such_overload();
}

Value subtract(Evaluation&, Args args) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.is(ValueKind::Timestamp) && b.is(ValueKind::Duration)) return moved_timestamp(a, b.integer, -1);
  if (a.kind != b.kind) return no_such_overload();
  std::int64_t out = 0;
  std::uint64_t unsigned_out = 0;
  switch (a.kind) {
    case ValueKind::Int:
      return checked_int(__builtin_sub_overflow(a.integer, b.integer, &out), out);
    case ValueKind::Uint:
      return checked_uint(__builtin_sub_overflow(a.unsigned_integer, b.unsigned_integer, &unsigned_out), unsigned_out);
    case ValueKind::Double:
      return Value::of_double(a.real - b.real);
    case ValueKind::Duration:
      return __builtin_sub_overflow(a.integer, b.integer, &out) ? kDurationOverflow : Value::of_duration(out);
    case ValueKind::Timestamp: {
      const __int128 nanos = static_cast<__int128>(a.integer - b.integer) * kNanos + (a.nanos - b.nanos);
      return nanos < INT64_MIN || nanos > INT64_MAX ? kDurationOverflow
                                                    : Value::of_duration(static_cast<std::int64_t>(nanos));
    }
    default:
      return no_such_overload();
  }
}

Value multiply(Evaluation&, Args args) {
  std::int64_t out = 0;
  std::uint64_t unsigned_out = 0;
  if (both(args, ValueKind::Int))
    return checked_int(__builtin_mul_overflow(args[0].integer, args[1].integer, &out), out);
  if (both(args, ValueKind::Uint))
    return checked_uint(__builtin_mul_overflow(args[0].unsigned_integer, args[1].unsigned_integer, &unsigned_out),
                        unsigned_out);
  if (both(args, ValueKind::Double)) return Value::of_double(args[0].real * args[1].real);
  return no_such_overload();
}

Value divide(Evaluation&, Args args) {
  if (both(args, ValueKind::Int)) {
    if (args[1].integer == 0) return kDivisionByZero;
    if (args[0].integer == INT64_MIN && args[1].integer == -1) return kIntOverflow;
    return Value::of_int(args[0].integer / args[1].integer);
  }
  if (both(args, ValueKind::Uint))
    return args[1].unsigned_integer == 0 ? kDivisionByZero
                                         : Value::of_uint(args[0].unsigned_integer / args[1].unsigned_integer);
  if (both(args, ValueKind::Double)) return Value::of_double(args[0].real / args[1].real);
  return no_such_overload();
}

Value modulo(Evaluation&, Args args) {
  if (both(args, ValueKind::Int)) {
    if (args[1].integer == 0) return kModulusByZero;
    if (args[0].integer == INT64_MIN && args[1].integer == -1) return kIntOverflow;
    return Value::of_int(args[0].integer % args[1].integer);
  }
  if (both(args, ValueKind::Uint))
    return args[1].unsigned_integer == 0 ? kModulusByZero
                                         : Value::of_uint(args[0].unsigned_integer % args[1].unsigned_integer);
  return no_such_overload();
}

Value negate(Evaluation&, Args args) {
  switch (args[0].kind) {
    case ValueKind::Int:
      return checked_int(args[0].integer == INT64_MIN, args[0].integer == INT64_MIN ? 0 : -args[0].integer);
    case ValueKind::Double:
      return Value::of_double(-args[0].real);
    default:
      return no_such_overload();
  }
}

Value logical_not(Evaluation&, Args args) {
  return args[0].is(ValueKind::Bool) ? Value::of_bool(!args[0].boolean) : no_such_overload();
}

template <bool OnLess, bool OnEqual, bool OnGreater>
Value ordered(Evaluation&, Args args) {
  switch (compare(args[0], args[1])) {
    case Order::Less:
      return Value::of_bool(OnLess);
    case Order::Equal:
      return Value::of_bool(OnEqual);
    case Order::Greater:
      return Value::of_bool(OnGreater);
    case Order::Unordered:
      return Value::error("NaN values cannot be ordered");
    case Order::Incomparable:
      break;
  }
  return no_such_overload();
}

Value contained(Evaluation&, Args args) {
  Value unused;
  switch (args[1].kind) {
    case ValueKind::List:
      for (std::size_t i = 0; i < list_size(args[1]); ++i)
        if (equal(list_at(args[1], i), args[0])) return Value::of_bool(true);
      return Value::of_bool(false);
    case ValueKind::Map:
    case ValueKind::Struct:
      return Value::of_bool(map_find(args[1], args[0], unused));
    default:
      return no_such_overload();
  }
}

Value size(Evaluation&, Args args) {
  switch (args[0].kind) {
    case ValueKind::String:
    case ValueKind::Bytes:
    case ValueKind::List:
    case ValueKind::Map:
      return Value::of_int(static_cast<std::int64_t>(actual_size(args[0])));
    default:
      return no_such_overload();
  }
}

#define GATEPOST_ORDER_OVERLOADS(name)               \
  {{name "_bool", "bool,bool->bool"},                \
   {name "_int64", "int,int->bool"},                 \
   {name "_int64_double", "int,double->bool"},       \
   {name "_int64_uint64", "int,uint->bool"},         \
   {name "_uint64", "uint,uint->bool"},              \
   {name "_uint64_double", "uint,double->bool"},     \
   {name "_uint64_int64", "uint,int->bool"},         \
   {name "_double", "double,double->bool"},          \
   {name "_double_int64", "double,int->bool"},       \
   {name "_double_uint64", "double,uint->bool"},     \
   {name "_string", "string,string->bool"},          \
   {name "_bytes", "bytes,bytes->bool"},             \
   {name "_timestamp", "timestamp,timestamp->bool"}, \
   {name "_duration", "duration,duration->bool"}}

}  // namespace

void add_operators(Declarations& to) {
  to.function("_?_:_", nullptr, {{"conditional", "bool,A,A->A"}});
  to.function("_&&_", nullptr, {{"logical_and", "bool,bool->bool"}});
  to.function("_||_", nullptr, {{"logical_or", "bool,bool->bool"}});
  to.function("!_", logical_not, {{"logical_not", "bool->bool"}});
  to.function("@not_strictly_false", nullptr, {{"not_strictly_false", "bool->bool"}});
  to.function("_==_", nullptr, {{"equals", "A,A->bool"}});
  to.function("_!=_", nullptr, {{"not_equals", "A,A->bool"}});
  to.function("_+_", add,
              {{"add_bytes", "bytes,bytes->bytes"},
               {"add_double", "double,double->double"},
               {"add_duration_duration", "duration,duration->duration"},
               {"add_duration_timestamp", "duration,timestamp->timestamp"},
               {"add_timestamp_duration", "timestamp,duration->timestamp"},
               {"add_int64", "int,int->int"},
               {"add_list", "list(A),list(A)->list(A)"},
               {"add_string", "string,string->string"},
               {"add_uint64", "uint,uint->uint"}});
  to.function("_/_", divide,
              {{"divide_double", "double,double->double"},
               {"divide_int64", "int,int->int"},
               {"divide_uint64", "uint,uint->uint"}});
  to.function("_%_", modulo, {{"modulo_int64", "int,int->int"}, {"modulo_uint64", "uint,uint->uint"}});
  to.function("_*_", multiply,
              {{"multiply_double", "double,double->double"},
               {"multiply_int64", "int,int->int"},
               {"multiply_uint64", "uint,uint->uint"}});
  to.function("-_", negate, {{"negate_double", "double->double"}, {"negate_int64", "int->int"}});
  to.function("_-_", subtract,
              {{"subtract_double", "double,double->double"},
               {"subtract_duration_duration", "duration,duration->duration"},
               {"subtract_int64", "int,int->int"},
               {"subtract_timestamp_duration", "timestamp,duration->timestamp"},
               {"subtract_timestamp_timestamp", "timestamp,timestamp->duration"},
               {"subtract_uint64", "uint,uint->uint"}});
  to.function("_<_", ordered<true, false, false>, GATEPOST_ORDER_OVERLOADS("less"));
  to.function("_<=_", ordered<true, true, false>, GATEPOST_ORDER_OVERLOADS("less_equals"));
  to.function("_>_", ordered<false, false, true>, GATEPOST_ORDER_OVERLOADS("greater"));
  to.function("_>=_", ordered<false, true, true>, GATEPOST_ORDER_OVERLOADS("greater_equals"));
  to.function("_[_]", nullptr, {{"index_list", "list(A),int->A"}, {"index_map", "map(A,B),A->B"}});
  to.function("@in", contained, {{"in_list", "A,list(A)->bool"}, {"in_map", "A,map(A,B)->bool"}});
  to.function("size", size,
              {{"size_bytes", "bytes->int"},
               {"bytes_size", ".bytes->int"},
               {"size_list", "list(A)->int"},
               {"list_size", ".list(A)->int"},
               {"size_map", "map(A,B)->int"},
               {"map_size", ".map(A,B)->int"},
               {"size_string", "string->int"},
               {"string_size", ".string->int"}});
}

}  // namespace gatepost::cel
