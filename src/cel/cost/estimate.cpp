#include "cel/cost/estimate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "cel/cost/actual.h"
#include "cel/cost/call_estimate.h"
#include "cel/cost/factors.h"
#include "cel/declarations.h"
#include "cel/macros.h"

namespace gatepost::cel {

namespace {

using Path = std::vector<std::string>;

// Sizes of what a container holds.
struct EntrySize {
  TypeKind container = TypeKind::List;
  SizeEstimate key;
  SizeEstimate value;
};

std::optional<EntrySize> join(const std::optional<EntrySize>& a, const std::optional<EntrySize>& b) {
  if (!a || !b) return std::nullopt;
  return EntrySize{a->container, either(a->key, b->key), either(a->value, b->value)};
}

struct Local {
  Path path;
  std::optional<SizeEstimate> size;
  std::optional<EntrySize> entries;
};

class Estimator {
 public:
  Estimator(const Ast& ast, const SizeHints* sizes) : hints_(sizes) { static_cast<void>(ast); }

  CostEstimate cost(const Expr* expr) {
    if (expr == nullptr) return {};
    switch (expr->kind) {
      case ExprKind::Ident: {
        const Local* local = find_local(expr->name);
        paths_[expr] = local != nullptr ? local->path : Path{expr->name};
        return fixed_cost(kSelectCost);
      }
      case ExprKind::Select:
        return select(expr);
      case ExprKind::Call:
        return call(expr);
      case ExprKind::List:
        return list(expr);
      case ExprKind::Map:
        return map(expr);
      case ExprKind::Struct: {
        CostEstimate sum;
        for (const EntryExpr& entry : expr->entries) sum = sum + cost(entry.value);
        return sum + fixed_cost(kStructCost);
      }
      case ExprKind::Comprehension:
        return is_bind(expr) ? bind(expr) : comprehension(expr);
      default:
        return {};
    }
  }

 private:
  const Local* find_local(const std::string& name) const {
    const auto found = locals_.find(name);
    return found == locals_.end() || found->second.empty() ? nullptr : &found->second.back();
  }

  Path path(const Expr* expr) const {
    if (expr->kind == ExprKind::Ident)
      if (const Local* local = find_local(expr->name)) return local->path;
    const auto found = paths_.find(expr);
    return found == paths_.end() ? Path{} : found->second;
  }

  static Path extended(Path path, std::string step) {
    path.push_back(std::move(step));
    return path;
  }

  std::optional<SizeEstimate> size(const Expr* expr) {
    if (const auto found = sizes_.find(expr); found != sizes_.end()) return found->second;
    switch (expr->kind) {
      case ExprKind::Literal:
        return fixed_size(actual_size(expr->literal));
      case ExprKind::List:
      case ExprKind::Map:
        return fixed_size(expr->entries.size());
      default:
        break;
    }
    if (hints_ != nullptr) {
      if (const auto hinted = hints_->size(path(expr), *expr->type)) {
        sizes_[expr] = *hinted;
        return hinted;
      }
    }
    if (is_scalar(*expr->type)) return fixed_size(1);
    if (expr->kind == ExprKind::Ident)
      if (const Local* local = find_local(expr->name)) return local->size;
    return std::nullopt;
  }

  SizeEstimate size_or_unknown(const Expr* expr) { return size(expr).value_or(SizeEstimate{}); }

  std::optional<EntrySize> entries(const Expr* expr) const {
    if (const auto found = entries_.find(expr); found != entries_.end()) return found->second;
    if (expr->kind == ExprKind::Ident)
      if (const Local* local = find_local(expr->name)) return local->entries;
    return std::nullopt;
  }

  void set_size(const Expr* expr, const std::optional<SizeEstimate>& size) {
    if (size) sizes_[expr] = *size;
  }
  void set_entries(const Expr* expr, const std::optional<EntrySize>& size) {
    if (size) entries_[expr] = *size;
  }

  static bool is_scalar(const Type& type) {
    switch (type.kind) {
      case TypeKind::Bool:
      case TypeKind::Double:
      case TypeKind::Duration:
      case TypeKind::Int:
      case TypeKind::Timestamp:
      case TypeKind::Uint:
        return !type.nullable;
      default:
        return type.is_optional() && is_scalar(*type.params[0]);
    }
  }

