#include "apiserver/openapi/v2_protobuf.h"

#include "json/write.h"

// Field numbers are those of openapiv2/OpenAPIv2.proto in google/gnostic.
namespace gatepost::apiserver {
namespace {

class Message {
 public:
  void text(unsigned field, std::string_view value) {
    if (!value.empty()) bytes(field, value);
  }
  void message(unsigned field, const Message& value) { bytes(field, value.out_); }
  const std::string& bytes() const { return out_; }

 private:
  void bytes(unsigned field, std::string_view value) {
    constexpr unsigned length_delimited = 2;
    varint(field << 3 | length_delimited);
    varint(value.size());
    out_ += value;
  }
  void varint(std::size_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  std::string out_;
};

// NamedAny: a vendor extension, its value as YAML (JSON is YAML).
Message extension(std::string_view name, const json::Value& value) {
  Message any, named;
  any.text(2, json::write(value));
  named.text(1, name);
  named.message(2, any);
  return named;
}

void add_extensions(Message& to, unsigned field, const json::Value& from) {
  for (const auto& member : from.get_object())
    if (std::string_view key = member.key(); key.starts_with("x-") && !member.value().is_null())
      to.message(field, extension(key, member.value()));
}

Message schema(const json::Value& facts);

// NamedSchema list, in Properties (field 1) and Definitions (field 1).
Message named_schemas(const json::Object& schemas) {
  Message out;
  for (const auto& entry : schemas) {
    Message named;
    named.text(1, entry.key());
    named.message(2, schema(entry.value()));
    out.message(1, named);
  }
  return out;
}

Message schema(const json::Value& facts) {
  Message out;
  if (!facts.is_object()) return out;
  out.text(1, json::string_at(facts, {"$ref"}));
  out.text(2, json::string_at(facts, {"format"}));
  out.text(4, json::string_at(facts, {"description"}));
  if (const json::Array* required = json::array_at(facts, {"required"}))
    for (const json::Value& name : *required) out.text(19, json::view(name.as_string()));
  if (const json::Value* values = json::find(facts, "additionalProperties"); values && values->is_object()) {
    Message item;
    item.message(1, schema(*values));
    out.message(21, item);
  }
  if (std::string_view type = json::string_at(facts, {"type"}); !type.empty()) {
    Message item;
    item.text(1, type);
    out.message(22, item);
  }
  if (const json::Value* items = json::find(facts, "items")) {
    Message item;
    item.message(1, schema(*items));
    out.message(23, item);
  }
  if (const json::Object* properties = json::object_at(facts, {"properties"}))
    out.message(25, named_schemas(*properties));
  add_extensions(out, 31, facts);
  return out;
}

// What clients look for in an operation: that it takes dryRun and fieldValidation.
void add_query_parameter(Message& operation, std::string_view name) {
  Message query, non_body, parameter, item;
  query.text(2, "query");
  query.text(4, name);
  query.text(6, "string");
  non_body.message(3, query);
  parameter.message(2, non_body);
  item.message(1, parameter);
  operation.message(8, item);
}

Message path_item(const json::Value& methods) {
  struct Method {
    std::string_view name;
    unsigned field;
    bool writes;
  };
  constexpr Method known[] = {
      {"get", 2, false}, {"put", 3, true}, {"post", 4, true}, {"delete", 5, true}, {"patch", 8, true}};
  Message item;
  for (const Method& method : known) {
    const json::Value* facts = json::find(methods, method.name);
    if (!facts) continue;
    Message operation;
    operation.text(5, json::string_at(*facts, {"operationId"}));
    if (method.writes)
      for (std::string_view name : {"dryRun", "fieldManager", "fieldValidation"}) add_query_parameter(operation, name);
    operation.message(9, Message());  // responses
    add_extensions(operation, 13, *facts);
    item.message(method.field, operation);
  }
  return item;
}

}  // namespace

std::string openapi_v2_protobuf(const json::Value& document) {
  Message out, info;
  out.text(1, "2.0");
  info.text(1, json::string_at(document, {"info", "title"}));
  info.text(2, json::string_at(document, {"info", "version"}));
  out.message(2, info);
  if (const json::Object* paths = json::object_at(document, {"paths"})) {
    Message all;
    for (const auto& path : *paths) {
      Message named;
      named.text(1, path.key());
      named.message(2, path_item(path.value()));
      all.message(2, named);
    }
    out.message(8, all);
  }
  if (const json::Object* definitions = json::object_at(document, {"definitions"}))
    out.message(9, named_schemas(*definitions));
  return out.bytes();
}

}  // namespace gatepost::apiserver
