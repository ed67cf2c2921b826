#include "cel/vectors.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/base64.h"
#include "cel/environment.h"
#include "cel/lexer.h"
#include "cel/time_text.h"
#include "json/parse.h"
#include "json/write.h"

namespace gatepost::cel {

namespace {

using Outcome = VectorResult::Outcome;

constexpr std::string_view kTypeUrl = "type.googleapis.com/";
constexpr std::string_view kDuration = "google.protobuf.Duration";
constexpr std::string_view kTimestamp = "google.protobuf.Timestamp";
constexpr std::uint64_t kCostLimit = 10'000'000;

template <class T>
T number(const json::Value& v) {
  if (v.is_int64()) return static_cast<T>(v.get_int64());
  if (v.is_uint64()) return static_cast<T>(v.get_uint64());
  if (v.is_double()) return static_cast<T>(v.get_double());
  if (!v.is_string()) return 0;
  const std::string_view text = json::view(v.get_string());
  if constexpr (std::is_floating_point_v<T>) {
    if (text == "NaN") return std::numeric_limits<T>::quiet_NaN();
    if (text == "Infinity") return std::numeric_limits<T>::infinity();
    if (text == "-Infinity") return -std::numeric_limits<T>::infinity();
  }
  T out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// Reads values and types from the JSON form of the language's own messages. What has no counterpart here makes the
// vector one that is skipped.
class Reader {
 public:
  Reader(Arena& arena, Declarations& declarations) : arena_(arena), declarations_(declarations) {}

  const std::string& missing() const { return missing_; }

  Value value(const json::Value& v) {
    if (!v.is_object() || v.get_object().empty()) return Value::null();
    const auto& entry = *v.get_object().begin();
    const std::string_view kind(entry.key().data(), entry.key().size());
    const json::Value& held = entry.value();
    if (kind == "nullValue") return Value::null();
    if (kind == "boolValue") return Value::of_bool(held.is_bool() && held.get_bool());
    if (kind == "int64Value") return Value::of_int(number<std::int64_t>(held));
    if (kind == "uint64Value") return Value::of_uint(number<std::uint64_t>(held));
    if (kind == "doubleValue") return Value::of_double(number<double>(held));
    if (kind == "stringValue") return Value::of_string(arena_.copy(json::view(held.get_string())));
    if (kind == "bytesValue")
      return Value::of_bytes(arena_.copy(base64::decode(json::view(held.get_string())).value_or("")));
    if (kind == "typeValue") return type_value(json::view(held.get_string()));
    if (kind == "listValue") return list(held);
    if (kind == "mapValue") return map(held);
    if (kind == "objectValue") return object(held);
    return unknown("value of kind " + std::string(kind));
  }

  const Type* type(const json::Value& v) {
    if (!v.is_object() || v.get_object().empty()) return dyn_type();
    const auto& entry = *v.get_object().begin();
    const std::string_view kind(entry.key().data(), entry.key().size());
    const json::Value& held = entry.value();
    TypePool& pool = declarations_.types();
    if (kind == "null") return null_type();
    if (kind == "error") return error_type();
    if (kind == "primitive") return primitive(held);
    if (kind == "wrapper") return pool.nullable(primitive(held));
    if (kind == "wellKnown") {
      const std::string_view name = json::view(held.get_string());
      return name == "DURATION" ? duration_type() : name == "TIMESTAMP" ? timestamp_type() : simple_type(TypeKind::Any);
    }
    if (kind == "listType") return pool.list(type(part(held, "elemType")));
    if (kind == "mapType") return pool.map(type(part(held, "keyType")), type(part(held, "valueType")));
    if (kind == "type") return held.is_object() && held.get_object().empty() ? type_type() : pool.type_of(type(held));
    if (kind == "typeParam") return pool.param(json::view(held.get_string()));
    if (kind == "abstractType") {
      std::vector<const Type*> params;
      if (const json::Array* list = json::array_at(held, {"parameterTypes"}))
        for (const json::Value& param : *list) params.push_back(type(param));
      return pool.opaque(json::string_at(held, {"name"}), std::move(params));
    }
    if (kind == "messageType") return message(json::view(held.get_string()));
    return dyn_type();
  }

  void declare(const json::Value& declaration) {
    const std::string name(json::string_at(declaration, {"name"}));
    if (const json::Value* ident = json::find(declaration, "ident")) {
      declarations_.variable(name, type(part(*ident, "type")));
      return;
    }
    const json::Array* overloads = json::array_at(declaration, {"function", "overloads"});
    if (overloads == nullptr) return;
    for (const json::Value& text : *overloads) {
      Overload overload;
      overload.id = json::string_at(text, {"overloadId"});
      overload.member = json::bool_at(text, {"isInstanceFunction"});
      if (const json::Array* params = json::array_at(text, {"params"}))
        for (const json::Value& param : *params) overload.args.push_back(type(param));
      overload.result = type(part(text, "resultType"));
      for (const Type* arg : overload.args) collect_params(*arg, overload.params);
      collect_params(*overload.result, overload.params);
      declarations_.function(name, std::move(overload));
    }
  }

 private:
  static const json::Value& part(const json::Value& v, std::string_view key) {
    static const json::Value nothing;
    const json::Value* found = json::find(v, key);
    return found != nullptr ? *found : nothing;
  }

  static void collect_params(const Type& type, std::vector<std::string>& out) {
    if (type.kind == TypeKind::Param) out.push_back(type.name);
    for (const Type* inner : type.params) collect_params(*inner, out);
  }

  Value unknown(std::string what) {
    if (missing_.empty()) missing_ = std::move(what);
    return Value::null();
  }

  const Type* primitive(const json::Value& v) {
    const std::string_view name = json::view(v.get_string());
    return name == "BOOL"     ? bool_type()
           : name == "INT64"  ? int_type()
           : name == "UINT64" ? uint_type()
           : name == "DOUBLE" ? double_type()
           : name == "STRING" ? string_type()
                              : bytes_type();
  }

  const Type* message(std::string_view name) {
    if (name == kDuration) return duration_type();
    if (name == kTimestamp) return timestamp_type();
    if (name == "google.protobuf.Value") return dyn_type();
    if (const Type* known = well_known_type(name)) return known;
    unknown("message type " + std::string(name));
    return dyn_type();
  }

  const Type* well_known_type(std::string_view name) { return declarations_.find_well_known(name); }

  Value type_value(std::string_view name) {
    if (const Type* known = declarations_.find_type_name(name)) return Value::of_type(known);
    return Value::of_type(declarations_.types().object(name));
  }

  Value list(const json::Value& v) {
    std::vector<Value> items;
    if (const json::Array* values = json::array_at(v, {"values"}))
      for (const json::Value& item : *values) items.push_back(value(item));
    Value* kept = arena_.array<Value>(items.size());
    std::copy(items.begin(), items.end(), kept);
    return Value::of_list({kept, items.size()});
  }

  Value map(const json::Value& v) {
    const json::Array* entries = json::array_at(v, {"entries"});
    MapBuilder out(arena_, entries != nullptr ? entries->size() : 0);
    if (entries != nullptr)
      for (const json::Value& entry : *entries) out.add(value(part(entry, "key")), value(part(entry, "value")));
    return out.finish();
  }

  // Messages that the language sees as values of its own: times, wrappers and JSON.
  Value object(const json::Value& v) {
    std::string_view name = json::string_at(v, {"@type"});
    if (name.starts_with(kTypeUrl)) name.remove_prefix(kTypeUrl.size());
    const json::Value& held = part(v, "value");
    if (name == kDuration && held.is_string())
      return Value::of_duration(parse_duration(json::view(held.get_string())).value_or(0));
    if (name == kTimestamp && held.is_string())
      return parse_timestamp(json::view(held.get_string())).value_or(Value::null());
    if (name == "google.protobuf.Any") return object(held);
    if (name == "google.protobuf.Int32Value" || name == "google.protobuf.Int64Value")
      return Value::of_int(number<std::int64_t>(held));
    if (name == "google.protobuf.UInt32Value" || name == "google.protobuf.UInt64Value")
      return Value::of_uint(number<std::uint64_t>(held));
    if (name == "google.protobuf.FloatValue" || name == "google.protobuf.DoubleValue")
      return Value::of_double(number<double>(held));
    if (name == "google.protobuf.BytesValue")
      return Value::of_bytes(arena_.copy(base64::decode(json::view(held.get_string())).value_or("")));
    const bool json_like = name == "google.protobuf.BoolValue" || name == "google.protobuf.StringValue" ||
                           name == "google.protobuf.Value" || name == "google.protobuf.Struct" ||
                           name == "google.protobuf.ListValue";
    if (json_like) return json_value(held);
    return unknown("message type " + std::string(name));
  }

  // JSON numbers of these messages are doubles, always.
  Value json_value(const json::Value& v) {
    if (v.is_number()) return Value::of_double(number<double>(v));
    if (v.is_string()) return Value::of_string(arena_.copy(json::view(v.get_string())));
    if (v.is_array()) {
      Value* items = arena_.array<Value>(v.get_array().size());
      std::size_t size = 0;
      for (const json::Value& item : v.get_array()) items[size++] = json_value(item);
      return Value::of_list({items, size});
    }
    if (v.is_object()) {
      MapBuilder out(arena_, v.get_object().size());
      for (const auto& entry : v.get_object())
        out.add(Value::of_string(arena_.copy({entry.key().data(), entry.key().size()})), json_value(entry.value()));
      return out.finish();
    }
    return Value::of_json(v);
  }

  Arena& arena_;
  Declarations& declarations_;
  std::string missing_;
};

// Equal, and of the same types all the way down; NaN is NaN.
bool same(const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  if (a.is(ValueKind::Double)) return a.real == b.real || (std::isnan(a.real) && std::isnan(b.real));
  if (a.is(ValueKind::List)) {
    if (list_size(a) != list_size(b)) return false;
    for (std::size_t i = 0; i < list_size(a); ++i)
      if (!same(list_at(a, i), list_at(b, i))) return false;
    return true;
  }
  if (a.is(ValueKind::Map)) {
    if (map_size(a) != map_size(b)) return false;
    Value other;
    for (std::size_t i = 0; i < map_size(a); ++i)
      if (!map_find(b, map_key(a, i), other) || !same(map_value(a, i), other)) return false;
    return true;
  }
  return equal(a, b);
}

// The first name in the expression that only a protobuf message or enum type can have (they are written with a
// capital), and that is no type here; or an extension field.
std::string foreign_name(std::string_view expression, const Declarations& declarations) {
  Issues ignored;
  const Source source{std::string(expression)};
  const auto tokens = tokenize(source, ignored).tokens;
  const auto text = [&](const TokenText& token) { return source.slice(token.begin, token.end); };
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].type != Token::Identifier) continue;
    const std::string name = text(tokens[i]);
    std::string full = name;
    for (std::size_t j = i; j >= 2 && tokens[j - 1].type == Token::Dot && tokens[j - 2].type == Token::Identifier;
         j -= 2)
      full = text(tokens[j - 2]) + "." + full;
    if (full.starts_with("proto.getExt") || full.starts_with("proto.hasExt")) return full;
    if (name[0] < 'A' || name[0] > 'Z') continue;
    // Functions and fields of lower-case names in front belong to expressions; all-capital names are values.
    const bool mixed = name.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos;
    if (!mixed || declarations.find_type_name(full) != nullptr) continue;
    const bool behind_call = i >= 2 && tokens[i - 1].type == Token::Dot && tokens[i - 2].type != Token::Identifier;
    if (!behind_call) return full;
  }
  return "";
}

