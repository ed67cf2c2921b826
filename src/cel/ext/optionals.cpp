// Optional values: optional.of, value, or ... The operators `?.` and `[?]` are the evaluator's.
#include "cel/evaluation.h"
#include "cel/libraries.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

Value wrap(Evaluation& evaluation, const Value& value) {
  Value* kept = evaluation.arena.array<Value>(1);
  *kept = value;
  return Value::of_optional(kept);
}

const Value kNone = Value::of_optional(nullptr);

bool is_zero(const Value& v) {
  switch (v.kind) {
    case ValueKind::Null:
      return true;
    case ValueKind::Bool:
      return !v.boolean;
    case ValueKind::Int:
    case ValueKind::Uint:
    case ValueKind::Duration:
      return v.integer == 0;
    case ValueKind::Double:
      return v.real == 0;
    case ValueKind::String:
    case ValueKind::Bytes:
      return v.size == 0;
    case ValueKind::Timestamp:
      return v.integer == -62135596800 && v.nanos == 0;
    case ValueKind::List:
      return list_size(v) == 0;
    case ValueKind::Map:
    case ValueKind::Struct:
      return map_size(v) == 0;
    case ValueKind::Optional:
      return v.items == nullptr || is_zero(*v.items);
    default:
      return false;
  }
}

Value of(Evaluation& evaluation, Args args) {
  return wrap(evaluation, args[0]);
}
Value of_non_zero(Evaluation& evaluation, Args args) {
  return is_zero(args[0]) ? kNone : wrap(evaluation, args[0]);
}
Value none(Evaluation&, Args) {
  return kNone;
}

Value value(Evaluation&, Args args) {
  if (!args[0].is(ValueKind::Optional)) return no_such_overload();
  return args[0].items != nullptr ? *args[0].items : Value::error("optional.none() dereference");
}

Value has_value(Evaluation&, Args args) {
  return args[0].is(ValueKind::Optional) ? Value::of_bool(args[0].items != nullptr) : no_such_overload();
}

Value first(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::List)) return no_such_overload();
  return list_size(args[0]) == 0 ? kNone : wrap(evaluation, list_at(args[0], 0));
}

Value last(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::List)) return no_such_overload();
  const std::size_t size = list_size(args[0]);
  return size == 0 ? kNone : wrap(evaluation, list_at(args[0], size - 1));
}

Value unwrap(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::List)) return no_such_overload();
  Value* items = evaluation.arena.array<Value>(list_size(args[0]));
  std::size_t size = 0;
  for (std::size_t i = 0; i < list_size(args[0]); ++i) {
    const Value item = list_at(args[0], i);
    if (!item.is(ValueKind::Optional))
      return evaluation.error("value at index " + std::to_string(i) + " is not of type optional");
    if (item.items != nullptr) items[size++] = *item.items;
  }
  return Value::of_list({items, size});
}

}  // namespace

void add_optionals(Declarations& to) {
  to.type_name("optional_type", any_optional_type());
  to.macros(optional_macros());
  to.function("optional.of", of, {{"optional_of", "V->optional(V)"}});
  to.function("optional.ofNonZeroValue", of_non_zero, {{"optional_ofNonZeroValue", "V->optional(V)"}});
  to.function("optional.none", none, {{"optional_none", "->optional(V)"}});
  to.function("value", value, {{"optional_value", ".optional(V)->V"}});
  to.function("hasValue", has_value, {{"optional_hasValue", ".optional(V)->bool"}});
  to.function("or", nullptr, {{"optional_or_optional", ".optional(V),optional(V)->optional(V)"}});
  to.function("orValue", nullptr, {{"optional_orValue_value", ".optional(V),V->V"}});
  to.function("_?._", nullptr, {{"select_optional_field", "dyn,string->optional(V)"}});
  to.function("_[?_]", nullptr,
              {{"list_optindex_optional_int", "list(V),int->optional(V)"},
               {"optional_list_optindex_optional_int", "optional(list(V)),int->optional(V)"},
               {"map_optindex_optional_value", "map(K,V),K->optional(V)"},
               {"optional_map_optindex_optional_value", "optional(map(K,V)),K->optional(V)"}});
  to.function("_[_]", nullptr,
              {{"optional_list_index_int", "optional(list(V)),int->optional(V)"},
               {"optional_map_index_value", "optional(map(K,V)),K->optional(V)"}});
  to.function("first", first, {{"list_first", ".list(V)->optional(V)"}});
  to.function("last", last, {{"list_last", ".list(V)->optional(V)"}});
  to.function("optional.unwrap", unwrap, {{"optional_unwrap", "list(optional(V))->list(V)"}});
  to.function("unwrapOpt", unwrap, {{"optional_unwrapOpt", ".list(optional(V))->list(V)"}});
}

}  // namespace gatepost::cel
