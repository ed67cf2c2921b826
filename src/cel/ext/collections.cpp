// The extensions about lists, sets and maps: slice, flatten, sort, sets.contains, two-variable comprehensions'
// insertion.
#include <algorithm>
#include <numeric>

#include "cel/evaluation.h"
#include "cel/libraries.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

constexpr std::string_view kSorted = "@__sortBy_input__";

Value make_list(Evaluation& evaluation, const std::vector<Value>& values) {
  Value* items = evaluation.arena.array<Value>(values.size());
  std::copy(values.begin(), values.end(), items);
  return Value::of_list({items, values.size()});
}

Value slice(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::List) || !args[1].is(ValueKind::Int) || !args[2].is(ValueKind::Int))
    return no_such_overload();
  const std::int64_t begin = args[1].integer;
  const std::int64_t end = args[2].integer;
  const auto size = static_cast<std::int64_t>(list_size(args[0]));
  const std::string call = "cannot slice(" + std::to_string(begin) + ", " + std::to_string(end) + "), ";
  if (begin < 0 || end < 0) return evaluation.error(call + "negative indexes not supported");
  if (begin > end) return evaluation.error(call + "start index must be less than or equal to end index");
  if (size < end) return evaluation.error(call + "list is length " + std::to_string(size));
  std::vector<Value> out;
  for (std::int64_t i = begin; i < end; ++i) out.push_back(list_at(args[0], static_cast<std::size_t>(i)));
  return make_list(evaluation, out);
}

void flatten_into(const Value& list, std::int64_t depth, std::vector<Value>& out) {
  for (std::size_t i = 0; i < list_size(list); ++i) {
    const Value item = list_at(list, i);
    if (item.is(ValueKind::List) && depth > 0)
      flatten_into(item, depth - 1, out);
    else
      out.push_back(item);
  }
}

Value flatten(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::List) || (args.size() == 2 && !args[1].is(ValueKind::Int))) return no_such_overload();
  const std::int64_t depth = args.size() == 2 ? args[1].integer : 1;
  if (depth < 0) return Value::error("level must be non-negative");
  std::vector<Value> out;
  flatten_into(args[0], depth, out);
  return make_list(evaluation, out);
}

bool is_comparable(const Value& v) {
  return compare(v, v) != Order::Incomparable;
}

Value sort_by_keys(Evaluation& evaluation, const Value& list, const Value& keys) {
  const std::size_t size = list_size(list);
  if (size != list_size(keys))
    return evaluation.error(
        "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got " +
        std::to_string(size) + " and " + std::to_string(list_size(keys)) + " elements respectively");
  if (size == 0) return list;
  std::vector<Value> sorted_by;
  for (std::size_t i = 0; i < size; ++i) sorted_by.push_back(list_at(keys, i));
  if (!is_comparable(sorted_by[0])) return Value::error("list elements must be comparable");
  for (const Value& key : sorted_by)
    if (key.kind != sorted_by[0].kind) return Value::error("list elements must have the same type");
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Order ordered = compare(sorted_by[a], sorted_by[b]);
    return ordered == Order::Equal ? a < b : ordered == Order::Less;
  });
  std::vector<Value> out;
  for (const std::size_t i : order) out.push_back(list_at(list, i));
  return make_list(evaluation, out);
}

Value sort(Evaluation& evaluation, Args args) {
  return args[0].is(ValueKind::List) ? sort_by_keys(evaluation, args[0], args[0]) : no_such_overload();
}

Value sort_by_associated_keys(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::List) || !args[1].is(ValueKind::List)) return no_such_overload();
  return sort_by_keys(evaluation, args[0], args[1]);
}

// list.sortBy(x, key): the list is bound to a name, its keys computed, and both sorted.
Expr* expand_sort_by(MacroCall& call) {
  const ExprKind kind = call.target->kind;
  if (kind == ExprKind::Literal || kind == ExprKind::Map || kind == ExprKind::Struct || kind == ExprKind::Unspecified)
    return call.fail_at(call.target,
                        "sortBy can only be applied to a list, identifier, comprehension, call or select expression");
  const std::string name(kSorted);
  MacroCall mapping{call.ast, call.offset, call.ast.ident(name, call.offset), call.args};
  const Macros& macros = standard_macros();
  const auto map = std::find_if(macros.begin(), macros.end(),
                                [](const Macro& macro) { return macro.name == "map" && macro.arguments == 2; });
  Expr* keys = map->expand(mapping);
  if (keys == nullptr) {
    call.error = mapping.error;
    call.error_offset = mapping.error_offset;
    return nullptr;
  }
  ComprehensionExpr parts;
  parts.range = call.ast.list({}, call.offset);
  parts.variable = "#unused";
  parts.accumulator = name;
  parts.initial = call.target;
  parts.condition = call.ast.literal(Value::of_bool(false), call.offset);
  parts.step = call.ast.ident(name, call.offset);
  parts.result = call.ast.call("@sortByAssociatedKeys", {keys}, call.offset, call.ast.ident(name, call.offset));
  return call.ast.comprehension(std::move(parts), call.offset);
}

Value range(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::Int)) return no_such_overload();
  // Its cost is only known afterwards, so the limit bounds it beforehand.
  if (args[0].integer > 0 && static_cast<std::uint64_t>(args[0].integer) >
                                 evaluation.cost_limit - std::min(evaluation.spent, evaluation.cost_limit)) {
    evaluation.charge(static_cast<std::uint64_t>(args[0].integer));
    return Value::of_list({});
  }
  std::vector<Value> out;
  for (std::int64_t i = 0; i < args[0].integer; ++i) out.push_back(Value::of_int(i));
  return make_list(evaluation, out);
}