class Runner {
 public:
  explicit Runner(const json::Value& vector) : vector_(vector) {}

  VectorResult run() {
    result_.section = json::string_at(vector_, {"section"});
    result_.name = json::string_at(vector_, {"name"});
    const std::string expression(json::string_at(vector_, {"expr"}));
    auto declarations = Environment::complete_declarations();
    declarations->container = json::string_at(vector_, {"container"});
    Reader reader(arena_, *declarations);
    if (const json::Array* declared = json::array_at(vector_, {"typeEnv"}))
      for (const json::Value& declaration : *declared) reader.declare(declaration);
    std::vector<Variable> variables;
    if (const json::Object* bindings = json::object_at(vector_, {"bindings"}))
      for (const auto& binding : *bindings) {
        const std::string_view name(binding.key().data(), binding.key().size());
        const json::Value* value = json::find(binding.value(), "value");
        variables.push_back({name, value != nullptr ? reader.value(*value) : Value::null()});
        if (declarations->find_variable(name) == nullptr) declarations->variable(std::string(name), dyn_type());
      }
    const Value expected = expected_value(reader);
    const Type* expected_type = nullptr;
    if (const json::Value* type = json::find_path(vector_, {"typedResult", "deducedType"}))
      expected_type = reader.type(*type);
    if (!reader.missing().empty()) return finish(Outcome::Skipped, reader.missing());
    if (const std::string name = foreign_name(expression, *declarations); !name.empty())
      return finish(Outcome::Skipped, "needs a protobuf type: " + name);
    return compare(expression, declarations, variables, expected, expected_type);
  }

