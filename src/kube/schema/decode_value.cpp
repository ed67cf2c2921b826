#include "kube/schema/decode_value.h"

#include <algorithm>
#include <bit>

namespace gatepost::kube {
namespace {

using Frame = DecodeFrame;

// What omitempty leaves out.
bool is_empty(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::string:
      return value.get_string().empty();
    case json::Kind::bool_:
      return !value.get_bool();
    case json::Kind::int64:
      return value.get_int64() == 0;
    case json::Kind::double_:
      return value.get_double() == 0;
    case json::Kind::array:
      return value.get_array().empty();
    case json::Kind::object:
      return value.get_object().empty();
    case json::Kind::null:
      return true;
    default:
      return false;
  }
}

bool may_be_empty(SchemaType type) {
  switch (type) {
    case SchemaType::text:
    case SchemaType::bytes:
    case SchemaType::int32:
    case SchemaType::int64:
    case SchemaType::number:
    case SchemaType::boolean:
    case SchemaType::list:
    case SchemaType::map:
      return true;
    default:
      return false;  // structs in Go
  }
}

void sort_keys(json::Value& value) {
  if (value.is_array())
    for (json::Value& item : value.get_array()) sort_keys(item);
  if (!value.is_object()) return;
  json::Object& object = value.get_object();
  for (auto& member : object) sort_keys(member.value());
  auto by_key = [](const auto& a, const auto& b) { return a.key() < b.key(); };
  if (std::is_sorted(object.begin(), object.end(), by_key)) return;
  std::vector<json::Object::value_type*> members;
  for (auto& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->key() < b->key(); });
  json::Object sorted(object.storage());
  sorted.reserve(object.size());
  for (auto* member : members) sorted.emplace(member->key(), std::move(member->value()));
  object = std::move(sorted);
}

// Members of an object by their index, in order. Each is a field of its own, so there are not more than a struct has.
struct Kept {
  std::size_t indices[most_fields];
  std::size_t count = 0;
};

