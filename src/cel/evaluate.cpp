#include <algorithm>

#include "cel/cost/actual.h"
#include "cel/cost/factors.h"
#include "cel/evaluation.h"
#include "cel/ext/well_known.h"
#include "cel/go_type_name.h"
#include "cel/plan.h"
#include "cel/time_text.h"

namespace gatepost::cel {

namespace {

constexpr std::size_t kMostInlineArguments = 4;

// A comprehension's variable. An accumulator is computed when it is first looked at.
struct Slot {
  Value value;
  const Node* pending = nullptr;
  bool grows = false;
};

class Evaluator {
 public:
  Evaluator(const Plan& plan, Evaluation& state)
      : plan_(plan),
        state_(state),
        variables_(state.arena.array<Value>(plan.variables.size())),
        locals_(state.arena.array<Slot>(plan.locals)) {
    for (std::size_t i = 0; i < plan.variables.size(); ++i) variables_[i] = find_variable(plan.variables[i]);
    for (std::uint32_t i = 0; i < plan.locals; ++i) locals_[i] = Slot{};
  }

  Value run() {
    Value out = eval(*plan_.root);
    if (state_.cancelled) return Value::error("operation cancelled: actual cost limit exceeded");
    return out;
  }

 private:
  Value find_variable(std::string_view name) {
    for (const Variable& variable : state_.activation.variables)
      if (variable.name == name) return variable.value;
    return Value::error(state_.arena, "no such attribute(s): " + std::string(name));
  }

  Value eval(const Node& node) {
    if (state_.cancelled) return cancelled();
    if (node.attribute) state_.charge(kSelectCost);
    switch (node.op) {
      case Op::Constant:
        return node.constant;
      case Op::Lazy:
      case Op::Variable:
        return variables_[node.slot];
      case Op::Local:
        return local(node.slot);
      case Op::Select:
        return select(node);
      case Op::Has:
        return has(node);
      case Op::Index:
        return index(node);
      case Op::And:
        return logical(node, false);
      case Op::Or:
        return logical(node, true);
      case Op::Conditional:
        return conditional(node);
      case Op::Equal:
        return equality(node, true);
      case Op::NotEqual:
        return equality(node, false);
      case Op::InConstants:
        return in_constants(node);
      case Op::NotStrictlyFalse: {
        const Value value = eval(*node.a);
        state_.charge(1);
        return Value::of_bool(!(value.is(ValueKind::Bool) && !value.boolean));
      }
      case Op::OptionalOr:
        return optional_or(node, false);
      case Op::OptionalOrValue:
        return optional_or(node, true);
      case Op::Call:
        return call(node);
      case Op::List:
        return list(node);
      case Op::Map:
        return map(node);
      case Op::Struct:
        return make_struct(node);
      case Op::Fold:
        return fold(*node.fold);
    }
    return Value::error("unsupported expression");
  }

  static Value cancelled() { return Value::error("operation cancelled: actual cost limit exceeded"); }

  const Value& local(std::uint32_t number) {
    Slot& slot = locals_[number];
    if (slot.pending != nullptr) {
      const Node& initial = *slot.pending;
      slot.pending = nullptr;
      slot.value = eval(initial);
      if (slot.grows) make_growing(slot.value);
    }
    return slot.value;
  }

  // An empty list to be filled is filled in place: appending to it is then linear.
  void make_growing(Value& value) {
    if (!value.is(ValueKind::List) || list_size(value) != 0) return;
    value.form = Form::Builder;
    value.builder = state_.arena.make<ListBuilder>();
  }

  enum class Step { Found, Missing, Wrong };

  // One step down: the value under the key, or the error to give.
  Step qualify(const Value& target, const Value& key, Value& out) {
    switch (target.kind) {
      case ValueKind::Map:
      case ValueKind::Struct:
        if (map_find(target, key, out)) return Step::Found;
        if (is_key(key)) break;
        out = plan_.strict ? Value::error(state_.arena, "unsupported key type: " + type_of(key)->name)
                           : Value::error(state_.arena, "invalid qualifier type: " +
                                                            (key.is(ValueKind::Null) ? "<nil>" : go_type_name(key)));
        return Step::Wrong;
      case ValueKind::List: {
        std::int64_t at = 0;
        if (!list_index(key, at, out)) return Step::Wrong;
        if (at >= 0 && static_cast<std::uint64_t>(at) < list_size(target)) {
          out = list_at(target, static_cast<std::size_t>(at));
          return Step::Found;
        }
        out = Value::error(state_.arena, "index out of bounds: " + std::to_string(at));
        return Step::Missing;
      }
      default:
        break;
    }
    out = no_such_key(state_.arena, key);
    return Step::Missing;
  }

