#include "admission/policy/apply_configuration.h"

#include "kube/apply/check.h"
#include "kube/apply/merge.h"

namespace gatepost::admission {
namespace {

using kube::apply::Type;

// Paths of the lists and maps in `value` of which no single field can be set. Where a schema says nothing, all can.
void find_atomics(const Type& type, const json::Value& value, const std::string& path, std::string& found) {
  if (type.kind != Type::Kind::typed || value.is_null()) return;
  if (!value.is_object() && !value.is_array()) return;
  if (kube::apply::is_atomic(type, kube::apply::form_of(type, value))) found += (found.empty() ? "" : ", ") + path;
  if (const json::Array* items = value.if_array())
    for (std::size_t i = 0; i < items->size(); ++i)
      find_atomics(kube::apply::item_type(type), (*items)[i], path + "[" + std::to_string(i) + "]", found);
  if (const json::Object* members = value.if_object())
    for (const auto& member : *members)
      find_atomics(kube::apply::member_type(type, kube::apply::field_of(type, member.key())), member.value(),
                   path + "." + std::string(member.key()), found);
}

}  // namespace

Result<json::Value> apply_configuration(const kube::Schema& schema, const json::Value& object,
                                        json::Value configuration) {
  for (std::string_view key : {"apiVersion", "kind"})
    if (const json::Value* value = json::find(object, key)) configuration.get_object()[key] = *value;
  const Type type = kube::apply::type_of(&schema);
  if (auto why = kube::apply::misfit(type, configuration, kube::apply::Doubled::refused))
    return fail("failed to convert patch object to typed object: " + *why);
  std::string atomics;
  find_atomics(type, configuration, "", atomics);
  if (!atomics.empty())
    return fail("invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: " + atomics);
  if (auto why = kube::apply::misfit(type, object, kube::apply::Doubled::allowed))
    return fail("failed to convert original object to typed object: " + *why);
  kube::apply::FieldArena arena;
  return json::Value(kube::apply::merge(arena, type, object, configuration), object.storage());
}

}  // namespace gatepost::admission