  CostEstimate select(const Expr* expr) {
    if (expr->test_only) return cost(expr->target);
    CostEstimate sum = cost(expr->target);
    const TypeKind kind = expr->target->type->kind;
    if (kind == TypeKind::Map || kind == TypeKind::Struct || kind == TypeKind::Param)
      sum = sum + fixed_cost(kSelectCost);
    paths_[expr] = extended(path(expr->target), expr->name);
    return sum;
  }

  CallArgument argument(const Expr* expr) {
    CallArgument out{expr, expr->type, size(expr), path(expr)};
    if (!out.path.empty() && out.path[0] == kAccumulator) out.path.clear();
    if (expr->type->kind == TypeKind::List && hints_ != nullptr) {
      if (const auto hinted = hints_->size(extended(out.path, "@items"), *expr->type->params[0]))
        out.element_size = *hinted;
    }
    return out;
  }

  CostEstimate call(const Expr* expr) {
    if (expr->name == "dyn" && expr->args.size() == 1) {
      const CostEstimate inner = cost(expr->args[0]);
      copy_sizes(expr, expr->args[0]);
      return fixed_cost(1) + inner;
    }
    std::vector<CallArgument> args;
    std::vector<CostEstimate> costs;
    CostEstimate sum;
    for (const Expr* arg : expr->args) {
      costs.push_back(cost(arg));
      args.push_back(argument(arg));
      sum = sum + costs.back();
    }
    if (expr->name == "_?._" && expr->overloads.empty()) return sum + fixed_cost(1);
    if (expr->overloads.empty()) return {};
    CostEstimate target_cost;
    std::optional<CallArgument> target;
    if (expr->target != nullptr) {
      target_cost = cost(expr->target);
      target = argument(expr->target);
    }
    CostEstimate total{UINT64_MAX, 0};
    std::optional<SizeEstimate> result;
    for (const Overload* overload : expr->overloads) {
      const CallEstimate estimate = overload_cost(expr, *overload, target, args, costs, sum);
      total = either(total, estimate.cost);
      if (estimate.result) result = result ? either(*result, *estimate.result) : *estimate.result;
      index_path(expr, *overload, result);
      if (!result) result = size(expr);
    }
    set_size(expr, result);
    return target_cost + total;
  }

  void index_path(const Expr* expr, const Overload& overload, std::optional<SizeEstimate>& result) {
    const bool of_list = overload.id == "index_list";
    if ((!of_list && overload.id != "index_map") || expr->args.empty()) return;
    const auto held = entries(expr->args[0]);
    result = held ? std::optional(held->value) : std::nullopt;
    paths_[expr] = extended(path(expr->args[0]), of_list ? "@items" : "@values");
  }

  CallEstimate overload_cost(const Expr* expr, const Overload& overload, const std::optional<CallArgument>& target,
                             const std::vector<CallArgument>& args, const std::vector<CostEstimate>& costs,
                             const CostEstimate& sum) {
    if (overload.id == "logical_or" || overload.id == "logical_and")
      return {CostEstimate{costs[0].min, (costs[0] + costs[1]).max}, std::nullopt};
    if (overload.id == "conditional") {
      set_entries(expr, join(entries(expr->args[1]), entries(expr->args[2])));
      return {costs[0] + either(costs[1], costs[2]),
              either(size_or_unknown(expr->args[1]), size_or_unknown(expr->args[2]))};
    }
    if (overload.id == "add_list" || overload.id == "add_string" || overload.id == "add_bytes")
      set_entries(expr, join(entries(expr->args[0]), entries(expr->args[1])));
    CallEstimate out = estimate_call(expr->name, overload.id, target ? &*target : nullptr, args);
    out.cost = out.cost + sum;
    return out;
  }

  void copy_sizes(const Expr* to, const Expr* from) {
    set_size(to, size(from));
    set_entries(to, entries(from));
  }

