#include <bitset>
#include <unordered_set>

#include "json/cursor.h"
#include "json/parse.h"
#include "kube/schema/decode_value.h"

namespace gatepost::kube {
namespace {

using Frame = DecodeFrame;

class Reader {
 public:
  Reader(json::Storage arena, StrictComplaints& complaints) : arena_(std::move(arena)), complaints_(complaints) {}

  // Reads the next value into `target`, which holds what an earlier key left, or null.
  void value(json::Cursor& cursor, const Schema& schema, json::Value& target, const Frame* frame) {
    char kind = cursor.peek();
    if (schema.type == SchemaType::structure && kind == '{') return structure(cursor, schema, target, frame);
    if (schema.type == SchemaType::map && kind == '{') return map(cursor, schema, target, frame);
    if (schema.type == SchemaType::list && kind == '[') return list(cursor, schema, target, frame);
    std::string_view text = cursor.value();
    auto read = json::parse(text, arena_);
    if (!read) return;
    target = std::move(*read);
    if (schema.type == SchemaType::quantity && target.is_number()) target = text;  // 1e3 is not 1000
    json::Value tried(target, arena_);                                             // for its error alone
    if (!tried.is_null()) decoder_.decode_part(tried, schema, frame, text);
  }

  std::optional<std::string> error() const { return decoder_.error(); }

 private:
  // Its values into those that are there; null changes only what can be nil.
  void structure(json::Cursor& cursor, const Schema& schema, json::Value& target, const Frame* frame) {
    json::Object& object = target.is_object() ? target.get_object() : target.emplace_object();
    std::bitset<most_fields> seen;
    for (cursor.open(); !decoder_.ended() && cursor.more();) {
      std::string own;
      std::string_view key = cursor.key(own);
      const Field* field = schema.field(key);
      if (!field) {
        complaints_.unknown(frame, key);
        cursor.value();
        continue;
      }
      bool again = seen[field->position];
      if (again) complaints_.duplicate(frame, key);
      seen[field->position] = true;
      bool nothing = cursor.peek() == 'n' && again && !null_counts(*field);
      if (nothing) {
        cursor.value();
        continue;
      }
      Frame inner = Frame::of_field(frame, schema, *field);
      // Members do not move while a value is read: it is of another object.
      value(cursor, *field->schema, object[key], &inner);
    }
  }

  // What becomes nil, or has an UnmarshalJSON that makes zero of null.
  static bool null_counts(const Field& field) {
    switch (field.schema->type) {
      case SchemaType::list:
      case SchemaType::map:
      case SchemaType::bytes:
      case SchemaType::time:
      case SchemaType::micro_time:
      case SchemaType::quantity:
      case SchemaType::int_or_string:
        return true;
      default:
        return field.pointer;
    }
  }

  void map(json::Cursor& cursor, const Schema& schema, json::Value& target, const Frame* frame) {
    json::Object& object = target.is_object() ? target.get_object() : target.emplace_object();
    std::unordered_set<std::string> seen;
    for (cursor.open(); !decoder_.ended() && cursor.more();) {
      std::string own;
      std::string key(cursor.key(own));
      if (!seen.insert(key).second) complaints_.duplicate(frame, key);
      Frame inner = Frame::of_key(frame, key);
      json::Value fresh(nullptr, arena_);
      value(cursor, *schema.items, fresh, &inner);
      object[key] = std::move(fresh);
    }
  }

  void list(json::Cursor& cursor, const Schema& schema, json::Value& target, const Frame* frame) {
    json::Array& array = target.is_array() ? target.get_array() : target.emplace_array();
    std::size_t count = 0;
    for (cursor.open(); !decoder_.ended() && cursor.more(); ++count) {
      if (count == array.size()) array.emplace_back(nullptr);
      Frame inner = Frame::of_item(frame, count);
      value(cursor, *schema.items, array[count], &inner);
    }
    array.resize(count);
  }

  json::Storage arena_;
  StrictComplaints& complaints_;
  Decoder decoder_{{}, nullptr};  // of the leaves, as they come
};

}  // namespace

MergedObject read_duplicates(std::string_view text, const Schema& schema, json::Storage arena,
                             StrictComplaints& complaints) {
  MergedObject merged{json::Value(nullptr, arena), {}};
  json::Cursor cursor(text);
  Reader reader(arena, complaints);
  reader.value(cursor, schema, merged.object, nullptr);
  merged.error = reader.error();
  return merged;
}

}  // namespace gatepost::kube
