#include "apiserver/openapi/custom_schemas.h"

#include <algorithm>

#include "json/write.h"
#include "kube/crd/definition.h"

namespace gatepost::apiserver {
namespace {

using kube::crd::Schema;

constexpr std::string_view meta_package = "io.k8s.apimachinery.pkg.apis.meta.v1.";
constexpr std::string_view metadata_text =
    "Standard object's metadata. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";
constexpr std::string_view list_metadata_text =
    "Standard list metadata. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
constexpr std::string_view api_version_text =
    "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized "
    "schemas to the latest internal value, and may reject unrecognized values. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
constexpr std::string_view kind_text =
    "Kind is a string value representing the REST resource this object represents. Servers may infer this from the "
    "endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";

class Writer {
 public:
  explicit Writer(OpenApi form) : form_(form) {}

  std::string reference(std::string_view name) const {
    return (form_ == OpenApi::v2 ? "#/definitions/" : "#/components/schemas/") + std::string(name);
  }

  // `root`: of a resource, which has apiVersion, kind and metadata in any case.
  void schema(const Schema& schema, bool root, const std::string& extra = {}) {
    bool two = form_ == OpenApi::v2;
    // What kubectl's reader of OpenAPI v2 cannot take is left out (controller/openapi/v2/conversion.go).
    bool untyped = two && (schema.nullable || (schema.preserve_unknown && !root));
    bool bare = two && (schema.nullable || schema.preserve_unknown);
    bool no_items = schema.type == "array" && (bare || !schema.items);
    begin();
    if (!schema.description.empty()) text("description", schema.description);
    if (!schema.title.empty()) text("title", schema.title);
    if (!schema.type.empty() && !untyped && !(two && no_items)) text("type", schema.type);
    if (schema.default_value) raw("default", json::write(*schema.default_value));
    bounds(schema);
    if (!two && schema.nullable) raw("nullable", "true");
    if (!bare || root) properties(schema, root && !bare);
    if (schema.items && !bare) {
      key("items");
      this->schema(*schema.items, schema.items->embedded);
    }
    if (schema.additional) {
      key("additionalProperties");
      this->schema(*schema.additional, schema.additional->embedded);
    } else if (schema.has_additional) {
      raw("additionalProperties", schema.additional_allowed ? "true" : "false");
    }
    if (!two) alternatives(schema);
    extensions(schema);
    if (!extra.empty()) {
      separate();
      out_ += extra;
    }
    out_.push_back('}');
  }

  std::string take() { return std::move(out_); }

  void begin() { out_.push_back('{'); }
  void separate() {
    if (out_.back() != '{' && out_.back() != '[') out_.push_back(',');
  }
  void key(std::string_view name) {
    separate();
    json::write_string(name, out_);
    out_.push_back(':');
  }
  void text(std::string_view name, std::string_view value) {
    key(name);
    json::write_string(value, out_);
  }
  void raw(std::string_view name, std::string_view value) {
    key(name);
    out_ += value;
  }
  void close() { out_.push_back('}'); }

  void described(std::string_view name, std::string_view description) {
    key(name);
    begin();
    text("description", description);
    text("type", "string");
    close();
  }
  void described_reference(std::string_view name, std::string_view description, std::string_view to) {
    key(name);
    begin();
    text("description", description);
    text("$ref", reference(to));
    close();
  }

 private:
  void texts(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    key(name);
    out_.push_back('[');
    for (const std::string& value : values) {
      separate();
      json::write_string(value, out_);
    }
    out_.push_back(']');
  }

  template <class Number>
  void number(std::string_view name, const std::optional<Number>& value) {
    if (value) raw(name, json::write(json::Value(*value)));
  }

  void bounds(const Schema& schema) {
    if (!schema.format.empty()) text("format", schema.format);
    number("maximum", schema.maximum);
    if (schema.exclusive_maximum) raw("exclusiveMaximum", "true");
    number("minimum", schema.minimum);
    if (schema.exclusive_minimum) raw("exclusiveMinimum", "true");
    number("maxLength", schema.max_length);
    number("minLength", schema.min_length);
    if (!schema.pattern.empty()) text("pattern", schema.pattern);
    number("maxItems", schema.max_items);
    number("minItems", schema.min_items);
    number("multipleOf", schema.multiple_of);
    number("maxProperties", schema.max_properties);
    number("minProperties", schema.min_properties);
    if (!schema.enumeration.empty()) {
      key("enum");
      out_.push_back('[');
      for (const json::Value& value : schema.enumeration) {
        separate();
        json::write(value, out_);
      }
      out_.push_back(']');
    }
    std::vector<std::string> required = schema.required;
    if (schema.embedded && !(form_ == OpenApi::v2 && schema.preserve_unknown))
      for (const char* name : {"kind", "apiVersion"})
        if (std::find(required.begin(), required.end(), name) == required.end()) required.emplace_back(name);
    texts("required", required);
  }