  CostEstimate list(const Expr* expr) {
    CostEstimate sum;
    SizeEstimate item{expr->entries.empty() ? 0 : UINT64_MAX, 0};
    for (const EntryExpr& entry : expr->entries) {
      sum = sum + cost(entry.value);
      item = either(item, size_or_unknown(entry.value));
    }
    entries_[expr] = EntrySize{TypeKind::List, fixed_size(1), item};
    return sum + fixed_cost(kListCost);
  }

  CostEstimate map(const Expr* expr) {
    CostEstimate sum;
    SizeEstimate key{expr->entries.empty() ? 0 : UINT64_MAX, 0};
    SizeEstimate value = key;
    for (const EntryExpr& entry : expr->entries) {
      sum = sum + cost(entry.key) + cost(entry.value);
      key = either(key, size_or_unknown(entry.key));
      value = either(value, size_or_unknown(entry.value));
    }
    entries_[expr] = EntrySize{TypeKind::Map, key, value};
    return sum + fixed_cost(kMapCost);
  }

  void push(const std::string& name, Local local) { locals_[name].push_back(std::move(local)); }
  void pop(const std::string& name) { locals_[name].pop_back(); }

  enum class Part { Keys, Values, Single };
  void push_variable(const std::string& name, const Expr* range, Part part) {
    const auto held = entries(range);
    const bool over_list = (held ? held->container : range->type->kind) == TypeKind::List;
    if (part == Part::Single) part = over_list ? Part::Values : Part::Keys;
    Local local;
    if (held) local.size = part == Part::Keys ? held->key : held->value;
    local.path = extended(path(range),
                          part == Part::Keys ? (over_list ? "@indices" : "@keys") : (over_list ? "@items" : "@values"));
    push(name, std::move(local));
  }

  CostEstimate comprehension(const Expr* expr) {
    const ComprehensionExpr& parts = *expr->comprehension;
    CostEstimate sum = cost(parts.range) + cost(parts.initial);
    push(parts.accumulator, {path(parts.initial), size(parts.initial), entries(parts.initial)});
    const bool two = !parts.second_variable.empty();
    push_variable(parts.variable, parts.range, two ? Part::Keys : Part::Single);
    if (two) push_variable(parts.second_variable, parts.range, Part::Values);
    const CostEstimate turn = cost(parts.condition);
    const CostEstimate step = cost(parts.step);
    pop(parts.variable);
    if (two) pop(parts.second_variable);
    sum = sum + cost(parts.result);
    pop(parts.accumulator);
    const SizeEstimate count = size_or_unknown(parts.range);
    sum = sum + times(count, step + turn);
    switch (parts.initial->kind) {
      case ExprKind::Literal:
        set_size(expr, size(parts.initial));
        break;
      case ExprKind::List:
      case ExprKind::Map:
        set_size(expr, count);
        set_entries(expr, entries(parts.step));
        break;
      default:
        break;
    }
    return sum;
  }

  static bool is_bind(const Expr* expr) {
    const ComprehensionExpr& parts = *expr->comprehension;
    return parts.range->kind == ExprKind::List && parts.range->entries.empty() &&
           parts.condition->kind == ExprKind::Literal && parts.condition->literal.is(ValueKind::Bool) &&
           !parts.condition->literal.boolean;
  }

  CostEstimate bind(const Expr* expr) {
    const ComprehensionExpr& parts = *expr->comprehension;
    CostEstimate sum = cost(parts.range) + cost(parts.initial);
    push(parts.accumulator, {path(parts.initial), size(parts.initial), entries(parts.initial)});
    sum = sum + cost(parts.result);
    pop(parts.accumulator);
    copy_sizes(expr, parts.result);
    return sum;
  }

  const SizeHints* hints_;
  std::unordered_map<const Expr*, Path> paths_;
  std::unordered_map<const Expr*, SizeEstimate> sizes_;
  std::unordered_map<const Expr*, EntrySize> entries_;
  std::map<std::string, std::vector<Local>> locals_;
};

}  // namespace

CostEstimate estimate_cost(const Ast& checked, const SizeHints* sizes) {
  return Estimator(checked, sizes).cost(checked.root);
}

}  // namespace gatepost::cel
