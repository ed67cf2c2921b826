// The math extension.
#include <cmath>

#include "cel/evaluation.h"
#include "cel/libraries.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

bool is_number(const Value& v) {
  return v.is(ValueKind::Int) || v.is(ValueKind::Uint) || v.is(ValueKind::Double);
}

template <Order Wanted>
Value extreme(Evaluation& evaluation, Args args) {
  const char* name = Wanted == Order::Less ? "min" : "max";
  Value best;
  bool any = false;
  const auto offer = [&](const Value& v) {
    if (!any || compare(v, best) == Wanted) best = v;
    any = true;
  };
  if (args.size() == 1 && args[0].is(ValueKind::List)) {
    if (list_size(args[0]) == 0)
      return evaluation.error(std::string("math.@") + name + "(list) argument must not be empty");
    for (std::size_t i = 0; i < list_size(args[0]); ++i) {
      const Value item = list_at(args[0], i);
      if (!is_number(item)) return evaluation.error(std::string("no such overload: math.@") + name);
      offer(item);
    }
    return best;
  }
  for (const Value& arg : args) {
    if (!is_number(arg)) return no_such_overload();
    offer(arg);
  }
  return best;
}

using Real = double (*)(double);
template <Real F>
Value real(Evaluation&, Args args) {
  return args[0].is(ValueKind::Double) ? Value::of_double(F(args[0].real)) : no_such_overload();
}
double ceiling(double v) {
  return std::ceil(v);
}
double floor_of(double v) {
  return std::floor(v);
}
double rounded(double v) {
  return std::round(v);
}
double truncated(double v) {
  return std::trunc(v);
}

using Test = bool (*)(double);
template <Test F>
Value test(Evaluation&, Args args) {
  return args[0].is(ValueKind::Double) ? Value::of_bool(F(args[0].real)) : no_such_overload();
}
bool is_infinite(double v) {
  return std::isinf(v);
}
bool is_nan(double v) {
  return std::isnan(v);
}
bool is_finite(double v) {
  return std::isfinite(v);
}

Value absolute(Evaluation&, Args args) {
  switch (args[0].kind) {
    case ValueKind::Double:
      return Value::of_double(std::fabs(args[0].real));
    case ValueKind::Uint:
      return args[0];
    case ValueKind::Int:
      if (args[0].integer == INT64_MIN) return Value::error("integer overflow");
      return Value::of_int(args[0].integer < 0 ? -args[0].integer : args[0].integer);
    default:
      return no_such_overload();
  }
}

Value sign(Evaluation&, Args args) {
  switch (args[0].kind) {
    case ValueKind::Double: {
      const double v = args[0].real;
      return Value::of_double(std::isnan(v) ? v : v < 0 ? -1.0 : v > 0 ? 1.0 : 0.0);
    }
    case ValueKind::Uint:
      return Value::of_uint(args[0].unsigned_integer > 0 ? 1 : 0);
    case ValueKind::Int:
      return Value::of_int(args[0].integer < 0 ? -1 : args[0].integer > 0 ? 1 : 0);
    default:
      return no_such_overload();
  }
}

Value square_root(Evaluation&, Args args) {
  switch (args[0].kind) {
    case ValueKind::Double:
      return Value::of_double(std::sqrt(args[0].real));
    case ValueKind::Int:
      return Value::of_double(std::sqrt(static_cast<double>(args[0].integer)));
    case ValueKind::Uint:
      return Value::of_double(std::sqrt(static_cast<double>(args[0].unsigned_integer)));
    default:
      return no_such_overload();
  }
}

template <class Operation>
Value bits(Args args) {
  if (args[0].is(ValueKind::Int) && args[1].is(ValueKind::Int))
    return Value::of_int(Operation{}(args[0].integer, args[1].integer));
  if (args[0].is(ValueKind::Uint) && args[1].is(ValueKind::Uint))
    return Value::of_uint(Operation{}(args[0].unsigned_integer, args[1].unsigned_integer));
  return no_such_overload();
}
Value bit_and(Evaluation&, Args args) {
  return bits<std::bit_and<>>(args);
}
Value bit_or(Evaluation&, Args args) {
  return bits<std::bit_or<>>(args);
}
Value bit_xor(Evaluation&, Args args) {
  return bits<std::bit_xor<>>(args);
}

Value bit_not(Evaluation&, Args args) {
  if (args[0].is(ValueKind::Int)) return Value::of_int(~args[0].integer);
  return args[0].is(ValueKind::Uint) ? Value::of_uint(~args[0].unsigned_integer) : no_such_overload();
}

// Both ways move bits of the plain word: a right shift of a negative number fills with zeros.
template <bool Left>
Value shift(Evaluation& evaluation, Args args) {
  if ((!args[0].is(ValueKind::Int) && !args[0].is(ValueKind::Uint)) || !args[1].is(ValueKind::Int))
    return no_such_overload();
  const std::int64_t by = args[1].integer;
  if (by < 0)
    return evaluation.error(std::string("math.bitShift") + (Left ? "Left" : "Right") +
                            "() negative offset: " + std::to_string(by));
  std::uint64_t word = args[0].unsigned_integer;
  word = by >= 64 ? 0 : Left ? word << by : word >> by;
  return args[0].is(ValueKind::Int) ? Value::of_int(static_cast<std::int64_t>(word)) : Value::of_uint(word);
}

