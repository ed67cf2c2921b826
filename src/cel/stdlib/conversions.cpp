// Conversions between types, and the names of types.
#include <charconv>
#include <cmath>

#include "cel/evaluation.h"
#include "cel/libraries.h"
#include "cel/time_text.h"
#include "cel/utf8.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

const Value kIntOverflow = Value::error("integer overflow");
const Value kUintOverflow = Value::error("unsigned integer overflow");

Value cannot(Evaluation& evaluation, const Value& value, const Type* wanted) {
  return evaluation.error("type conversion error from '" + type_of(value)->name + "' to '" + wanted->name + "'");
}

template <class T>
bool read(std::string_view text, T& out) {
  if (text.starts_with('+')) text.remove_prefix(text.size() > 1 && text[1] != '-' ? 1 : 0);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

Value to_int(Evaluation& evaluation, Args args) {
  const Value& v = args[0];
  switch (v.kind) {
    case ValueKind::Int:
      return v;
    case ValueKind::Uint:
      return v.unsigned_integer > INT64_MAX ? kIntOverflow
                                            : Value::of_int(static_cast<std::int64_t>(v.unsigned_integer));
    case ValueKind::Double:
      if (!(v.real > -0x1p63 && v.real < 0x1p63)) return kIntOverflow;
      return Value::of_int(static_cast<std::int64_t>(v.real));
    case ValueKind::Timestamp:
    case ValueKind::Duration:
      return Value::of_int(v.integer);
    case ValueKind::String: {
      std::int64_t out = 0;
      return read(v.text(), out) ? Value::of_int(out) : cannot(evaluation, v, int_type());
    }
    default:
      return no_such_overload();
  }
}

Value to_uint(Evaluation& evaluation, Args args) {
  const Value& v = args[0];
  switch (v.kind) {
    case ValueKind::Uint:
      return v;
    case ValueKind::Int:
      return v.integer < 0 ? kUintOverflow : Value::of_uint(static_cast<std::uint64_t>(v.integer));
    case ValueKind::Double:
      if (!(v.real >= 0 && v.real < 0x1p64)) return kUintOverflow;
      return Value::of_uint(static_cast<std::uint64_t>(v.real));
    case ValueKind::String: {
      std::uint64_t out = 0;
      return !v.text().starts_with('+') && read(v.text(), out) ? Value::of_uint(out)
                                                               : cannot(evaluation, v, uint_type());
    }
    default:
      return no_such_overload();
  }
}

Value to_double(Evaluation& evaluation, Args args) {
  const Value& v = args[0];
  switch (v.kind) {
    case ValueKind::Double:
      return v;
    case ValueKind::Int:
      return Value::of_double(static_cast<double>(v.integer));
    case ValueKind::Uint:
      return Value::of_double(static_cast<double>(v.unsigned_integer));
    case ValueKind::String: {
      double out = 0;
      return read(v.text(), out) ? Value::of_double(out) : cannot(evaluation, v, double_type());
    }
    default:
      return no_such_overload();
  }
}

Value to_bool(Evaluation& evaluation, Args args) {
  if (args[0].is(ValueKind::Bool)) return args[0];
  if (!args[0].is(ValueKind::String)) return no_such_overload();
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (args[0].text() == yes) return Value::of_bool(true);
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    if (args[0].text() == no) return Value::of_bool(false);
  return cannot(evaluation, args[0], bool_type());
}

Value to_string(Evaluation& evaluation, Args args) {
  const Value& v = args[0];
  switch (v.kind) {
    case ValueKind::String:
      return v;
    case ValueKind::Bool:
      return Value::of_string(v.boolean ? "true" : "false");
    case ValueKind::Int:
      return evaluation.text(std::to_string(v.integer));
    case ValueKind::Uint:
      return evaluation.text(std::to_string(v.unsigned_integer));
    case ValueKind::Double:
      return evaluation.text(double_text(v.real));
    case ValueKind::Bytes:
      return is_utf8(v.text()) ? Value::of_string(v.text())
                               : Value::error("invalid UTF-8 in bytes, cannot convert to string");
    case ValueKind::Timestamp:
      return evaluation.text(timestamp_text(v));
    case ValueKind::Duration:
      return evaluation.text(duration_seconds_text(v.integer));
    default:
      return no_such_overload();
  }
}

Value to_bytes(Evaluation&, Args args) {
  if (args[0].is(ValueKind::Bytes)) return args[0];
  return args[0].is(ValueKind::String) ? Value::of_bytes(args[0].text()) : no_such_overload();
}

Value to_duration(Evaluation& evaluation, Args args) {
  const Value& v = args[0];
  if (v.is(ValueKind::Duration)) return v;
  if (v.is(ValueKind::Int)) return cannot(evaluation, v, duration_type());  // declared, and never possible
  if (!v.is(ValueKind::String)) return no_such_overload();
  const auto parsed = parse_duration(v.text());
  return parsed ? Value::of_duration(*parsed) : cannot(evaluation, v, duration_type());
}

Value to_timestamp(Evaluation& evaluation, Args args) {
  const Value& v = args[0];
  if (v.is(ValueKind::Timestamp)) return v;
  if (v.is(ValueKind::Int))
    return timestamp_in_range(v.integer) ? Value::of_timestamp(v.integer, 0) : Value::error("timestamp overflow");
  if (!v.is(ValueKind::String)) return no_such_overload();
  const auto parsed = parse_timestamp(v.text());
  return parsed ? *parsed : cannot(evaluation, v, timestamp_type());
}

Value to_dyn(Evaluation&, Args args) {
  return args[0];
}
Value to_type(Evaluation&, Args args) {
  return Value::of_type(type_of(args[0]));
}

}  // namespace

