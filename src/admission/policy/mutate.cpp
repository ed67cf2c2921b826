#include "admission/policy/mutate.h"

#include "admission/expressions/session.h"
#include "admission/policy/apply_configuration.h"
#include "admission/policy/value_json.h"
#include "kube/patch/patch.h"
#include "kube/schema/object.h"
#include "kube/schema/types.h"

namespace gatepost::admission {
namespace {

using Mutated = Result<json::Value, MutationError>;

Failure<MutationError> refused(std::string why) {
  return fail_with(MutationError{std::move(why), false, {}});
}
Failure<MutationError> ended(kube::Status status) {
  return fail_with(MutationError{"", true, std::move(status)});
}

kube::Status unknown_kind(const Kind& kind) {
  kube::Status status;
  status.code = 503;
  status.reason = "ServiceUnavailable";
  status.message = "Resource kind " + kind.group + "/" + kind.version + ", Kind=" + kind.kind +
                   " not found. There can be a delay between when "
                   "CustomResourceDefinitions are created and when they "
                   "are available.";
  return status;
}

// [JSONPatch{...}] as RFC 6902 has it.
Result<json::Value> patch_of(const cel::Value& operations, const json::Storage& storage) {
  json::Array out(storage);
  for (std::size_t i = 0; i < cel::list_size(operations); ++i) {
    const cel::Value operation = cel::list_at(operations, i);
    json::Object made(storage);
    for (std::string_view field : {"op", "path", "from"}) {
      cel::Value value;
      const bool given = cel::map_find(operation, field, value) && value.is(cel::ValueKind::String);
      if (field != "from" || (given && !value.text().empty()))
        made.emplace(field, given ? value.text() : std::string_view());
    }
    if (cel::Value value; cel::map_find(operation, std::string_view("value"), value)) {
      if (std::string problem = misnamed_objects(value); !problem.empty()) return fail("type mismatch: " + problem);
      auto printed = json_of(value, LargeIntegers::texts, storage);
      if (!printed)
        return fail(
            "JSONPath valueExpression evaluated to a type that could "
            "not marshal to JSON: " +
            printed.error().text);
      made.emplace("value", std::move(*printed));
    }
    out.push_back(std::move(made));
  }
  return json::Value(std::move(out), storage);
}

Mutated apply_json_patch(const cel::Value& operations, const json::Value& object, const kube::GroupVersionKind& kind) {
  auto patch = patch_of(operations, object.storage());
  if (!patch) return refused(std::move(patch.error().text));
  json::Value out(object, object.storage());
  if (auto applied = kube::apply_json_patch(out, *patch); !applied) {
    // A test that fails is a condition that does not hold.
    if (applied.error().text.ends_with("test failed")) return json::Value(object, object.storage());
    return refused("JSON Patch: " + applied.error().text);
  }
  if (!out.is_object()) return ended(kube::internal_error("the patched object is no object"));
  if (auto decoded = kube::decode(out, kind, kube::FieldValidation::strict); !decoded)
    return ended(kube::internal_error(decoded.error().text));
  return out;
}

Mutated apply(const cel::Value& value, const json::Value& object, const kube::GroupVersionKind& kind,
              const kube::Schema& schema) {
  if (std::string problem = misnamed_objects(value); !problem.empty()) return refused("type mismatch: " + problem);
  auto configuration = json_of(value, LargeIntegers::numbers, object.storage());
  if (!configuration) return refused(std::move(configuration.error().text));
  auto merged = apply_configuration(schema, object, std::move(*configuration));
  if (!merged) return refused("error applying patch: " + merged.error().text);
  if (auto decoded = kube::decode(*merged, kind, kube::FieldValidation::ignore); !decoded)
    return refused(std::move(decoded.error().text));
  return std::move(*merged);
}

}  // namespace

Mutated mutate(const Policy& policy, const Mutation& mutation, const Inputs& inputs, const Kind& kind) {
  kube::GroupVersionKind named{kind.group, kind.version, kind.kind};
  const kube::Schema* schema = kube::schema_of(named);
  if (!schema) return ended(unknown_kind(kind));
  if (!mutation.expression.program) return refused(mutation.expression.problem);
  cel::Arena arena;
  Session session(inputs, &policy.variables, arena, cost_of_policy);
  auto value = session.evaluate(mutation.expression);
  if (!value) return refused(std::move(value.error().text));
  auto mutated = mutation.kind == PatchKind::json_patch ? apply_json_patch(*value, *inputs.object, named)
                                                        : apply(*value, *inputs.object, named, *schema);
  if (mutated) kube::set_defaults(*mutated, named);
  return mutated;
}

}  // namespace gatepost::admission