  static bool is_key(const Value& key) {
    return key.is(ValueKind::String) || key.is(ValueKind::Int) || key.is(ValueKind::Uint) || key.is(ValueKind::Bool) ||
           key.is(ValueKind::Double);
  }

  bool list_index(const Value& key, std::int64_t& at, Value& problem) {
    if (key.is(ValueKind::Int)) {
      at = key.integer;
      return true;
    }
    if (key.is(ValueKind::Uint) && key.unsigned_integer <= INT64_MAX) {
      at = static_cast<std::int64_t>(key.unsigned_integer);
      return true;
    }
    if (key.is(ValueKind::Double) && key.real >= -0x1p63 && key.real < 0x1p63 &&
        static_cast<double>(static_cast<std::int64_t>(key.real)) == key.real) {
      at = static_cast<std::int64_t>(key.real);
      return true;
    }
    const bool number = key.is(ValueKind::Uint) || key.is(ValueKind::Double);
    problem = Value::error(state_.arena, number ? "unsupported index value " + number_text(key) + " in list"
                                                : "unsupported index type '" + type_of(key)->name + "' in list");
    return false;
  }

  static std::string number_text(const Value& number) {
    return number.is(ValueKind::Double) ? double_text(number.real) : std::to_string(number.unsigned_integer);
  }

  Value optional(const Value& value) {
    Value* kept = state_.arena.array<Value>(1);
    *kept = value;
    return Value::of_optional(kept);
  }

  // The target's value below one selection; an optional target or an optional selection gives an optional. What is not
  // reached is not charged: nothing below an error, and nothing that an optional selection does not find.
  Value step(const Value& target, const Value& key, bool wanted_optional) {
    if (target.is_error()) return target;
    const bool from_optional = target.is(ValueKind::Optional);
    if (from_optional && target.items == nullptr) return target;
    const Value& inner = from_optional ? *target.items : target;
    Value out;
    const Step step_result = qualify(inner, key, out);
    const bool optional_result = from_optional || wanted_optional;
    if (step_result == Step::Found || !optional_result) state_.charge(kSelectCost);
    if (!optional_result || step_result == Step::Wrong) return out;
    if (step_result == Step::Found) return optional(out);
    const bool has_parts = inner.is(ValueKind::Map) || inner.is(ValueKind::Struct) || inner.is(ValueKind::List);
    return plan_.strict && !has_parts ? out : Value::of_optional(nullptr);
  }

  bool is_lazy(const Node& node) const { return node.op == Op::Lazy && state_.activation.lazy != nullptr; }

  // A field of the variable whose fields are computed at first use.
  Value lazy_field(std::string_view name, bool wanted_optional) {
    Value out;
    const bool found = state_.activation.lazy->find(name, state_, out);
    if (found || !wanted_optional) state_.charge(kSelectCost);
    if (!found)
      return wanted_optional ? Value::of_optional(nullptr) : no_such_key(state_.arena, Value::of_string(name));
    return wanted_optional && !out.is_error() ? optional(out) : out;
  }

  Value select(const Node& node) {
    if (is_lazy(*node.a)) return lazy_field(node.text, node.optional);
    const Value target = eval(*node.a);
    if (target.is(ValueKind::Map) && !node.optional) {
      // The usual case, without a detour.
      state_.charge(kSelectCost);
      Value out;
      if (map_find(target, node.text, out)) return out;
      return no_such_key(state_.arena, Value::of_string(node.text));
    }
    return step(target, Value::of_string(node.text), node.optional);
  }

  Value has(const Node& node) {
    if (is_lazy(*node.a)) {
      state_.charge(kSelectCost);
      Value value;
      const bool there = state_.activation.lazy->find(node.text, state_, value);
      return there && value.is_error() ? value : Value::of_bool(there);
    }
    const Value target = eval(*node.a);
    if (target.is_error()) return target;
    const bool from_optional = target.is(ValueKind::Optional);
    const Value& inner = from_optional && target.items != nullptr ? *target.items : target;
    if (inner.is(ValueKind::List)) {
      state_.charge(kSelectCost);
      return Value::error(state_.arena, "unsupported index type 'string' in list");
    }
    Value unused;
    const bool found = (inner.is(ValueKind::Map) || inner.is(ValueKind::Struct)) && map_find(inner, node.text, unused);
    if (found || !from_optional) state_.charge(kSelectCost);
    return Value::of_bool(found);
  }

