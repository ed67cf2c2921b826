#include "kube/protobuf/decode.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <span>

#include "base/base64.h"
#include "base/time.h"
#include "json/parse.h"
#include "kube/protobuf/wire.h"
#include "kube/schema/types.h"

namespace gatepost::kube::protobuf {
namespace {

constexpr std::string_view magic("k8s\0", 4);
constexpr int max_depth = 100;

// Types that OpenAPI has no structure for and Go gives a message of their own.
enum class Opaque { none, raw_json, json_schema_or_list, json_schema_or_bool, json_schema_or_texts };

struct OpaqueType {
  std::string_view go_name;
  Opaque opaque;
};
constexpr OpaqueType opaque_types[] = {
    {"RawExtension", Opaque::raw_json},
    {"FieldsV1", Opaque::raw_json},
    {"JSON", Opaque::raw_json},
    {"JSONSchemaPropsOrArray", Opaque::json_schema_or_list},
    {"JSONSchemaPropsOrBool", Opaque::json_schema_or_bool},
    {"JSONSchemaPropsOrStringArray", Opaque::json_schema_or_texts},
};
constexpr std::string_view json_schema_definition =
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";

Opaque opaque_of(const Schema& schema) {
  for (const OpaqueType& row : opaque_types)
    if (schema.go_name == row.go_name) return row.opaque;
  return Opaque::none;
}

// Named lists that are a message with one repeated field (ExtraValue of the authentication and authorization groups).
bool is_wrapped_list(const Schema& schema) {
  return schema.type == SchemaType::list && schema.go_name == "ExtraValue";
}

bool is_zero(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::string:
      return value.get_string().empty();
    case json::Kind::bool_:
      return !value.get_bool();
    case json::Kind::int64:
      return value.get_int64() == 0;
    case json::Kind::double_:
      return value.get_double() == 0;
    case json::Kind::null:
      return true;
    default:
      return false;
  }
}

class Decoder {
 public:
  explicit Decoder(json::Storage arena) : arena_(std::move(arena)) {}

  Result<json::Value> structure(std::string_view message, const Schema& schema) {
    json::Object object(arena_);
    if (auto read = fields(message, schema, {}, object); !read) return fail_with(std::move(read.error()));
    return json::Value(std::move(object));
  }

 private:
  // `prefix`: numbers of the embedded messages that `message` stands in; their fields are the structure's own in JSON.
  Result<void> fields(std::string_view message, const Schema& schema, std::vector<std::uint32_t> prefix,
                      json::Object& into) {
    Deeper deeper(*this);
    if (depth_ > max_depth) return fail("proto: message nested too deeply");
    WireReader reader(message);
    prefix.push_back(0);
    for (;;) {
      auto next = reader.next();
      if (!next) return fail_with(std::move(next.error()));
      if (!*next) return {};
      prefix.back() = (**next).number;
      if (auto read = field(**next, schema, prefix, into); !read) return read;
    }
  }

  Result<void> field(const WireField& wire, const Schema& schema, const std::vector<std::uint32_t>& numbers,
                     json::Object& into) {
    auto leads_to = [&](const Field& candidate) {
      return candidate.numbers.size() >= numbers.size() &&
             std::equal(numbers.begin(), numbers.end(), candidate.numbers.begin());
    };
    auto found = std::find_if(schema.fields.begin(), schema.fields.end(), leads_to);
    if (found == schema.fields.end()) return {};
    if (found->numbers.size() > numbers.size()) return fields(wire.bytes, schema, numbers, into);
    const Schema& type = *found->schema;
    if (type.type == SchemaType::map) return map_entry(wire.bytes, *type.items, member(into, found->name));
    if (type.type == SchemaType::list && !is_wrapped_list(type))
      return element(wire, *type.items, member(into, found->name));
    auto decoded = value(wire, type);
    if (!decoded) return fail_with(std::move(decoded.error()));
    bool left_out = found->pointer ? decoded->is_null() : (found->omit_empty && is_zero(*decoded));
    if (!left_out) into.insert_or_assign(found->name, std::move(*decoded));
    return {};
  }

  json::Value& member(json::Object& object, std::string_view name) {
    return object.emplace(name, json::Value(arena_)).first->value();
  }

