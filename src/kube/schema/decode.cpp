#include <cmath>

#include "base/base64.h"
#include "formats/quantity.h"
#include "json/write.h"
#include "kube/schema/object.h"
#include "kube/schema/types.h"

namespace gatepost::kube {
namespace {

// What the JSON is, in the words of Go's decoder.
std::string json_word(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::string:
      return "string";
    case json::Kind::bool_:
      return "bool";
    case json::Kind::object:
      return "object";
    case json::Kind::array:
      return "array";
    case json::Kind::null:
      return "null";
    default:
      return "number";
  }
}

class Decoder {
 public:
  Decoder(FieldValidation validation, std::vector<std::string>& unknown) : validation_(validation), unknown_(unknown) {}

  // Decodes in place. False when `error_` was set.
  bool structure(json::Value& value, const Schema& schema) {
    if (!value.is_object()) return mismatch(value, schema);
    const Schema* outer = struct_;
    json::Object& object = value.get_object();
    for (std::size_t i = 0; i < object.size();) {
      auto member = object.begin() + static_cast<std::ptrdiff_t>(i);
      std::string_view name = member->key();
      const Field* field = schema.field(name);
      if (!field) {
        note_unknown(name);
        object.stable_erase(member);
        continue;
      }
      if (member->value().is_null()) {
        object.stable_erase(member);
        continue;
      }
      struct_ = &schema;
      std::size_t go_length = go_path_.size(), json_length = path_.size();
      go_path_.append(".").append(name);
      path_.append(path_.empty() ? "" : ".").append(name);
      bool decoded = any_value(member->value(), *field->schema);
      go_path_.resize(go_length);
      path_.resize(json_length);
      if (!decoded) return false;
      if (!field->required && empty_collection(member->value(), *field->schema)) {
        object.stable_erase(member);
        continue;
      }
      ++i;
    }
    struct_ = outer;
    return true;
  }

  const std::string& error() const { return error_; }

 private:
  // Empty lists and maps are left out when Go prints an optional field.
  static bool empty_collection(const json::Value& value, const Schema& schema) {
    if (schema.type == SchemaType::list) return value.is_array() && value.get_array().empty();
    if (schema.type == SchemaType::map) return value.is_object() && value.get_object().empty();
    return false;
  }

  void note_unknown(std::string_view name) {
    if (validation_ == FieldValidation::ignore) return;
    unknown_.push_back("unknown field \"" + (path_.empty() ? "" : path_ + ".") + std::string(name) + "\"");
  }

  bool fail_as(std::string text) {
    error_ = std::move(text);
    return false;
  }

  bool mismatch_word(const std::string& word, const std::string& go_type) {
    std::string where = struct_ ? "Go struct field " + struct_->go_name + go_path_ : "Go value";
    return fail_as("json: cannot unmarshal " + word + " into " + where + " of type " + go_type);
  }
  bool mismatch(const json::Value& value, const Schema& schema) {
    return mismatch_word(json_word(value), schema.go_type());
  }

  bool any_value(json::Value& value, const Schema& schema) {
    switch (schema.type) {
      case SchemaType::any:
        return true;
      case SchemaType::structure:
        return structure(value, schema);
      case SchemaType::map:
        return map(value, schema);
      case SchemaType::list:
        return list(value, schema);
      case SchemaType::text:
        return value.is_string() || mismatch(value, schema);
      case SchemaType::boolean:
        return value.is_bool() || mismatch(value, schema);
      case SchemaType::int32:
        return integer(value, schema, INT32_MIN, INT32_MAX);
      case SchemaType::int64:
        return integer(value, schema, INT64_MIN, INT64_MAX);
      case SchemaType::number:
        return value.is_number() || mismatch(value, schema);
      case SchemaType::bytes:
        return bytes(value, schema);
      case SchemaType::quantity:
        return quantity(value);
      case SchemaType::int_or_string:
        return value.is_string() ? true : integer(value, int32_schema(), INT32_MIN, INT32_MAX);
      case SchemaType::time:
      case SchemaType::micro_time:
        return time(value, schema);
    }
    return true;
  }

  static const Schema& int32_schema() {
    static const Schema schema = [] {
      Schema made;
      made.type = SchemaType::int32;
      return made;
    }();
    return schema;
  }