void keep_only(json::Object& object, const Kept& kept) {
  const std::size_t drops = object.size() - kept.count;
  if (drops == 0) return;
  constexpr std::size_t few = 4;  // erasing moves what is behind
  if (drops <= few) {
    std::size_t left = kept.count;
    for (std::size_t i = object.size(); i-- > 0;) {
      if (left > 0 && kept.indices[left - 1] == i)
        --left;
      else
        object.stable_erase(object.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return;
  }
  json::Object rest(object.storage());
  rest.reserve(kept.count);
  for (std::size_t i = 0; i < kept.count; ++i) {
    auto& member = *(object.begin() + static_cast<std::ptrdiff_t>(kept.indices[i]));
    rest.emplace(member.key(), std::move(member.value()));
  }
  object = std::move(rest);
}

// The fields at these positions with what Go prints of them unset.
void add_unset(json::Object& object, const Schema& schema, std::uint64_t positions) {
  for (; positions != 0; positions &= positions - 1) {
    const Field& field = schema.fields[schema.by_position[static_cast<std::size_t>(std::countr_zero(positions))]];
    auto [member, added] = object.emplace(field.name, nullptr);
    if (field.unset == Unset::zero) set_zero(member->value(), *field.schema);
  }
}

}  // namespace

bool Decoder::decode_part(json::Value& value, const Schema& schema, const Frame* frame, std::string_view text) {
  text_ = text;
  text_frame_ = frame;
  return decode(value, schema, frame);
}

bool Decoder::structure(json::Value& value, const Schema& schema, const Frame* frame) {
  if (!value.is_object()) return mismatch(value, schema, frame);
  json::Object& object = value.get_object();
  std::uint64_t printed = 0;
  Kept kept;
  for (std::size_t i = 0; i < object.size(); ++i) {
    auto& member = *(object.begin() + static_cast<std::ptrdiff_t>(i));
    const Field* known = schema.field(member.key());
    if (!known) {
      if (complaints_) complaints_->unknown(frame, member.key());
      continue;
    }
    Frame inner = Frame::of_field(frame, schema, *known);
    bool keep = false;
    if (!field(member.value(), *known, &inner, keep)) return false;
    if (!keep) continue;
    printed |= std::uint64_t{1} << known->position;
    kept.indices[kept.count++] = i;
  }
  keep_only(object, kept);
  add_unset(object, schema, schema.always & ~printed);
  return true;
}

bool Decoder::field(json::Value& value, const Field& to, const Frame* frame, bool& keep) {
  if (value.is_null()) {
    keep = to.unset != Unset::left_out;
    if (to.unset == Unset::zero) set_zero(value, *to.schema);
    return true;
  }
  if (!decode(value, *to.schema, frame)) return false;
  bool left_out =
      (to.omit_empty && may_be_empty(to.schema->type) && is_empty(value)) || (to.omit_zero && value.is_null());
  keep = to.pointer || !left_out;
  return true;
}

bool Decoder::decode(json::Value& value, const Schema& schema, const Frame* frame) {
  switch (schema.type) {
    case SchemaType::any:
      return any(value, schema, frame);
    case SchemaType::structure:
      return structure(value, schema, frame);
    case SchemaType::map:
      return map(value, schema, frame);
    case SchemaType::list:
      return list(value, schema, frame);
    case SchemaType::text:
      return value.is_string() || mismatch(value, schema, frame);
    case SchemaType::boolean:
      return value.is_bool() || mismatch(value, schema, frame);
    case SchemaType::int32:
      return integer(value, schema, frame, INT32_MIN, INT32_MAX);
    case SchemaType::int64:
      return integer(value, schema, frame, INT64_MIN, INT64_MAX);
    case SchemaType::number:
      return value.is_number() || mismatch(value, schema, frame);
    case SchemaType::bytes:
      return bytes(value, schema, frame);
    case SchemaType::quantity:
      return quantity(value, frame);
    case SchemaType::int_or_string:
      return int_or_string(value, frame);
    case SchemaType::time:
      return time(value, formats::TimeLayout::seconds, frame);
    case SchemaType::micro_time:
      return time(value, formats::TimeLayout::micro, frame);
  }
  return true;
}

bool Decoder::map(json::Value& value, const Schema& schema, const Frame* frame) {
  if (!value.is_object()) return mismatch(value, schema, frame);
  for (auto& member : value.get_object()) {
    Frame inner = Frame::of_key(frame, member.key());
    if (!element(member.value(), *schema.items, &inner)) return false;
  }
  return true;
}

bool Decoder::list(json::Value& value, const Schema& schema, const Frame* frame) {
  if (!value.is_array()) return mismatch(value, schema, frame);
  Frame inner = Frame::of_item(frame, 0);
  for (json::Value& item : value.get_array()) {
    if (!element(item, *schema.items, &inner)) return false;
    ++inner.index;
  }
  return true;
}

bool Decoder::element(json::Value& value, const Schema& schema, const Frame* frame) {
  if (!value.is_null()) return decode(value, schema, frame);
  set_zero(value, schema);
  return true;
}

bool Decoder::any(json::Value& value, const Schema& schema, const Frame* frame) {
  switch (schema.form) {
    case AnyForm::raw:
      return true;
    case AnyForm::json:
      sort_keys(value);
      return true;
    case AnyForm::schema_or_bool:
      if (value.is_bool()) return true;
      return value.is_object() ? alternative(value, *schema.items, frame) : end("boolean or JSON schema expected");
    case AnyForm::schema_or_list:
    case AnyForm::schema_or_texts:
      break;
  }
  if (value.is_object()) return alternative(value, *schema.items, frame);
  if (value.is_array() && !value.get_array().empty()) {
    static const Schema texts_item = [] {
      Schema text;
      text.type = SchemaType::text;
      return text;
    }();
    Schema list_of;
    list_of.type = SchemaType::list;
    list_of.items = schema.form == AnyForm::schema_or_list ? schema.items : &texts_item;
    return alternative(value, list_of, frame);
  }
  value = nullptr;  // what is neither is not looked at
  return true;
}

// An UnmarshalJSON that decodes on its own: nobody hears of unknown fields, and its first error ends all.
bool Decoder::alternative(json::Value& value, const Schema& schema, const Frame* frame) {
  Decoder inner(text_, nullptr);
  inner.text_frame_ = text_frame_;
  inner.boundary_ = boundary_ ? boundary_ : frame;
  inner.decode(value, schema, frame);
  return inner.error() ? end(*inner.error()) : true;
}

void set_zero(json::Value& value, const Schema& schema) {
  switch (schema.type) {
    case SchemaType::text:
      value.emplace_string();
      break;
    case SchemaType::structure:
      add_unset(value.emplace_object(), schema, schema.always);
      break;
    case SchemaType::int32:
    case SchemaType::int64:
    case SchemaType::number:
    case SchemaType::int_or_string:
      value = std::int64_t{0};
      break;
    case SchemaType::boolean:
      value = false;
      break;
    case SchemaType::quantity:
      value = "0";
      break;
    case SchemaType::any:
    case SchemaType::map:
    case SchemaType::list:
    case SchemaType::bytes:
    case SchemaType::time:
    case SchemaType::micro_time:
      value = nullptr;
      break;
  }
}

}  // namespace gatepost::kube
