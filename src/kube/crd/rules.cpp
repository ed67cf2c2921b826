#include "kube/crd/rules.h"

#include <algorithm>
#include <atomic>

#include "cel/arena.h"
#include "cel/cost/factors.h"
#include "kube/crd/validate_value.h"
#include "kube/crd/value_error.h"
#include "net/go_text.h"

namespace gatepost::kube::crd {
namespace {

constexpr std::int64_t max_request_size = 3 * 1024 * 1024;
constexpr std::size_t most_message_bytes = 5 * 1024;
constexpr std::string_view cost_exceeded = "operation cancelled: actual cost limit exceeded";

std::string trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\n\v\f\r";
  std::size_t from = text.find_first_not_of(space);
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(space) - from + 1));
}

// What a complaint calls the rule.
std::string name_of(const Rule& rule) {
  return trimmed(rule.message.empty() ? rule.rule : rule.message);
}

// A name that no rule can guess, as the original takes the time.
std::string self_type_name() {
  static std::atomic<unsigned> count{0};
  return "selfType" + std::to_string(100000000 + ++count % 800000000);
}

bool has_rules(const Schema& schema) {
  if (!schema.rules.empty()) return true;
  if (schema.items && has_rules(*schema.items)) return true;
  if (schema.additional && has_rules(*schema.additional)) return true;
  return std::any_of(schema.properties.begin(), schema.properties.end(),
                     [](const auto& property) { return has_rules(property.second); });
}

void compile_message(const Rule& rule, const cel::Environment& environment, const SchemaSizes& sizes,
                     CompiledRule& out) {
  auto message = environment.compile(rule.message_expression);
  if (!message) {
    out.message_error =
        (message.error().stage == cel::CompileError::Stage::Check ? "messageExpression compilation failed: "
                                                                  : "messageExpression instantiation failed: ") +
        message.error().text;
  } else if (message->result_type().kind != cel::TypeKind::String) {
    out.message_error = "messageExpression must evaluate to a string";
  } else {
    out.message_cost = message->estimate_cost(&sizes).max;
    out.message = std::move(*message);
  }
}

CompiledRule compile_rule(const Rule& rule, const Schema& node, const cel::Environment& environment,
                          const cel::SchemaType& self, std::int64_t min_size) {
  CompiledRule out;
  if (trimmed(rule.rule).empty()) return out;
  auto program = environment.compile(rule.rule);
  if (!program) {
    out.error = (program.error().stage == cel::CompileError::Stage::Check ? "compilation failed: "
                                                                          : "program instantiation failed: ") +
                program.error().text;
    return out;
  }
  if (program->result_type().kind != cel::TypeKind::Bool) {
    out.error = "cel expression must evaluate to a bool";
    return out;
  }
  const SchemaSizes sizes(self);
  out.uses_old_self = program->uses("oldSelf");
  out.max_cost = program->estimate_cost(&sizes).max;
  out.max_cardinality = static_cast<std::uint64_t>(max_request_size / (min_size + 1));
  out.program = std::move(*program);
  if (!rule.message_expression.empty()) compile_message(rule, environment, sizes, out);
  if (!rule.field_path.empty())
    if (auto path = find_field_path(rule.field_path, node, Brackets::allowed)) out.field_path = path->text;
  return out;
}

// What a value was before the change, for the whole way down to it.
struct Before {
  const json::Value* old = nullptr;  // of the value itself; null: nothing to compare with
  const json::Value* parent = nullptr;
  const json::Value* old_parent = nullptr;  // of the nearest place above that has one

  Before below(const json::Value& value, const json::Value* old_child) const {
    if (!old) return {nullptr, parent, old_parent};
    return {old_child, &value, old};
  }
  bool unchanged(const json::Value& value) const {
    if (old) return *old == value;
    return old_parent && *old_parent == *parent;
  }
};

}  // namespace

std::vector<CompiledRule> compile_rules(const Schema& node, bool root, const std::shared_ptr<CelTypes>& types,
                                        const cel::SchemaType** self) {
  std::vector<CompiledRule> out;
  CelTypes::Made made = types->make(node, root, self_type_name());
  if (self) *self = made.type;
  if (!made.type) {
    for (std::size_t i = 0; i < node.rules.size(); ++i)
      out.emplace_back().error = "failed to convert to declType for CEL validation rules";
    return out;
  }
  std::shared_ptr<const cel::Environment> environments[2];
  for (const Rule& rule : node.rules) {
    bool optional = rule.optional_old_self.value_or(false);
    auto& environment = environments[optional];
    if (!environment) environment = cel::Environment::schema_rule(*made.type, true, optional);
    out.push_back(compile_rule(rule, node, *environment, *made.type, made.min_size));
  }
  return out;
}