  bool map(json::Value& value, const Schema& schema) {
    if (!value.is_object()) return mismatch(value, schema);
    for (auto& member : value.get_object()) {
      std::size_t length = path_.size();
      path_.append(".").append(member.key());
      if (member.value().is_null()) zero(member.value(), *schema.items);
      bool decoded = any_value(member.value(), *schema.items);
      path_.resize(length);
      if (!decoded) return false;
    }
    return true;
  }

  bool list(json::Value& value, const Schema& schema) {
    if (!value.is_array()) return mismatch(value, schema);
    std::size_t index = 0;
    for (json::Value& item : value.get_array()) {
      std::size_t length = path_.size();
      path_.append("[").append(std::to_string(index++)).append("]");
      if (item.is_null()) zero(item, *schema.items);
      bool decoded = any_value(item, *schema.items);
      path_.resize(length);
      if (!decoded) return false;
    }
    return true;
  }

  // What null is as an element of a list or map: the Go type's zero value.
  static void zero(json::Value& value, const Schema& schema) {
    switch (schema.type) {
      case SchemaType::text:
      case SchemaType::bytes:
        value.emplace_string();
        break;
      case SchemaType::structure:
      case SchemaType::map:
        value.emplace_object();
        break;
      case SchemaType::list:
        value.emplace_array();
        break;
      case SchemaType::int32:
      case SchemaType::int64:
        value = std::int64_t{0};
        break;
      case SchemaType::boolean:
        value = false;
        break;
      case SchemaType::quantity:
        value = "0";
        break;
      default:
        break;
    }
  }

  bool integer(json::Value& value, const Schema& schema, std::int64_t least, std::int64_t most) {
    if (value.is_int64() && value.get_int64() >= least && value.get_int64() <= most) return true;
    if (!value.is_number()) return mismatch(value, schema);
    return mismatch_word("number " + json::write(value), schema.go_type());
  }

  bool bytes(json::Value& value, const Schema& schema) {
    if (!value.is_string()) return mismatch(value, schema);
    auto decoded = base64::decode(json::view(value.get_string()));
    return decoded ? true : fail_as(decoded.error().text);
  }

  bool quantity(json::Value& value) {
    std::string text = value.is_string() ? std::string(json::view(value.get_string())) : json::write(value);
    auto parsed = formats::Quantity::parse(text);
    if (!parsed) return fail_as(parsed.error().text);
    std::string canonical = parsed->canonical();
    if (!value.is_string() || canonical != text) value = canonical;
    return true;
  }

  bool time(json::Value& value, const Schema& schema) {
    if (!value.is_string()) return mismatch(value, schema);
    std::string_view text = json::view(value.get_string());
    bool looks_right = text.size() >= 20 && text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't') &&
                       text[13] == ':' && text[16] == ':';
    if (looks_right || text.empty()) return true;
    return fail_as("parsing time \"" + std::string(text) + "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"" +
                   std::string(text) + "\" as \"2006\"");
  }

  FieldValidation validation_;
  std::vector<std::string>& unknown_;
  const Schema* struct_ = nullptr;
  std::string go_path_;  // ".spec.containers.name", without indices
  std::string path_;     // "spec.containers[0].name"
  std::string error_;
};

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

}  // namespace

ApiResult<DecodeResult> decode(json::Value& object, const GroupVersionKind& kind, FieldValidation validation,
                               const std::vector<std::string>& duplicates) {
  DecodeResult result;
  const Schema* schema = schema_of(kind);
  if (!schema) return result;  // nothing is known of its fields
  std::vector<std::string> complaints;
  Decoder decoder(validation, complaints);
  auto refuse = [&](const std::string& why) {
    return fail_with(bad_request(kind.kind + " in version \"" + kind.version + "\" cannot be handled as a " +
                                 kind.kind + ": " + why));
  };
  if (!decoder.structure(object, *schema)) return refuse(decoder.error());
  std::vector<std::string> all;
  if (validation != FieldValidation::ignore)
    for (const std::string& path : duplicates) all.push_back("duplicate field \"" + path + "\"");
  all.insert(all.end(), complaints.begin(), complaints.end());
  if (validation == FieldValidation::strict && !all.empty()) return refuse("strict decoding error: " + joined(all));
  result.warnings = std::move(all);
  return result;
}

}  // namespace gatepost::kube
