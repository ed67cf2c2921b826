// The libraries quantity and semver: they share the names of their comparisons.
#include "formats/quantity.h"

#include "cel/kubernetes/host_value.h"
#include "cel/libraries.h"
#include "formats/semver.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;
using formats::Quantity;
using formats::Semver;

struct QuantityTraits {
  static const Type* type() {
    static const Type type{TypeKind::Struct, false, "kubernetes.Quantity", {}};
    return &type;
  }
  static bool equals(const Quantity& a, const Quantity& b) { return a == b; }
  static std::string text(const Quantity& quantity) { return "quantity(\"" + quantity.canonical() + "\")"; }
};
using QuantityValue = HostValue<Quantity, QuantityTraits>;

struct SemverTraits {
  static const Type* type() {
    static const Type type{TypeKind::Struct, false, "kubernetes.Semver", {}};
    return &type;
  }
  static bool equals(const Semver& a, const Semver& b) { return a.compare(b) == 0; }
  static std::string text(const Semver& version) { return "semver(\"" + formats::semver_text(version) + "\")"; }
};
using SemverValue = HostValue<Semver, SemverTraits>;

Value quantity(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::String)) return no_such_overload();
  auto out = Quantity::parse(args[0].text());
  return out ? QuantityValue::make(evaluation, std::move(*out)) : evaluation.error(out.error().text);
}

Value is_quantity(Evaluation&, Args args) {
  return args[0].is(ValueKind::String) ? Value::of_bool(Quantity::parse(args[0].text()).has_value())
                                       : no_such_overload();
}

Value sign(Evaluation&, Args args) {
  const Quantity* q = QuantityValue::get(args[0]);
  return q != nullptr ? Value::of_int(q->sign()) : no_such_overload();
}

Value as_float(Evaluation&, Args args) {
  const Quantity* q = QuantityValue::get(args[0]);
  return q != nullptr ? Value::of_double(q->approximate_double()) : no_such_overload();
}

Value as_integer(Evaluation&, Args args) {
  const Quantity* q = QuantityValue::get(args[0]);
  if (q == nullptr) return no_such_overload();
  const auto out = q->as_int64();
  return out ? Value::of_int(*out) : Value::error("cannot convert value to integer");
}

Value is_integer(Evaluation&, Args args) {
  const Quantity* q = QuantityValue::get(args[0]);
  return q != nullptr ? Value::of_bool(q->as_int64().has_value()) : no_such_overload();
}

// A whole number joins with no suffix of its own to keep.
template <Quantity (Quantity::*Operation)(const Quantity&) const>
Value combined(Evaluation& evaluation, Args args) {
  const Quantity* a = QuantityValue::get(args[0]);
  if (a == nullptr) return no_such_overload();
  if (const Quantity* b = QuantityValue::get(args[1])) return QuantityValue::make(evaluation, (a->*Operation)(*b));
  if (!args[1].is(ValueKind::Int)) return no_such_overload();
  return QuantityValue::make(evaluation,
                             (a->*Operation)(Quantity::of(args[1].integer, formats::QuantityFormat::DecimalExponent)));
}

bool compare_both(Args args, int& out) {
  const Quantity* a = QuantityValue::get(args[0]);
  const Quantity* b = QuantityValue::get(args[1]);
  if (a != nullptr && b != nullptr) {
    out = a->compare(*b);
    return true;
  }
  const Semver* x = SemverValue::get(args[0]);
  const Semver* y = SemverValue::get(args[1]);
  if (x == nullptr || y == nullptr) return false;
  out = x->compare(*y);
  return true;
}

Value is_greater(Evaluation&, Args args) {
  int order = 0;
  return compare_both(args, order) ? Value::of_bool(order > 0) : no_such_overload();
}
Value is_less(Evaluation&, Args args) {
  int order = 0;
  return compare_both(args, order) ? Value::of_bool(order < 0) : no_such_overload();
}
Value compare_to(Evaluation&, Args args) {
  int order = 0;
  return compare_both(args, order) ? Value::of_int(order) : no_such_overload();
}