  Value index(const Node& node) {
    const bool lazy = is_lazy(*node.a);
    const Value target = lazy ? Value::null() : eval(*node.a);
    if (target.is_error()) return target;
    const Value key = eval(*node.b);
    if (key.is_error()) return key;
    if (lazy && key.is(ValueKind::String)) return lazy_field(key.text(), node.optional);
    return step(target, key, node.optional);
  }

  // && and ||: one operand may decide although the other is an error.
  Value logical(const Node& node, bool deciding) {
    const Value left = eval(*node.a);
    if (left.is(ValueKind::Bool) && left.boolean == deciding) return left;
    const Value right = eval(*node.b);
    if (right.is(ValueKind::Bool) && right.boolean == deciding) return right;
    for (const Value* operand : {&left, &right}) {
      if (operand->is_error()) return *operand;
      if (!operand->is(ValueKind::Bool)) return no_such_overload();
    }
    return Value::of_bool(!deciding);
  }

  Value conditional(const Node& node) {
    const Value condition = eval(*node.a);
    if (condition.is_error()) return condition;
    if (!condition.is(ValueKind::Bool)) return no_such_overload();
    return eval(condition.boolean ? *node.b : *node.c);
  }

  Value equality(const Node& node, bool wanted) {
    const Value args[2] = {eval(*node.a), eval(*node.b)};
    state_.charge(call_cost(CostRule::SmallerSize, args, args[0]));
    if (args[0].is_error()) return args[0];
    if (args[1].is_error()) return args[1];
    return Value::of_bool(equal(args[0], args[1]) == wanted);
  }

  Value in_constants(const Node& node) {
    const Value value = eval(*node.a);
    if (value.is_error()) return value;
    Value unused;
    return Value::of_bool(map_find(node.constant, value, unused));
  }

  Value optional_or(const Node& node, bool unwrap) {
    const Value left = eval(*node.a);
    if (left.is_error()) return left;
    if (!left.is(ValueKind::Optional)) return plan_.strict ? no_such_overload() : left;
    if (left.items != nullptr) return unwrap ? *left.items : left;
    return eval(*node.b);
  }

  // One or two arguments are all evaluated before an error among them counts; of more, none behind the first error. A
  // call is charged when all its arguments were evaluated.
  Value call(const Node& node) {
    Value few[kMostInlineArguments];
    const std::size_t count = node.args.size();
    Value* args = count <= kMostInlineArguments ? few : state_.arena.array<Value>(count);
    const Value* failed = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
      args[i] = eval(*node.args[i]);
      if (!args[i].is_error()) continue;
      if (failed == nullptr) failed = args + i;
      if (count > 2 && i + 1 < count) return args[i];
    }
    if (state_.cancelled) return cancelled();
    if (failed != nullptr) {
      state_.charge(call_cost(node.cost_rule, {args, count}, *failed));
      return *failed;
    }
    state_.prepared = node.regex;
    Value out = no_such_overload();
    for (const Native native : node.natives) {
      out = native(state_, {args, count});
      if (!out.is_error() || out.chars != no_such_overload().chars) break;
    }
    if (out.is_error() && out.chars == no_such_overload().chars) out = no_overload(node, {args, count});
    state_.charge(call_cost(node.cost_rule, {args, count}, out));
    return out;
  }

  // How a function says that no overload takes its arguments depends on how it was declared in the original.
  Value no_overload(const Node& node, std::span<const Value> args) {
    switch (node.refusal) {
      case Refusal::Plain:
        return no_such_overload();
      case Refusal::Operator:
        if (has_operator(node.text, args[0])) return no_such_overload();
        return Value::error(state_.arena, "no such overload: " + std::string(node.text));
      case Refusal::Signature:
        break;
    }
    std::string text = "no such overload: " + std::string(node.text) + "(";
    for (const Value& arg : args) text += (&arg != args.data() ? ", " : "") + type_of(arg)->name;
    return Value::error(state_.arena, text + ")");
  }

  // Whether values of the first operand's type have the operator at all.
  static bool has_operator(std::string_view name, const Value& operand) {
    const auto one_of = [&](std::initializer_list<ValueKind> kinds) {
      return std::find(kinds.begin(), kinds.end(), operand.kind) != kinds.end();
    };
    const bool number = one_of({ValueKind::Int, ValueKind::Uint, ValueKind::Double});
    const bool time = one_of({ValueKind::Timestamp, ValueKind::Duration});
    const bool text = one_of({ValueKind::String, ValueKind::Bytes});
    if (time || operand.is(ValueKind::String)) return true;  // they answer for every name
    if (name == "_+_") return number || text || operand.is(ValueKind::List);
    if (name == "_-_" || name == "_*_" || name == "_/_") return number;
    if (name == "_%_") return one_of({ValueKind::Int, ValueKind::Uint});
    if (name == "-_") return one_of({ValueKind::Bool, ValueKind::Int, ValueKind::Double, ValueKind::Duration});
    if (name == "size") return text || one_of({ValueKind::List, ValueKind::Map});
    return number || text || operand.is(ValueKind::Bool);
  }