void add_conversions(Declarations& to) {
  to.function("type", to_type, {{"type", "A->type(A)"}});
  to.function("bool", to_bool, {{"bool_to_bool", "bool->bool"}, {"string_to_bool", "string->bool"}});
  to.function("bytes", to_bytes, {{"bytes_to_bytes", "bytes->bytes"}, {"string_to_bytes", "string->bytes"}});
  to.function("double", to_double,
              {{"double_to_double", "double->double"},
               {"int64_to_double", "int->double"},
               {"string_to_double", "string->double"},
               {"uint64_to_double", "uint->double"}});
  to.function("duration", to_duration,
              {{"duration_to_duration", "duration->duration"},
               {"int64_to_duration", "int->duration"},
               {"string_to_duration", "string->duration"}});
  to.function("dyn", to_dyn, {{"to_dyn", "A->dyn"}});
  to.function("int", to_int,
              {{"int64_to_int64", "int->int"},
               {"double_to_int64", "double->int"},
               {"duration_to_int64", "duration->int"},
               {"string_to_int64", "string->int"},
               {"timestamp_to_int64", "timestamp->int"},
               {"uint64_to_int64", "uint->int"}});
  to.function("string", to_string,
              {{"string_to_string", "string->string"},
               {"bool_to_string", "bool->string"},
               {"bytes_to_string", "bytes->string"},
               {"double_to_string", "double->string"},
               {"duration_to_string", "duration->string"},
               {"int64_to_string", "int->string"},
               {"timestamp_to_string", "timestamp->string"},
               {"uint64_to_string", "uint->string"}});
  to.function("timestamp", to_timestamp,
              {{"timestamp_to_timestamp", "timestamp->timestamp"},
               {"int64_to_timestamp", "int->timestamp"},
               {"string_to_timestamp", "string->timestamp"}});
  to.function("uint", to_uint,
              {{"uint64_to_uint64", "uint->uint"},
               {"double_to_uint64", "double->uint"},
               {"int64_to_uint64", "int->uint"},
               {"string_to_uint64", "string->uint"}});
  for (const TypeKind kind :
       {TypeKind::Bool, TypeKind::Bytes, TypeKind::Double, TypeKind::Int, TypeKind::List, TypeKind::Map, TypeKind::Null,
        TypeKind::String, TypeKind::Type, TypeKind::Uint, TypeKind::Timestamp, TypeKind::Duration})
    to.type_name(simple_type(kind)->name, simple_type(kind));
}

}  // namespace gatepost::cel