Value reverse(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::List)) return no_such_overload();
  std::vector<Value> out;
  for (std::size_t i = list_size(args[0]); i > 0; --i) out.push_back(list_at(args[0], i - 1));
  return make_list(evaluation, out);
}

bool contains(const std::vector<Value>& values, const Value& wanted) {
  return std::any_of(values.begin(), values.end(), [&](const Value& v) { return equal(v, wanted); });
}

Value distinct(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::List)) return no_such_overload();
  std::vector<Value> out;
  for (std::size_t i = 0; i < list_size(args[0]); ++i)
    if (!contains(out, list_at(args[0], i))) out.push_back(list_at(args[0], i));
  return make_list(evaluation, out);
}

bool list_contains(const Value& list, const Value& wanted) {
  for (std::size_t i = 0; i < list_size(list); ++i)
    if (equal(list_at(list, i), wanted)) return true;
  return false;
}

bool contains_all(const Value& list, const Value& wanted) {
  for (std::size_t i = 0; i < list_size(wanted); ++i)
    if (!list_contains(list, list_at(wanted, i))) return false;
  return true;
}

bool lists(Args args) {
  return args[0].is(ValueKind::List) && args[1].is(ValueKind::List);
}

Value set_contains(Evaluation&, Args args) {
  return lists(args) ? Value::of_bool(contains_all(args[0], args[1])) : no_such_overload();
}

Value set_equivalent(Evaluation&, Args args) {
  return lists(args) ? Value::of_bool(contains_all(args[0], args[1]) && contains_all(args[1], args[0]))
                     : no_such_overload();
}

Value set_intersects(Evaluation&, Args args) {
  if (!lists(args)) return no_such_overload();
  for (std::size_t i = 0; i < list_size(args[1]); ++i)
    if (list_contains(args[0], list_at(args[1], i))) return Value::of_bool(true);
  return Value::of_bool(false);
}

// One more entry, or all entries of another map.
Value map_insert(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::Map) || (args.size() == 2 && !args[1].is(ValueKind::Map))) return no_such_overload();
  const std::size_t more = args.size() == 2 ? map_size(args[1]) : 1;
  MapBuilder out(evaluation.arena, map_size(args[0]) + more);
  for (std::size_t i = 0; i < map_size(args[0]); ++i) out.add(map_key(args[0], i), map_value(args[0], i));
  for (std::size_t i = 0; i < more; ++i) {
    const Value key = args.size() == 2 ? map_key(args[1], i) : args[1];
    const Value value = args.size() == 2 ? map_value(args[1], i) : args[2];
    if (!out.add(key, value))
      return evaluation.error("insert failed: key " +
                              (key.is(ValueKind::String) ? std::string(key.text()) : debug_text(key)) +
                              " already exists");
  }
  return out.finish();
}

}  // namespace

#define GATEPOST_COMPARABLE(before, after, result)                                                                 \
  {                                                                                                                \
    {"list_int" after, before "list(int)" result("int")}, {"list_uint" after, before "list(uint)" result("uint")}, \
        {"list_double" after, before "list(double)" result("double")},                                             \
        {"list_bool" after, before "list(bool)" result("bool")},                                                   \
        {"list_google.protobuf.Duration" after, before "list(duration)" result("duration")},                       \
        {"list_google.protobuf.Timestamp" after, before "list(timestamp)" result("timestamp")},                    \
        {"list_string" after, before "list(string)" result("string")}, {                                           \
      "list_bytes" after, before "list(bytes)" result("bytes")                                                     \
    }                                                                                                              \
  }
#define GATEPOST_SAME(type) "->list(" type ")"
#define GATEPOST_LISTED(type) "->list(T)"

void add_lists(Declarations& to) {
  to.macros({{"sortBy", 2, true, expand_sort_by}});
  to.function("slice", slice, {{"list_slice", ".list(T),int,int->list(T)"}});
  to.function("flatten", flatten,
              {{"list_flatten", ".list(list(T))->list(T)"}, {"list_flatten_int", ".list(dyn),int->list(dyn)"}});
  to.function("sort", sort, GATEPOST_COMPARABLE(".", "_sort", GATEPOST_SAME));
  to.function("@sortByAssociatedKeys", sort_by_associated_keys,
              GATEPOST_COMPARABLE(".list(T),", "_sortByAssociatedKeys", GATEPOST_LISTED));
  to.function("lists.range", range, {{"lists_range", "int->list(int)"}});
  to.function("reverse", reverse, {{"list_reverse", ".list(T)->list(T)"}});
  to.function("distinct", distinct, {{"list_distinct", ".list(T)->list(T)"}});
}

void add_sets(Declarations& to) {
  to.function("sets.contains", set_contains, {{"list_sets_contains_list", "list(T),list(T)->bool"}});
  to.function("sets.equivalent", set_equivalent, {{"list_sets_equivalent_list", "list(T),list(T)->bool"}});
  to.function("sets.intersects", set_intersects, {{"list_sets_intersects_list", "list(T),list(T)->bool"}});
}

void add_two_variable_comprehensions(Declarations& to) {
  to.macros(two_variable_macros());
  to.function(
      "cel.@mapInsert", map_insert,
      {{"@mapInsert_map_key_value", "map(K,V),K,V->map(K,V)"}, {"@mapInsert_map_map", "map(K,V),map(K,V)->map(K,V)"}});
}

void add_bindings(Declarations& to) {
  to.macros(bindings_macros());
}

}  // namespace gatepost::cel
