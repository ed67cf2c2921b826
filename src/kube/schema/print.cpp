#include "kube/schema/print.h"

#include <algorithm>
#include <vector>

#include "json/output.h"

namespace gatepost::kube {
namespace {

using Member = json::Object::value_type;

class Printer {
 public:
  Printer(std::string& out, PrintForm form) : out_(out), form_(form) {}

  void value(const json::Value& value, const Schema& schema) {
    switch (schema.type) {
      case SchemaType::structure:
        return structure(value, schema);
      case SchemaType::map:
        return value.is_object() ? map(value.get_object(), *schema.items) : json::write(value, out_);
      case SchemaType::list:
        return value.is_array() ? list(value.get_array(), *schema.items) : json::write(value, out_);
      case SchemaType::any:
        return alternative(value, schema);
      default:
        return json::write(value, out_);
    }
  }

  // As Go prints generic values.
  void sorted(const json::Value& value) {
    if (value.is_object()) {
      members(value.get_object(), [&](const json::Value& member) { sorted(member); });
    } else if (value.is_array()) {
      items(value.get_array(), [&](const json::Value& item) { sorted(item); });
    } else {
      json::write(value, out_);
    }
  }

 private:
  struct Placed {
    std::size_t position;
    const Field* field;
    const json::Value* value;
  };

  void structure(const json::Value& whole, const Schema& schema) {
    if (!whole.is_object()) return json::write(whole, out_);
    const json::Object& object = whole.get_object();
    if (object.size() > schema.fields.size()) return json::write(whole, out_);  // was not decoded
    Placed placed[most_fields];
    std::size_t count = 0;
    for (const Member& member : object) {
      const Field* field = schema.field(member.key());
      if (!field) return json::write(whole, out_);  // was not decoded
      std::size_t at = count++;
      for (; at > 0 && placed[at - 1].position > field->position; --at) placed[at] = placed[at - 1];
      placed[at] = {field->position, field, &member.value()};
    }
    char before = '{';
    for (std::size_t i = 0; i < count; ++i) {
      const Field& field = *placed[i].field;
      out_.byte(before);
      before = ',';
      out_.byte('"');
      out_.bytes(field.name);
      out_.bytes("\":");
      if (vanishes(field, *placed[i].value))
        out_.bytes("null");
      else
        value(*placed[i].value, *field.schema);
    }
    out_.bytes(count == 0 ? "{}" : "}");
  }

  // Whether the field has a list or map that protobuf would not tell from none.
  bool vanishes(const Field& field, const json::Value& value) const {
    if (form_ != PrintForm::stored || field.unset != Unset::null) return false;
    if (field.schema->type != SchemaType::list && field.schema->type != SchemaType::map) return false;
    return value.is_array() ? value.get_array().empty() : value.is_object() && value.get_object().empty();
  }

  void map(const json::Object& object, const Schema& item) {
    // Protobuf knows no missing value.
    std::string_view missing = "null";
    if (form_ == PrintForm::stored && item.type == SchemaType::bytes) missing = "\"\"";
    if (form_ == PrintForm::stored && item.type == SchemaType::list) missing = "[]";
    members(object, [&](const json::Value& member) {
      if (member.is_null())
        out_.bytes(missing);
      else
        value(member, item);
    });
  }

  void list(const json::Array& array, const Schema& item) {
    items(array, [&](const json::Value& element) { value(element, item); });
  }

  void alternative(const json::Value& value, const Schema& schema) {
    if (schema.form == AnyForm::raw || !schema.items) return json::write(value, out_);
    if (value.is_object() && schema.form != AnyForm::json) return structure(value, *schema.items);
    if (value.is_array() && schema.form == AnyForm::schema_or_list) return list(value.get_array(), *schema.items);
    json::write(value, out_);
  }

  template <class Print>
  void members(const json::Object& object, Print print) {
    auto put = [&, before = '{'](const Member& member) mutable {
      out_.byte(before);
      before = ',';
      out_.text(member.key());
      out_.byte(':');
      print(member.value());
    };
    if (object.empty()) return out_.bytes("{}");
    if (std::is_sorted(object.begin(), object.end(), [](auto& a, auto& b) { return a.key() < b.key(); })) {
      for (const Member& member : object) put(member);
    } else {
      std::vector<const Member*> order;
      order.reserve(object.size());
      for (const Member& member : object) order.push_back(&member);
      std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->key() < b->key(); });
      for (const Member* member : order) put(*member);
    }
    out_.byte('}');
  }

  template <class Print>
  void items(const json::Array& array, Print print) {
    if (array.empty()) return out_.bytes("[]");
    char before = '[';
    for (const json::Value& item : array) {
      out_.byte(before);
      before = ',';
      print(item);
    }
    out_.byte(']');
  }

  json::Output out_;
  PrintForm form_;
};

}  // namespace

void print(const json::Value& object, PrintForm form, std::string& out) {
  // These two are stored as JSON.
  std::string_view api_version = json::string_at(object, {"apiVersion"});
  if (api_version.starts_with("apiextensions.k8s.io/") || api_version.starts_with("apiregistration.k8s.io/"))
    form = PrintForm::decoded;
  print(object, schema_of(object), form, out);
}

void print(const json::Value& value, const Schema* schema, PrintForm form, std::string& out) {
  Printer printer(out, form);
  if (schema)
    printer.value(value, *schema);
  else
    printer.sorted(value);
}

}  // namespace gatepost::kube
