#include "kube/apply/versions.h"

#include "kube/schema/object.h"

namespace gatepost::kube::apply {

GroupVersionKind kind_in(std::string_view api_version, const GroupVersionKind& like) {
  std::size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return {"", std::string(api_version), like.kind};
  return {std::string(api_version.substr(0, slash)), std::string(api_version.substr(slash + 1)), like.kind};
}

std::optional<Type> type_in(std::string_view api_version, const GroupVersionKind& like) {
  const Schema* schema = schema_of(kind_in(api_version, like));
  if (!schema) return std::nullopt;
  return type_of(schema);
}

std::optional<json::Value> in_version(const json::Value& object, const GroupVersionKind& kind,
                                      std::string_view api_version) {
  GroupVersionKind wanted = kind_in(api_version, kind);
  if (!schema_of(wanted)) return std::nullopt;
  json::Value converted(object, object.storage());
  if (!convert(converted, kind, wanted)) return std::nullopt;
  return converted;
}

}  // namespace gatepost::kube::apply