bool read_semver(Args args, Result<Semver>& out) {
  if (!args[0].is(ValueKind::String) || (args.size() == 2 && !args[1].is(ValueKind::Bool))) return false;
  const bool lenient = args.size() == 2 && args[1].boolean;
  out = lenient ? formats::parse_semver_leniently(args[0].text()) : formats::parse_semver(args[0].text());
  return true;
}

Value semver(Evaluation& evaluation, Args args) {
  Result<Semver> out;
  if (!read_semver(args, out)) return no_such_overload();
  return out ? SemverValue::make(evaluation, std::move(*out)) : evaluation.error(out.error().text);
}

Value is_semver(Evaluation&, Args args) {
  Result<Semver> out;
  return read_semver(args, out) ? Value::of_bool(out.has_value()) : no_such_overload();
}

template <std::uint64_t Semver::* Part>
Value part(Evaluation&, Args args) {
  const Semver* version = SemverValue::get(args[0]);
  return version != nullptr ? Value::of_int(static_cast<std::int64_t>(version->*Part)) : no_such_overload();
}

}  // namespace

void add_quantities(Declarations& to) {
  to.type_name("kubernetes.Quantity", QuantityTraits::type());
  to.function("quantity", quantity, {{"string_to_quantity", "string->$kubernetes.Quantity"}});
  to.function("isQuantity", is_quantity, {{"is_quantity_string", "string->bool"}});
  to.function("sign", sign, {{"quantity_sign", "$kubernetes.Quantity->int"}});
  to.function("isGreaterThan", is_greater,
              {{"quantity_is_greater_than", ".$kubernetes.Quantity,$kubernetes.Quantity->bool"}});
  to.function("isLessThan", is_less, {{"quantity_is_less_than", ".$kubernetes.Quantity,$kubernetes.Quantity->bool"}});
  to.function("compareTo", compare_to, {{"quantity_compare_to", ".$kubernetes.Quantity,$kubernetes.Quantity->int"}});
  to.function("asApproximateFloat", as_float, {{"quantity_get_float", ".$kubernetes.Quantity->double"}});
  to.function("asInteger", as_integer, {{"quantity_get_int", ".$kubernetes.Quantity->int"}});
  to.function("isInteger", is_integer, {{"quantity_is_integer", ".$kubernetes.Quantity->bool"}});
  to.function("add", combined<&Quantity::plus>,
              {{"quantity_add", ".$kubernetes.Quantity,$kubernetes.Quantity->$kubernetes.Quantity"},
               {"quantity_add_int", ".$kubernetes.Quantity,int->$kubernetes.Quantity"}});
  to.function("sub", combined<&Quantity::minus>,
              {{"quantity_sub", ".$kubernetes.Quantity,$kubernetes.Quantity->$kubernetes.Quantity"},
               {"quantity_sub_int", ".$kubernetes.Quantity,int->$kubernetes.Quantity"}});
}

void add_semver(Declarations& to) {
  to.type_name("kubernetes.Semver", SemverTraits::type());
  to.function("semver", semver,
              {{"string_to_semver", "string->$kubernetes.Semver"},
               {"string_bool_to_semver", "string,bool->$kubernetes.Semver"}});
  to.function("isSemver", is_semver,
              {{"is_semver_string", "string->bool"}, {"is_semver_string_bool", "string,bool->bool"}});
  to.function("isGreaterThan", is_greater,
              {{"semver_is_greater_than", ".$kubernetes.Semver,$kubernetes.Semver->bool"}});
  to.function("isLessThan", is_less, {{"semver_is_less_than", ".$kubernetes.Semver,$kubernetes.Semver->bool"}});
  to.function("compareTo", compare_to, {{"semver_compare_to", ".$kubernetes.Semver,$kubernetes.Semver->int"}});
  to.function("major", part<&Semver::major>, {{"semver_major", ".$kubernetes.Semver->int"}});
  to.function("minor", part<&Semver::minor>, {{"semver_minor", ".$kubernetes.Semver->int"}});
  to.function("patch", part<&Semver::patch>, {{"semver_patch", ".$kubernetes.Semver->int"}});
}

}  // namespace gatepost::cel