struct Rules::Node {
  const Schema* schema = nullptr;
  std::shared_ptr<CelTypes> types;
  const cel::SchemaType* self = nullptr;
  std::vector<CompiledRule> rules;
  bool uses_old_self = false;
  std::map<std::string, std::unique_ptr<Node>, std::less<>> properties;
  std::unique_ptr<Node> items, additional;
};

// One evaluation of all rules over one object.
class Rules::Run {
 public:
  explicit Run(std::vector<std::string>* warnings) : warnings_(warnings) {}

  void node(const Node& node, const json::Value& value, const json::Value* old, const Before& before,
            const std::string& path) {
    if (spent_ || value.is_null()) return;
    const json::Value* comparable = old && !old->is_null() ? old : nullptr;
    if (!node.rules.empty()) rules(node, value, comparable, before, path);
    if (spent_) return;
    if (value.is_array() && node.items) return items(node, value, comparable, before, path);
    if (value.is_object()) fields(node, value, comparable, before, path);
  }

  std::vector<FieldError> errors;

 private:
  void items(const Node& node, const json::Value& value, const json::Value* old, const Before& before,
             const std::string& path) {
    const OldItems old_items(*node.schema, old);
    const OldItems compared(*node.schema, before.old);
    const json::Array& list = value.get_array();
    for (std::size_t i = 0; i < list.size() && !spent_; ++i)
      this->node(*node.items, list[i], old_items.matching(list[i]), before.below(value, compared.matching(list[i])),
                 path + "[" + std::to_string(i) + "]");
  }

  void fields(const Node& node, const json::Value& value, const json::Value* old, const Before& before,
              const std::string& path) {
    const json::Object& object = value.get_object();
    auto in = [](const json::Value* parent, std::string_view key) -> const json::Value* {
      return parent && parent->is_object() ? parent->get_object().if_contains(key) : nullptr;
    };
    if (node.additional)
      for (const auto& member : object) {
        std::string_view key = member.key();
        if (spent_) return;
        this->node(*node.additional, member.value(), in(old, key), before.below(value, in(before.old, key)),
                   path + "[" + std::string(key) + "]");
      }
    for (const auto& [name, property] : node.properties) {
      const json::Value* child = object.if_contains(name);
      if (!child || spent_) continue;
      bool hidden = path.empty() && !before.parent && (name == "apiVersion" || name == "kind");
      this->node(*property, *child, in(old, name), hidden ? Before{} : before.below(value, in(before.old, name)),
                 path.empty() ? name : path + "." + name);
    }
  }

  void rules(const Node& node, const json::Value& value, const json::Value* old, const Before& before,
             const std::string& path) {
    if (budget_ <= 0) return out_of_budget(node, path);
    const cel::Value self = cel::Value::of_json(value, node.self);
    cel::Value old_self;
    if (old && node.uses_old_self) old_self = cel::Value::of_json(*old, node.self);
    for (std::size_t i = 0; i < node.rules.size() && !spent_; ++i) {
      const CompiledRule& compiled = node.rules[i];
      const Rule& rule = node.schema->rules[i];
      if (!compiled.error.empty()) {
        invalid(path, node, "rule compile error: " + compiled.error);
        continue;
      }
      bool optional = rule.optional_old_self.value_or(false);
      if (!compiled.program || (compiled.uses_old_self && !old && !optional)) continue;
      const cel::Value maybe_old = cel::Value::of_optional(old ? &old_self : nullptr);
      const cel::Variable variables[] = {{"self", self}, {"oldSelf", optional ? maybe_old : old_self}};
      evaluate(node, rule, compiled, {.variables = variables}, value, before, path);
    }
  }

  void evaluate(const Node& node, const Rule& rule, const CompiledRule& compiled, const cel::Activation& activation,
                const json::Value& value, const Before& before, const std::string& path) {
    cel::Arena arena;
    cel::CostBudget cost{.limit = cel::kCostOfOneExpression};
    auto result = compiled.program->evaluate(activation, arena, cost);
    if (!charge(cost.spent)) return out_of_budget(node, path);
    if (!result) {
      const std::string& why = result.error().text;
      if (why.starts_with("no such overload")) {
        invalid(path, node,
                "'" + why + "': call arguments did not match a supported operator, function or macro " +
                    "signature for rule: " + name_of(rule));
      } else if (why.starts_with(cost_exceeded)) {
        invalid(path, node,
                "'" + why + "': no further validation rules will be run due to call cost exceeds limit for rule: " +
                    name_of(rule));
        spent_ = true;
      } else {
        invalid(path, node, why + " evaluating rule: " + name_of(rule));
      }
      return;
    }
    if (result->is_true()) return;
    std::string where = path;
    if (!compiled.field_path.empty()) where += (where.empty() ? "" : ".") + compiled.field_path;
    std::string detail;
    if (compiled.message) {
      auto message = message_of(rule, compiled, activation, arena);
      if (!message) return add(refused(where, node, message.error().text), compiled, value, before);
      detail = std::move(*message);
    }
    if (detail.empty()) detail = rule.message.empty() ? "failed rule: " + name_of(rule) : trimmed(rule.message);
    add(complaint(where, node, value, detail, rule), compiled, value, before);
  }