  Result<void> element(const WireField& wire, const Schema& items, json::Value& list) {
    if (!list.is_array()) list.emplace_array();
    bool is_number =
        items.type == SchemaType::int32 || items.type == SchemaType::int64 || items.type == SchemaType::boolean;
    if (wire.type == WireType::bytes && is_number) {  // packed
      WireReader reader(wire.bytes);
      while (!reader.at_end()) {
        auto number = reader.varint();
        if (!number) return fail_with(std::move(number.error()));
        list.get_array().push_back(scalar(*number, items));
      }
      return {};
    }
    auto decoded = value(wire, items);
    if (!decoded) return fail_with(std::move(decoded.error()));
    list.get_array().push_back(std::move(*decoded));
    return {};
  }

  Result<void> map_entry(std::string_view entry, const Schema& items, json::Value& map) {
    if (!map.is_object()) map.emplace_object();
    std::string_view key = "";
    WireField content{2, WireType::bytes, 0, ""};
    WireReader reader(entry);
    for (;;) {
      auto next = reader.next();
      if (!next) return fail_with(std::move(next.error()));
      if (!*next) break;
      if ((**next).number == 1) key = (**next).bytes;
      if ((**next).number == 2) content = **next;
    }
    auto decoded = value(content, items);
    if (!decoded) return fail_with(std::move(decoded.error()));
    map.get_object().insert_or_assign(key, std::move(*decoded));
    return {};
  }

  json::Value scalar(std::uint64_t number, const Schema& schema) {
    if (schema.type == SchemaType::boolean) return json::Value(number != 0, arena_);
    if (schema.type == SchemaType::int32)
      return json::Value(std::int64_t{static_cast<std::int32_t>(static_cast<std::uint32_t>(number))}, arena_);
    return json::Value(static_cast<std::int64_t>(number), arena_);
  }

  json::Value text(std::string_view bytes) { return json::Value(bytes, arena_); }

  Result<json::Value> value(const WireField& wire, const Schema& schema) {
    switch (schema.type) {
      case SchemaType::structure:
        return structure(wire.bytes, schema);
      case SchemaType::text:
        return text(wire.bytes);
      case SchemaType::bytes:
        return text(base64::encode(wire.bytes));
      case SchemaType::boolean:
      case SchemaType::int32:
      case SchemaType::int64:
        return scalar(wire.number_value, schema);
      case SchemaType::number:
        return json::Value(std::bit_cast<double>(wire.number_value), arena_);
      case SchemaType::quantity:
        return quantity(wire.bytes);
      case SchemaType::time:
      case SchemaType::micro_time:
        return time(wire.bytes, schema.type);
      case SchemaType::int_or_string:
        return int_or_string(wire.bytes);
      case SchemaType::list:
        return wrapped_list(wire.bytes, *schema.items);
      case SchemaType::map:
        break;  // no map stands in a list or a map
      case SchemaType::any:
        return opaque(wire.bytes, opaque_of(schema));
    }
    return json::Value(arena_);
  }

  // A message's fields by number, for the messages that are not structures in JSON. The last one of a number counts.
  Result<void> read(std::string_view message, std::span<WireField> by_number) {
    WireReader reader(message);
    for (;;) {
      auto next = reader.next();
      if (!next) return fail_with(std::move(next.error()));
      if (!*next) return {};
      if ((**next).number < by_number.size()) by_number[(**next).number] = **next;
    }
  }

  Result<json::Value> quantity(std::string_view message) {  // {string = 1}
    WireField fields[2];
    if (auto done = read(message, fields); !done) return fail_with(std::move(done.error()));
    return text(fields[1].bytes.empty() ? "0" : fields[1].bytes);
  }

  Result<json::Value> time(std::string_view message, SchemaType type) {  // {seconds = 1, nanos = 2}
    if (message.empty()) return json::Value(arena_);
    WireField fields[3];
    if (auto done = read(message, fields); !done) return fail_with(std::move(done.error()));
    // Years 1 to 9999, the ones RFC 3339 can write.
    auto seconds = std::clamp(static_cast<std::int64_t>(fields[1].number_value), std::int64_t{-62135596800},
                              std::int64_t{253402300799});
    auto nanos = static_cast<std::int32_t>(static_cast<std::uint32_t>(fields[2].number_value));
    auto micros = std::chrono::microseconds(std::clamp(nanos, 0, 999'999'999) / 1000);
    WallTime when(std::chrono::duration_cast<WallTime::duration>(std::chrono::seconds(seconds) + micros));
    return text(type == SchemaType::time ? rfc3339(when) : rfc3339_micro(when));
  }