 private:
  VectorResult finish(Outcome outcome, std::string detail) {
    result_.outcome = outcome;
    result_.detail = std::move(detail);
    return result_;
  }

  Value expected_value(Reader& reader) const {
    if (const json::Value* value = json::find(vector_, "value")) return reader.value(*value);
    if (const json::Value* value = json::find_path(vector_, {"typedResult", "result"})) return reader.value(*value);
    return Value::of_bool(true);
  }

  VectorResult compare(const std::string& expression, const std::shared_ptr<Declarations>& declarations,
                       const std::vector<Variable>& variables, const Value& expected, const Type* expected_type) {
    const bool unchecked = json::bool_at(vector_, {"disableCheck"});
    const bool wants_error = json::find(vector_, "evalError") != nullptr;
    const Environment environment(declarations, {.validate_literals = false, .skip_check = unchecked});
    const auto program = environment.compile(expression);
    if (!program) {
      if (wants_error) return finish(Outcome::Passed, "");
      return finish(Outcome::Failed, program.error().text);
    }
    if (expected_type != nullptr && format_type(program->result_type()) != format_type(*expected_type))
      return finish(Outcome::Failed,
                    "type " + format_type(program->result_type()) + ", expected " + format_type(*expected_type));
    if (json::bool_at(vector_, {"checkOnly"})) return finish(Outcome::Passed, "");
    CostBudget budget{kCostLimit};
    const auto value = program->evaluate({.variables = variables}, arena_, budget);
    if (wants_error)
      return value ? finish(Outcome::Failed, "gave " + debug_text(*value) + ", expected an error")
                   : finish(Outcome::Passed, "");
    if (!value) return finish(Outcome::Failed, "error: " + value.error().text);
    if (!same(*value, expected))
      return finish(Outcome::Failed, "gave " + debug_text(*value) + ", expected " + debug_text(expected));
    return finish(Outcome::Passed, "");
  }

  const json::Value& vector_;
  Arena arena_;
  VectorResult result_;
};

}  // namespace

std::vector<VectorResult> run_vectors(std::string_view lines) {
  std::vector<VectorResult> out;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto vector = json::parse(line, json::make_arena());
    if (!vector || !vector->is_object()) {
      out.push_back({Outcome::Failed, "", "", vector ? "not a JSON object" : vector.error().text});
      continue;
    }
    out.push_back(Runner(*vector).run());
  }
  return out;
}

}  // namespace gatepost::cel
