#include "cel/kubernetes/request_type.h"

namespace gatepost::cel {

namespace {

struct FieldText {
  std::string_view name;
  std::string_view type;  // as signatures write types
};

void declare_object(Declarations& to, std::string_view name, std::initializer_list<FieldText> fields) {
  SchemaType& schema = to.own_schema();
  schema.reading = SchemaType::Reading::Object;
  schema.type = to.types().object(name);
  for (const FieldText& field : fields) {
    SchemaType& of_field = to.own_schema();
    of_field.type = to.type(field.type);
    schema.fields[std::string(field.name)] = {&of_field, ""};
  }
  to.object(name, &schema);
}

// The types that a field of `variables` can have (convertCelTypeToDeclType).
const Type* field_type(TypePool& pool, const Type* type) {
  if (type == nullptr || type->nullable) return dyn_type();
  switch (type->kind) {
    case TypeKind::Any:
    case TypeKind::Bool:
    case TypeKind::Bytes:
    case TypeKind::Double:
    case TypeKind::Duration:
    case TypeKind::Int:
    case TypeKind::Null:
    case TypeKind::String:
    case TypeKind::Timestamp:
    case TypeKind::Uint:
      return simple_type(type->kind);
    case TypeKind::List:
      return type->params.size() == 1 ? pool.list(field_type(pool, type->params[0])) : any_list_type();
    case TypeKind::Map:
      return type->params.size() == 2 ? pool.map(field_type(pool, type->params[0]), field_type(pool, type->params[1]))
                                      : any_map_type();
    default:
      return dyn_type();
  }
}

}  // namespace

void declare_request(Declarations& to) {
  declare_object(to, "kubernetes.GroupVersionKind", {{"group", "string"}, {"version", "string"}, {"kind", "string"}});
  declare_object(to, "kubernetes.GroupVersionResource",
                 {{"group", "string"}, {"version", "string"}, {"resource", "string"}});
  declare_object(
      to, "kubernetes.UserInfo",
      {{"username", "string"}, {"uid", "string"}, {"groups", "list(string)"}, {"extra", "map(string,list(string))"}});
  declare_object(to, "kubernetes.AdmissionRequest",
                 {{"kind", "$kubernetes.GroupVersionKind"},
                  {"resource", "$kubernetes.GroupVersionResource"},
                  {"subResource", "string"},
                  {"requestKind", "$kubernetes.GroupVersionKind"},
                  {"requestResource", "$kubernetes.GroupVersionResource"},
                  {"requestSubResource", "string"},
                  {"name", "string"},
                  {"namespace", "string"},
                  {"operation", "string"},
                  {"userInfo", "$kubernetes.UserInfo"},
                  {"dryRun", "bool"},
                  {"options", "dyn"}});
  to.variable("request", to.type("$kubernetes.AdmissionRequest"));
}

void declare_namespace(Declarations& to) {
  declare_object(to, "kubernetes.NamespaceSpec", {{"finalizers", "list(string)"}});
  declare_object(to, "kubernetes.NamespaceCondition",
                 {{"status", "string"},
                  {"type", "string"},
                  {"lastTransitionTime", "timestamp"},
                  {"message", "string"},
                  {"reason", "string"}});
  declare_object(to, "kubernetes.NamespaceStatus",
                 {{"conditions", "list($kubernetes.NamespaceCondition)"}, {"phase", "string"}});
  declare_object(to, "kubernetes.NamespaceMetadata",
                 {{"name", "string"},
                  {"generateName", "string"},
                  {"namespace", "string"},
                  {"labels", "map(string,string)"},
                  {"annotations", "map(string,string)"},
                  {"UID", "string"},
                  {"creationTimestamp", "timestamp"},
                  {"deletionGracePeriodSeconds", "int"},
                  {"deletionTimestamp", "timestamp"},
                  {"generation", "int"},
                  {"resourceVersion", "string"},
                  {"finalizers", "list(string)"}});
  declare_object(to, "kubernetes.Namespace",
                 {{"metadata", "$kubernetes.NamespaceMetadata"},
                  {"spec", "$kubernetes.NamespaceSpec"},
                  {"status", "$kubernetes.NamespaceStatus"}});
  to.variable("namespaceObject", to.type("$kubernetes.Namespace"));
}

void declare_patch_types(Declarations& to) {
  to.open_objects("Object");
  declare_object(to, "JSONPatch", {{"op", "string"}, {"path", "string"}, {"from", "string"}, {"value", "dyn"}});
  to.type_name("JSONPatch", to.types().object("JSONPatch"));
}

SchemaType& declare_variables(Declarations& to) {
  constexpr std::string_view kName = "kubernetes.variables";
  SchemaType& schema = to.own_schema();
  schema.reading = SchemaType::Reading::Object;
  schema.type = to.types().object(kName);
  to.object(kName, &schema);
  to.variable("variables", schema.type);
  return schema;
}

void add_variable(Declarations& to, SchemaType& variables, const std::string& name, const Type* type) {
  SchemaType& of_field = to.own_schema();
  of_field.type = field_type(to.types(), type);
  variables.fields[name] = {&of_field, ""};
}

void declare_schema(Declarations& to, const SchemaType& schema) {
  if (schema.element != nullptr) declare_schema(to, *schema.element);
  if (schema.reading != SchemaType::Reading::Object || schema.type == nullptr ||
      to.find_object(schema.type->name) != nullptr)
    return;
  to.object(schema.type->name, &schema);
  for (const auto& [name, field] : schema.fields)
    if (field.schema != nullptr) declare_schema(to, *field.schema);
}

}  // namespace gatepost::cel