bool number_or_unknown(const Expr* arg) {
  switch (arg->kind) {
    case ExprKind::Literal:
      return is_number(arg->literal);
    case ExprKind::List:
    case ExprKind::Map:
    case ExprKind::Struct:
    case ExprKind::Unspecified:
      return false;
    default:
      return true;
  }
}

// math.least and math.greatest take any number of numbers, or one list of them.
template <bool Least>
Expr* expand_extreme(MacroCall& call) {
  if (call.target->kind != ExprKind::Ident || call.target->name != "math") return nullptr;
  const std::string name = Least ? "math.least()" : "math.greatest()";
  const std::string function = Least ? "math.@min" : "math.@max";
  if (call.args.empty()) return call.fail_at(call.target, name + " requires at least one argument");
  if (call.args.size() == 1 && call.args[0]->kind == ExprKind::List) {
    if (call.args[0]->entries.empty()) return call.fail_at(call.args[0], name + " invalid single argument value");
    for (const EntryExpr& entry : call.args[0]->entries)
      if (!number_or_unknown(entry.value))
        return call.fail_at(entry.value, name + " simple literal arguments must be numeric");
    return call.ast.call(function, {call.args[0]}, call.offset);
  }
  for (const Expr* arg : call.args) {
    if (number_or_unknown(arg)) continue;
    return call.fail_at(arg, call.args.size() == 1 ? name + " invalid single argument value"
                                                   : name + " simple literal arguments must be numeric");
  }
  std::vector<Expr*> args(call.args.begin(), call.args.end());
  if (args.size() <= 2) return call.ast.call(function, std::move(args), call.offset);
  return call.ast.call(function, {call.ast.list(std::move(args), call.offset)}, call.offset);
}

}  // namespace

#define GATEPOST_EXTREME(name)                       \
  {{name "_double", "double->double"},               \
   {name "_int", "int->int"},                        \
   {name "_uint", "uint->uint"},                     \
   {name "_double_double", "double,double->double"}, \
   {name "_int_int", "int,int->int"},                \
   {name "_uint_uint", "uint,uint->uint"},           \
   {name "_int_uint", "int,uint->dyn"},              \
   {name "_int_double", "int,double->dyn"},          \
   {name "_double_int", "double,int->dyn"},          \
   {name "_double_uint", "double,uint->dyn"},        \
   {name "_uint_int", "uint,int->dyn"},              \
   {name "_uint_double", "uint,double->dyn"},        \
   {name "_list_double", "list(double)->double"},    \
   {name "_list_int", "list(int)->int"},             \
   {name "_list_uint", "list(uint)->uint"}}

void add_math(Declarations& to) {
  to.macros({{"least", -1, true, expand_extreme<true>}, {"greatest", -1, true, expand_extreme<false>}});
  to.function("math.@min", extreme<Order::Less>, GATEPOST_EXTREME("math_@min"));
  to.function("math.@max", extreme<Order::Greater>, GATEPOST_EXTREME("math_@max"));
  to.function("math.ceil", real<ceiling>, {{"math_ceil_double", "double->double"}});
  to.function("math.floor", real<floor_of>, {{"math_floor_double", "double->double"}});
  to.function("math.round", real<rounded>, {{"math_round_double", "double->double"}});
  to.function("math.trunc", real<truncated>, {{"math_trunc_double", "double->double"}});
  to.function("math.isInf", test<is_infinite>, {{"math_isInf_double", "double->bool"}});
  to.function("math.isNaN", test<is_nan>, {{"math_isNaN_double", "double->bool"}});
  to.function("math.isFinite", test<is_finite>, {{"math_isFinite_double", "double->bool"}});
  to.function("math.abs", absolute,
              {{"math_abs_double", "double->double"}, {"math_abs_int", "int->int"}, {"math_abs_uint", "uint->uint"}});
  to.function(
      "math.sign", sign,
      {{"math_sign_double", "double->double"}, {"math_sign_int", "int->int"}, {"math_sign_uint", "uint->uint"}});
  to.function(
      "math.sqrt", square_root,
      {{"math_sqrt_double", "double->double"}, {"math_sqrt_int", "int->double"}, {"math_sqrt_uint", "uint->double"}});
  to.function("math.bitAnd", bit_and,
              {{"math_bitAnd_int_int", "int,int->int"}, {"math_bitAnd_uint_uint", "uint,uint->uint"}});
  to.function("math.bitOr", bit_or,
              {{"math_bitOr_int_int", "int,int->int"}, {"math_bitOr_uint_uint", "uint,uint->uint"}});
  to.function("math.bitXor", bit_xor,
              {{"math_bitXor_int_int", "int,int->int"}, {"math_bitXor_uint_uint", "uint,uint->uint"}});
  to.function("math.bitNot", bit_not, {{"math_bitNot_int_int", "int->int"}, {"math_bitNot_uint_uint", "uint->uint"}});
  to.function("math.bitShiftLeft", shift<true>,
              {{"math_bitShiftLeft_int_int", "int,int->int"}, {"math_bitShiftLeft_uint_int", "uint,int->uint"}});
  to.function("math.bitShiftRight", shift<false>,
              {{"math_bitShiftRight_int_int", "int,int->int"}, {"math_bitShiftRight_uint_int", "uint,int->uint"}});
}

}  // namespace gatepost::cel