  Value list(const Node& node) {
    state_.charge(kListCost);
    Value* items = state_.arena.array<Value>(node.args.size());
    std::size_t size = 0;
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      Value item = eval(*node.args[i]);
      if (item.is_error()) return item;
      if (!node.optionals.empty() && node.optionals[i]) {
        if (!item.is(ValueKind::Optional)) return bad_optional("list", item);
        if (item.items == nullptr) continue;
        item = *item.items;
      }
      items[size++] = item;
    }
    return Value::of_list({items, size});
  }

  Value bad_optional(const char* where, const Value& value) {
    return Value::error(state_.arena, std::string("cannot initialize optional ") + where +
                                          " element from non-optional value " + debug_text(value));
  }

  Value map(const Node& node) {
    state_.charge(kMapCost);
    MapBuilder out(state_.arena, node.args.size());
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      const Value key = eval(*node.args[i]);
      if (key.is_error()) return key;
      Value value = eval(*node.values[i]);
      if (value.is_error()) return value;
      if (!node.optionals.empty() && node.optionals[i]) {
        if (!value.is(ValueKind::Optional)) return bad_optional("entry", value);
        if (value.items == nullptr) continue;
        value = *value.items;
      }
      if (!plan_.strict) {
        out.put(key, value);
        continue;
      }
      if (!is_key(key) || key.is(ValueKind::Double))
        return Value::error(state_.arena, "unsupported key type: " + type_of(key)->name);
      if (!out.add(key, value)) return Value::error(state_.arena, "Failed with repeated key: " + debug_text(key));
    }
    return out.finish();
  }

  Value make_struct(const Node& node) {
    state_.charge(kStructCost);
    MapBuilder out(state_.arena, node.values.size());
    for (std::size_t i = 0; i < node.values.size(); ++i) {
      Value value = eval(*node.values[i]);
      if (value.is_error()) return value;
      if (!node.optionals.empty() && node.optionals[i]) {
        if (!value.is(ValueKind::Optional)) return bad_optional("entry", value);
        if (value.items == nullptr) continue;
        value = *value.items;
      }
      out.add(Value::of_string(node.keys[i]), value);
    }
    if (node.well_known) return well_known_value(state_, node.type->name, out.finish());
    return out.finish(node.type);
  }

  Value fold(const FoldParts& parts) {
    const Value range = eval(*parts.range);
    if (range.is_error()) return range;
    if (!range.is(ValueKind::List) && !range.is(ValueKind::Map) && !range.is(ValueKind::Struct))
      return Value::error(state_.arena, parts.two ? "unsupported comprehension range type: " + go_type_name(range)
                                                  : "got '" + go_type_name(range) + "', expected iterable type");
    // Slots are put back, for a comprehension inside another one is entered many times.
    Slot& accumulator = locals_[parts.accumulator];
    accumulator = Slot{{}, parts.initial, parts.grows};
    const bool over_list = range.is(ValueKind::List);
    const std::size_t size = over_list ? list_size(range) : map_size(range);
    for (std::size_t i = 0; i < size; ++i) {
      if (over_list) {
        locals_[parts.variable].value = parts.two ? Value::of_int(static_cast<std::int64_t>(i)) : list_at(range, i);
        if (parts.two) locals_[parts.second].value = list_at(range, i);
      } else {
        locals_[parts.variable].value = map_key(range, i);
        if (parts.two) locals_[parts.second].value = map_value(range, i);
      }
      const Value condition = eval(*parts.condition);
      if (condition.is(ValueKind::Bool) && !condition.boolean) break;
      Value next = eval(*parts.step);
      if (state_.cancelled) return cancelled();
      accumulator.pending = nullptr;
      accumulator.value = next;
    }
    Value out = eval(*parts.result);
    if (out.is(ValueKind::List) && out.form == Form::Builder)
      out = Value::of_list({out.builder->items, out.builder->size});
    return out;
  }

  const Plan& plan_;
  Evaluation& state_;
  Value* variables_;
  Slot* locals_;
};

}  // namespace

Value evaluate(const Plan& plan, Evaluation& evaluation) {
  return Evaluator(plan, evaluation).run();
}

}  // namespace gatepost::cel
