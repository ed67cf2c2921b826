#include "kube/schema/types.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "embedded/go_types.h"
#include "embedded/openapi_v2_facts.h"
#include "json/parse.h"
#include "kube/schema/go_types.h"

namespace gatepost::kube {
namespace {

// Spreads the names of a struct's fields well enough that most are found at the first look.
std::size_t hash_of(std::string_view name) {
  if (name.empty()) return 0;
  auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(name[i])); };
  return name.size() * 7 + at(0) * 31 + at(name.size() / 2) * 5 + at(name.size() - 1) * 131;
}

Unset unset_of(const Field& field) {
  if (field.omit_zero) return Unset::left_out;
  if (field.pointer) return field.omit_empty ? Unset::left_out : Unset::null;
  switch (field.schema->type) {
    case SchemaType::structure:
    case SchemaType::quantity:
    case SchemaType::int_or_string:
      return Unset::zero;  // a struct is never empty
    case SchemaType::time:
    case SchemaType::micro_time:
    case SchemaType::any:
      return Unset::null;
    case SchemaType::list:
    case SchemaType::map:
    case SchemaType::bytes:
      return field.omit_empty ? Unset::left_out : Unset::null;
    default:
      return field.omit_empty ? Unset::left_out : Unset::zero;
  }
}

// What is looked up of a structure's fields at every object.
void index_fields(Schema& schema) {
  std::vector<Field>& fields = schema.fields;
  schema.by_position.resize(fields.size());
  std::size_t buckets = 4;
  while (buckets < fields.size() * 3) buckets *= 2;
  schema.by_hash.assign(buckets, 0);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Field& field = fields[i];
    field.unset = unset_of(field);
    if (field.unset != Unset::left_out) schema.always |= std::uint64_t{1} << field.position;
    schema.by_position[field.position] = static_cast<std::uint8_t>(i);
    std::size_t at = hash_of(field.name) & (buckets - 1);
    while (schema.by_hash[at] != 0) at = (at + 1) & (buckets - 1);
    schema.by_hash[at] = static_cast<std::uint8_t>(i + 1);
  }
}

constexpr std::string_view reference_prefix = "#/definitions/";

// Definitions that are types of their own on the wire, not structures.
struct SpecialType {
  std::string_view definition;
  SchemaType type;
};
constexpr SpecialType special_types[] = {
    {"io.k8s.apimachinery.pkg.api.resource.Quantity", SchemaType::quantity},
    {"io.k8s.apimachinery.pkg.apis.meta.v1.Time", SchemaType::time},
    {"io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", SchemaType::micro_time},
    {"io.k8s.apimachinery.pkg.util.intstr.IntOrString", SchemaType::int_or_string},
};

constexpr std::string_view extensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";
struct FormOf {
  std::string_view name;
  AnyForm form;
};
constexpr FormOf extension_forms[] = {
    {"JSON", AnyForm::json},
    {"JSONSchemaPropsOrBool", AnyForm::schema_or_bool},
    {"JSONSchemaPropsOrArray", AnyForm::schema_or_list},
    {"JSONSchemaPropsOrStringArray", AnyForm::schema_or_texts},
};

bool keeps_json(const Schema& schema) {
  return schema.definition == "io.k8s.apimachinery.pkg.runtime.RawExtension" ||
         schema.definition == "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1" ||
         schema.definition == "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";
}

// Lets a map of strings be searched by a view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

class Catalogue {
 public:
  Catalogue() {
    for (GoType& type : read_go_types(embedded::go_types().front().bytes))
      go_types_.emplace(type.definition, std::move(type));
    auto parsed = json::parse(embedded::openapi_v2_facts().front().bytes, json::make_arena(1 << 20));
    if (!parsed) std::abort();  // the program's own data
    const json::Object& definitions = *json::object_at(*parsed, {"definitions"});
    for (const auto& entry : definitions) by_name_.emplace(entry.key(), own());
    for (const auto& entry : definitions) {
      Schema& schema = *by_name_.find(entry.key())->second;
      name_definition(schema, entry.key());
      fill(schema, entry.value());
      if (const json::Array* kinds = json::array_at(entry.value(), {"x-kubernetes-group-version-kind"}))
        for (const json::Value& kind : *kinds)
          by_kind_.emplace(key_of(json::string_at(kind, {"group"}), json::string_at(kind, {"version"}),
                                  json::string_at(kind, {"kind"})),
                           &schema);
    }
  }