  Result<json::Value> int_or_string(std::string_view message) {  // {type = 1, intVal = 2, strVal = 3}
    WireField fields[4];
    if (auto done = read(message, fields); !done) return fail_with(std::move(done.error()));
    if (fields[1].number_value == 1) return text(fields[3].bytes);
    return json::Value(std::int64_t{static_cast<std::int32_t>(static_cast<std::uint32_t>(fields[2].number_value))},
                       arena_);
  }

  Result<json::Value> wrapped_list(std::string_view message, const Schema& items) {  // {repeated items = 1}
    json::Value list(boost::json::array_kind, arena_);
    WireReader reader(message);
    for (;;) {
      auto next = reader.next();
      if (!next) return fail_with(std::move(next.error()));
      if (!*next) return list;
      if ((**next).number != 1) continue;
      if (auto read = element(**next, items, list); !read) return fail_with(std::move(read.error()));
    }
  }

  Result<json::Value> opaque(std::string_view message, Opaque type) {
    Deeper deeper(*this);
    if (depth_ > max_depth) return fail("proto: message nested too deeply");
    WireField fields[3];
    if (auto done = read(message, fields); !done) return fail_with(std::move(done.error()));
    switch (type) {
      case Opaque::raw_json:  // {raw = 1}
        if (fields[1].bytes.empty()) return json::Value(arena_);
        return json::parse(fields[1].bytes, arena_);
      case Opaque::json_schema_or_bool:  // {allows = 1, schema = 2}
        if (fields[2].bytes.empty()) return json::Value(fields[1].number_value != 0, arena_);
        return structure(fields[2].bytes, json_schema());
      case Opaque::json_schema_or_list:   // {schema = 1, repeated jSONSchemas = 2}
      case Opaque::json_schema_or_texts:  // {schema = 1, repeated property = 2}
        return schema_or_list(message, type == Opaque::json_schema_or_list);
      case Opaque::none:
        break;
    }
    return json::Value(arena_);
  }

  Result<json::Value> schema_or_list(std::string_view message, bool of_schemas) {
    json::Value list(boost::json::array_kind, arena_);
    WireReader reader(message);
    for (;;) {
      auto next = reader.next();
      if (!next) return fail_with(std::move(next.error()));
      if (!*next) return list;
      const WireField& wire = **next;
      if (wire.number == 1) return structure(wire.bytes, json_schema());
      if (wire.number != 2) continue;
      auto item = of_schemas ? structure(wire.bytes, json_schema()) : Result<json::Value>(text(wire.bytes));
      if (!item) return item;
      list.get_array().push_back(std::move(*item));
    }
  }

  static const Schema& json_schema() { return *schema_definition(json_schema_definition); }

  struct Deeper {
    explicit Deeper(Decoder& decoder) : decoder_(decoder) { ++decoder_.depth_; }
    ~Deeper() { --decoder_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    Decoder& decoder_;
  };

  json::Storage arena_;
  int depth_ = 0;
};

}  // namespace

Result<Envelope> open_envelope(std::string_view body) {
  if (body.empty()) return fail("empty data");
  if (!body.starts_with(magic))
    return fail("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  Envelope envelope;
  WireReader reader(body.substr(magic.size()));
  for (;;) {
    auto next = reader.next();
    if (!next) return fail_with(std::move(next.error()));
    if (!*next) return envelope;
    const WireField& field = **next;
    if (field.number == 2) envelope.raw = field.bytes;
    if (field.number != 1) continue;
    WireReader type(field.bytes);
    for (;;) {
      auto part = type.next();
      if (!part) return fail_with(std::move(part.error()));
      if (!*part) break;
      if ((**part).number == 1) envelope.api_version = (**part).bytes;
      if ((**part).number == 2) envelope.kind = (**part).bytes;
    }
  }
}

Result<json::Value> decode(std::string_view message, const GroupVersionKind& kind, const json::Storage& arena) {
  const Schema* schema = schema_of(kind);
  if (!schema) return fail("no protobuf message is known of " + kind.kind);
  return Decoder(arena).structure(message, *schema);
}

}  // namespace gatepost::kube::protobuf