  void properties(const Schema& schema, bool root) {
    if (schema.properties.empty() && !root) return;
    key("properties");
    begin();
    for (const auto& [name, property] : schema.properties) {
      if (root && (name == "metadata" || name == "kind" || name == "apiVersion")) continue;
      key(name);
      this->schema(property, property.embedded);
    }
    if (root) {
      described("apiVersion", api_version_text);
      described("kind", kind_text);
      described_reference("metadata", metadata_text, std::string(meta_package) + "ObjectMeta");
    }
    close();
  }

  void alternatives(const Schema& schema) {
    auto list = [this](std::string_view name, const std::vector<Schema>& parts) {
      if (parts.empty()) return;
      key(name);
      out_.push_back('[');
      for (const Schema& part : parts) {
        separate();
        this->schema(part, false);
      }
      out_.push_back(']');
    };
    list("allOf", schema.all_of);
    list("oneOf", schema.one_of);
    if (schema.int_or_string && schema.any_of.empty())
      raw("anyOf", R"([{"type":"integer"},{"type":"string"}])");
    else
      list("anyOf", schema.any_of);
    if (!schema.negated) return;
    key("not");
    this->schema(*schema.negated, false);
  }

  void extensions(const Schema& schema) {
    if (schema.preserve_unknown) raw("x-kubernetes-preserve-unknown-fields", "true");
    if (schema.embedded) raw("x-kubernetes-embedded-resource", "true");
    if (schema.int_or_string) raw("x-kubernetes-int-or-string", "true");
    texts("x-kubernetes-list-map-keys", schema.list_map_keys);
    if (schema.list_type) text("x-kubernetes-list-type", *schema.list_type);
    if (schema.map_type) text("x-kubernetes-map-type", *schema.map_type);
    if (schema.rules.empty()) return;
    key("x-kubernetes-validations");
    out_.push_back('[');
    for (const kube::crd::Rule& rule : schema.rules) {
      separate();
      begin();
      text("rule", rule.rule);
      if (!rule.message.empty()) text("message", rule.message);
      if (!rule.message_expression.empty()) text("messageExpression", rule.message_expression);
      if (rule.reason) text("reason", *rule.reason);
      if (!rule.field_path.empty()) text("fieldPath", rule.field_path);
      if (rule.optional_old_self) raw("optionalOldSelf", *rule.optional_old_self ? "true" : "false");
      close();
    }
    out_.push_back(']');
  }

  OpenApi form_;
  std::string out_;
};

// "acme.io" -> "io.acme"
std::string reversed(std::string_view group) {
  std::string out;
  while (!group.empty()) {
    std::size_t dot = group.rfind('.');
    out += (out.empty() ? "" : ".") + std::string(dot == std::string_view::npos ? group : group.substr(dot + 1));
    group = dot == std::string_view::npos ? std::string_view() : group.substr(0, dot);
  }
  return out;
}

std::string kinds_of(const kube::ResourceInfo& resource, const std::string& kind) {
  return "\"x-kubernetes-group-version-kind\":[{\"group\":\"" + resource.group + "\",\"kind\":\"" + kind +
         "\",\"version\":\"" + resource.version + "\"}]";
}

std::string selectable_of(const kube::crd::Version& version) {
  if (version.selectable_names.empty()) return {};
  std::string out = ",\"x-kubernetes-selectable-fields\":[";
  for (const std::string& name : version.selectable_names)
    out += (out.back() == '[' ? "{\"fieldPath\":\"" : ",{\"fieldPath\":\"") + name + "\"}";
  return out + "]";
}

std::string list_schema(const kube::ResourceInfo& resource, const std::string& item, OpenApi form) {
  Writer out(form);
  out.begin();
  out.text("description", resource.list_kind + " is a list of " + resource.kind);
  out.text("type", "object");
  out.raw("required", "[\"items\"]");
  out.key("properties");
  out.begin();
  out.described("apiVersion", api_version_text);
  out.key("items");
  out.begin();
  out.text("description", "List of " + resource.resource +
                              ". More info: https://git.k8s.io/community/contributors/devel/sig-architecture/"
                              "api-conventions.md");
  out.text("type", "array");
  out.key("items");
  out.begin();
  out.text("$ref", out.reference(item));
  out.close();
  out.close();
  out.described("kind", kind_text);
  out.described_reference("metadata", list_metadata_text, std::string(meta_package) + "ListMeta");
  out.close();
  std::string text = out.take();
  return text + "," + kinds_of(resource, resource.list_kind) + "}";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> custom_schemas(const kube::ResourceInfo& resource, OpenApi form) {
  std::string prefix = reversed(resource.group) + "." + resource.version + ".";
  std::string name = prefix + resource.kind;
  Writer out(form);
  const kube::crd::Version& version = *resource.version_of_definition;
  out.schema(*version.schema, true, kinds_of(resource, resource.kind) + selectable_of(version));
  return {{name, out.take()}, {prefix + resource.list_kind, list_schema(resource, name, form)}};
}

}  // namespace gatepost::apiserver