  const Schema* of_kind(const GroupVersionKind& kind) const {
    auto found = by_kind_.find(key_of(kind.group, kind.version, kind.kind));
    return found == by_kind_.end() ? nullptr : found->second;
  }

  const Schema* of_object(std::string_view api_version, std::string_view kind) const {
    char key[256];
    const bool core = api_version.find('/') == std::string_view::npos;
    if (api_version.size() + kind.size() + 2 > sizeof key) return nullptr;
    char* end = key;
    if (core) *end++ = '/';
    end = std::copy(api_version.begin(), api_version.end(), end);
    *end++ = '/';
    end = std::copy(kind.begin(), kind.end(), end);
    auto found = by_kind_.find(std::string_view(key, static_cast<std::size_t>(end - key)));
    return found == by_kind_.end() ? nullptr : found->second;
  }

  const Schema* definition(std::string_view name) const {
    auto found = by_name_.find(std::string(name));
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  static std::string key_of(std::string_view group, std::string_view version, std::string_view kind) {
    std::string key(group);
    return key.append("/").append(version).append("/").append(kind);
  }

  Schema* own() {
    all_.push_back(std::make_unique<Schema>());
    return all_.back().get();
  }

  // io.k8s.api.core.v1.Pod -> Pod in package v1
  static void name_definition(Schema& schema, std::string_view definition) {
    schema.definition = definition;
    std::size_t dot = definition.rfind('.');
    schema.go_name = definition.substr(dot + 1);
    std::string_view path = definition.substr(0, dot);
    schema.go_package = path.substr(path.rfind('.') + 1);
  }

  // `go_type` is the type as data/go-types.txt writes it; empty where Go's struct is not known.
  void fill(Schema& schema, const json::Value& facts, std::string_view go_type = {}) {
    go_type = without_pointer(go_type);
    if (std::size_t equals = go_type.find('='); equals < go_type.find('[')) {
      std::string_view name = go_type.substr(0, equals);
      schema.go_package = name.substr(0, name.find('.'));
      schema.go_name = name.substr(name.find('.') + 1);
      go_type.remove_prefix(equals + 1);
    }
    for (const SpecialType& special : special_types)
      if (schema.definition == special.definition) {
        schema.type = special.type;
        return;
      }
    std::string_view type = json::string_at(facts, {"type"}), format = json::string_at(facts, {"format"});
    if (const json::Array* values = json::array_at(facts, {"enum"}))
      for (const json::Value& value : *values)
        if (value.is_string()) schema.enumeration.emplace_back(json::view(value.get_string()));
    if (type == "string") {
      schema.type = format == "byte" ? SchemaType::bytes : SchemaType::text;
    } else if (type == "integer") {
      schema.type = format == "int32" ? SchemaType::int32 : SchemaType::int64;
    } else if (type == "number") {
      schema.type = SchemaType::number;
    } else if (type == "boolean") {
      schema.type = SchemaType::boolean;
    } else if (type == "array") {
      fill_list(schema, facts, go_type);
    } else if (const json::Value* values = json::find(facts, "additionalProperties"); values && values->is_object()) {
      fill_map(schema, *values, go_type);
    } else if (const json::Object* properties = json::object_at(facts, {"properties"})) {
      fill_structure(schema, facts, *properties);
    }
    // An object without properties is a struct without fields, but for those that keep the JSON they are given.
    if (schema.type == SchemaType::any && type == "object" && !schema.definition.empty() && !keeps_json(schema))
      fill_structure(schema, facts, {});
    if (schema.type == SchemaType::any && schema.definition.starts_with(extensions)) fill_form(schema);
    schema.atomic_map = json::string_at(facts, {"x-kubernetes-map-type"}) == "atomic";
    read_strategies(schema, facts);
  }

  void fill_form(Schema& schema) {
    for (const FormOf& known : extension_forms)
      if (schema.definition.substr(extensions.size()) == known.name) schema.form = known.form;
    schema.items = by_name_.at(std::string(extensions) + "JSONSchemaProps");
  }

  static std::string_view without_pointer(std::string_view go_type) {
    return go_type.starts_with('*') ? go_type.substr(1) : go_type;
  }

  // map[v1.ResourceName=string]io.k8s.apimachinery.pkg.api.resource.Quantity
  void fill_map(Schema& schema, const json::Value& values, std::string_view go_type) {
    constexpr std::string_view prefix = "map[";
    schema.type = SchemaType::map;
    if (go_type.starts_with(prefix)) {
      std::size_t end = go_type.find(']');
      std::string_view key = go_type.substr(prefix.size(), end - prefix.size());
      schema.go_key = key.substr(0, key.find('='));
      go_type.remove_prefix(end + 1);
    } else {
      go_type = {};
    }
    schema.items = at(values, go_type);
  }

  void fill_list(Schema& schema, const json::Value& facts, std::string_view go_type) {
    schema.type = SchemaType::list;
    schema.items = at(*json::find(facts, "items"), go_type.starts_with("[]") ? go_type.substr(2) : "");
    std::string_view list_type = json::string_at(facts, {"x-kubernetes-list-type"});
    if (list_type == "map") schema.list_type = ListType::map;
    if (list_type == "set") schema.list_type = ListType::set;
    if (const json::Array* keys = json::array_at(facts, {"x-kubernetes-list-map-keys"}))
      for (const json::Value& key : *keys) schema.list_map_keys.emplace_back(json::view(key.as_string()));
    schema.patch_merge_key = json::string_at(facts, {"x-kubernetes-patch-merge-key"});
  }

  void fill_structure(Schema& schema, const json::Value& facts, const json::Object& properties) {
    schema.type = SchemaType::structure;
    const json::Array* required = json::array_at(facts, {"required"});
    auto found = go_types_.find(schema.definition);
    const GoType* go_type = found == go_types_.end() ? nullptr : &found->second;
    std::size_t known = go_type ? go_type->fields.size() : 0, unknown = 0;
    for (const auto& property : properties) {
      Field field;
      field.name = property.key();
      std::string_view type;
      if (const GoField* facts_of_go = go_type ? find_field(*go_type, field.name) : nullptr) {
        type = add_go_facts(field, *go_type, *facts_of_go);
      } else {
        field.pointer = field.omit_empty = true;
        field.position = known + unknown++;
        field.go_path = field.name;
      }
      field.schema = at(property.value(), type);
      field.required = required && std::any_of(required->begin(), required->end(), [&](const json::Value& name) {
                         return name.is_string() && json::view(name.get_string()) == field.name;
                       });
      schema.fields.push_back(std::move(field));
    }
    std::sort(schema.fields.begin(), schema.fields.end(),
              [](const Field& a, const Field& b) { return a.name < b.name; });
  }

  static const GoField* find_field(const GoType& type, std::string_view name) {
    auto found = std::find_if(type.fields.begin(), type.fields.end(),
                              [&](const GoField& candidate) { return candidate.name == name; });
    return found == type.fields.end() ? nullptr : &*found;
  }

  // Returns the field's Go type.
  static std::string_view add_go_facts(Field& field, const GoType& type, const GoField& facts) {
    field.position = static_cast<std::size_t>(&facts - type.fields.data());
    field.pointer = facts.type.starts_with('*');
    field.omit_empty = facts.omit_empty;
    field.omit_zero = facts.omit_zero;
    field.numbers = facts.numbers;
    field.go_path.assign(facts.embedded_in).append(facts.embedded_in.empty() ? "" : ".").append(field.name);
    return facts.type;
  }

  static void read_strategies(Schema& schema, const json::Value& facts) {
    std::string_view strategies = json::string_at(facts, {"x-kubernetes-patch-strategy"});
    while (!strategies.empty()) {
      std::size_t comma = std::min(strategies.find(','), strategies.size());
      schema.patch_strategies.emplace_back(strategies.substr(0, comma));
      strategies.remove_prefix(std::min(comma + 1, strategies.size()));
    }
  }

  // The schema of a property: a definition, or a type of its own. A reference with a patch strategy of its own
  // (retainKeys on Deployment.spec.strategy), or one that merges field by field what is atomic elsewhere
  // (PersistentVolume.spec.claimRef), is a copy of the definition.
  const Schema* at(const json::Value& facts, std::string_view go_type) {
    std::string_view reference = json::string_at(facts, {"$ref"});
    if (!reference.empty()) {
      auto found = by_name_.find(std::string(reference.substr(reference_prefix.size())));
      if (found == by_name_.end()) return any();
      bool granular = json::string_at(facts, {"x-kubernetes-map-type"}) == "granular";
      if (!json::find(facts, "x-kubernetes-patch-strategy") && !granular) return found->second;
      Schema* copy = own();
      deferred_.push_back({copy, found->second, granular});
      read_strategies(*copy, facts);
      return copy;
    }
    Schema* schema = own();
    fill(*schema, facts, go_type);
    return schema;
  }

  const Schema* any() {
    static const Schema nothing;
    return &nothing;
  }

 public:
  // Fills the copies and the indices, once all definitions are there.
  void finish() {
    for (auto& [copy, original, granular] : deferred_) {
      std::vector<std::string> strategies = std::move(copy->patch_strategies);
      *copy = *original;
      copy->patch_strategies = std::move(strategies);
      if (granular) copy->atomic_map = false;
    }
    deferred_.clear();
    for (auto& schema : all_)
      if (schema->type == SchemaType::structure) index_fields(*schema);
  }

 private:
  std::unordered_map<std::string_view, GoType> go_types_;
  std::vector<std::unique_ptr<Schema>> all_;
  std::unordered_map<std::string, Schema*> by_name_;
  std::unordered_map<std::string, const Schema*, TextHash, std::equal_to<>> by_kind_;
  struct Copy {
    Schema* copy;
    const Schema* original;
    bool granular;
  };
  std::vector<Copy> deferred_;
};

const Catalogue& catalogue() {
  static const std::unique_ptr<const Catalogue> one = [] {
    auto made = std::make_unique<Catalogue>();
    made->finish();
    return made;
  }();
  return *one;
}

}  // namespace

