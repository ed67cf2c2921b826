#include "kube/apply/versions.h"

#include "kube/crd/definition.h"
#include "kube/crd/merge_schema.h"
#include "kube/schema/object.h"

namespace gatepost::kube::apply {

TypedKind kind_in(std::string_view api_version, const TypedKind& like) {
  std::size_t slash = api_version.find('/');
  if (slash == std::string_view::npos)
    return {GroupVersionKind{"", std::string(api_version), like.kind}, like.definition};
  return {GroupVersionKind{std::string(api_version.substr(0, slash)), std::string(api_version.substr(slash + 1)),
                           like.kind},
          like.definition};
}

const Schema* schema_of(const TypedKind& kind) {
  if (!kind.definition) return kube::schema_of(static_cast<const GroupVersionKind&>(kind));
  const crd::Version* version = kind.definition->version(kind.version);
  return version && kind.group == kind.definition->group ? &version->merge_schema->root() : nullptr;
}

std::optional<Type> type_in(std::string_view api_version, const TypedKind& like) {
  const Schema* schema = schema_of(kind_in(api_version, like));
  if (!schema) return std::nullopt;
  return type_of(schema);
}

std::optional<json::Value> in_version(const json::Value& object, const TypedKind& kind, std::string_view api_version) {
  TypedKind wanted = kind_in(api_version, kind);
  if (!schema_of(wanted)) return std::nullopt;
  json::Value converted(object, object.storage());
  if (kind.definition) {
    // Fields that a conversion webhook moves are compared where they are now.
    converted.get_object()["apiVersion"] = api_version;
    return converted;
  }
  if (!convert(converted, kind, wanted)) return std::nullopt;
  return converted;
}

}  // namespace gatepost::kube::apply