  // Empty: the expression gave no usable text. Fails when the budget is spent by it.
  Result<std::string> message_of(const Rule& rule, const CompiledRule& compiled, const cel::Activation& activation,
                                 cel::Arena& arena) {
    cel::CostBudget cost{.limit = cel::kCostOfOneExpression};
    auto result = compiled.message->evaluate(activation, arena, cost);
    if (!charge(cost.spent)) {
      spent_ = true;
      return fail(
          "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be "
          "run");
    }
    if (!result) {
      if (!result.error().text.starts_with(cost_exceeded)) return std::string();
      spent_ = true;
      return fail("no further validation rules will be run due to call cost exceeds limit for messageExpression: " +
                  net::go_quote(rule.message_expression));
    }
    if (!result->is(cel::ValueKind::String)) return std::string();
    std::string text = trimmed(result->text());
    bool usable = text.size() <= most_message_bytes && text.find('\n') == std::string::npos;
    return usable ? text : std::string();
  }

  bool charge(std::uint64_t cost) {
    if (cost > static_cast<std::uint64_t>(std::max<std::int64_t>(budget_, 0))) return false;
    budget_ -= static_cast<std::int64_t>(cost);
    return true;
  }

  void out_of_budget(const Node& node, const std::string& path) {
    invalid(path, node, "validation failed due to running out of cost budget, no further validation rules will be run");
    spent_ = true;
  }

  static FieldError refused(const std::string& path, const Node& node, const std::string& detail) {
    return {"FieldValueInvalid", path.empty() ? "<nil>" : path,
            "Invalid value: " + net::go_quote(node.schema->type) + ": " + detail};
  }
  void invalid(const std::string& path, const Node& node, const std::string& detail) {
    errors.push_back(refused(path, node, detail));
  }

  static FieldError complaint(const std::string& path, const Node& node, const json::Value& value,
                              const std::string& detail, const Rule& rule) {
    std::string reason = rule.reason.value_or("FieldValueInvalid");
    bool omitted = node.schema->type == "object" || node.schema->type == "array";
    std::string shown = omitted ? std::string() : ": " + shown_value(value);
    std::string body = "Invalid value" + shown + ": " + detail;
    if (reason == "FieldValueForbidden") body = "Forbidden: " + detail;
    if (reason == "FieldValueRequired") body = "Required value: " + detail;
    if (reason == "FieldValueDuplicate") body = "Duplicate value" + shown;
    return {std::move(reason), path.empty() ? "<nil>" : path, std::move(body)};
  }

  void add(FieldError error, const CompiledRule& compiled, const json::Value& value, const Before& before) {
    if (warnings_ && !compiled.uses_old_self && before.unchanged(value))
      warnings_->push_back(error.field + ": " + error.message);
    else
      errors.push_back(std::move(error));
  }

  std::vector<std::string>* warnings_;
  std::int64_t budget_ = static_cast<std::int64_t>(cel::kCostOfPolicies);
  bool spent_ = false;
};

Rules::Rules() = default;
Rules::~Rules() = default;

std::unique_ptr<Rules::Node> Rules::make_node(const Schema& schema, bool root) {
  if (!has_rules(schema)) return nullptr;
  auto node = std::make_unique<Node>();
  node->schema = &schema;
  if (!schema.rules.empty()) {
    node->types = std::make_shared<CelTypes>();
    node->rules = compile_rules(schema, root, node->types, &node->self);
    node->uses_old_self = std::any_of(node->rules.begin(), node->rules.end(),
                                      [](const CompiledRule& rule) { return rule.uses_old_self; });
  }
  for (const auto& [name, property] : schema.properties)
    if (auto child = make_node(property, property.embedded)) node->properties.emplace(name, std::move(child));
  if (schema.items) node->items = make_node(*schema.items, schema.items->embedded);
  if (schema.additional) node->additional = make_node(*schema.additional, schema.additional->embedded);
  return node;
}

std::unique_ptr<const Rules> Rules::make(const Schema& root, bool of_resource) {
  auto node = make_node(root, of_resource);
  if (!node) return nullptr;
  auto rules = std::make_unique<Rules>();
  rules->root_ = std::move(node);
  return rules;
}

std::vector<FieldError> Rules::validate(const json::Value& object, const json::Value* old, const std::string& path,
                                        std::vector<std::string>* warnings) const {
  Run run(warnings);
  Before before;
  if (warnings) before.old = old;
  run.node(*root_, object, old, before, path);
  return std::move(run.errors);
}

}  // namespace gatepost::kube::crd