const Field* Schema::field(std::string_view name) const {
  if (by_hash.empty()) {  // a schema that was made while the program runs
    const auto found = std::ranges::lower_bound(fields, name, {}, &Field::name);
    return found != fields.end() && found->name == name ? &*found : nullptr;
  }
  const std::size_t mask = by_hash.size() - 1;
  for (std::size_t at = hash_of(name) & mask; by_hash[at] != 0; at = (at + 1) & mask) {
    const Field& candidate = fields[by_hash[at] - std::size_t{1}];
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

std::string Schema::go_type() const {
  if (!go_name.empty() && type != SchemaType::any) return go_package + "." + go_name;
  switch (type) {
    case SchemaType::map:
      return "map[" + go_key + "]" + items->go_type();
    case SchemaType::list:
      return "[]" + items->go_type();
    case SchemaType::text:
      return "string";
    case SchemaType::bytes:
      return "[]uint8";
    case SchemaType::int32:
      return "int32";
    case SchemaType::int64:
      return "int64";
    case SchemaType::number:
      return "float64";
    case SchemaType::boolean:
      return "bool";
    case SchemaType::quantity:
      return "resource.Quantity";
    case SchemaType::time:
      return "v1.Time";
    case SchemaType::micro_time:
      return "v1.MicroTime";
    case SchemaType::int_or_string:
      return "intstr.IntOrString";
    case SchemaType::structure:
    case SchemaType::any:
      break;
  }
  return go_name.empty() ? "interface {}" : go_package + "." + go_name;
}

const Schema* schema_of(const GroupVersionKind& kind) {
  return catalogue().of_kind(kind);
}
const Schema* schema_of(const json::Value& object) {
  return catalogue().of_object(json::string_at(object, {"apiVersion"}), json::string_at(object, {"kind"}));
}
const Schema* schema_definition(std::string_view definition) {
  return catalogue().definition(definition);
}

}  // namespace gatepost::kube
