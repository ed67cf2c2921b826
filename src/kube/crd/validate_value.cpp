#include "kube/crd/validate_value.h"

#include <cmath>
#include <limits>
#include <re2/re2.h>

#include "kube/crd/formats.h"
#include "net/go_text.h"

namespace gatepost::kube::crd {
namespace {

std::string_view type_name(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::bool_:
      return "boolean";
    case json::Kind::string:
      return "string";
    case json::Kind::int64:
      return "integer";
    case json::Kind::uint64:
    case json::Kind::double_:
      return "number";
    case json::Kind::array:
      return "array";
    case json::Kind::object:
      return "object";
    case json::Kind::null:
      break;
  }
  return "null";
}

// Go's format of the type that a number has after decoding.
std::string_view number_format(const json::Value& value) {
  if (value.is_int64()) return "int64";
  return value.is_number() ? "float64" : "";
}

// As swag.IsFloat64AJSONInteger: whole, and exact in a double.
bool is_whole(double number) {
  constexpr double most = 9007199254740991.0, epsilon = 1e-9;
  if (std::isnan(number) || std::isinf(number) || std::fabs(number) > most) return false;
  double whole = std::trunc(number), difference = std::fabs(number - whole);
  if (number == whole) return true;
  if (number == 0 || whole == 0) return difference < epsilon * std::numeric_limits<double>::denorm_min();
  return difference / (std::fabs(number) + std::fabs(whole)) < epsilon;
}

bool same_choice(const json::Value& value, const json::Value& choice) {
  if (value.is_number() && choice.is_number()) {
    if (choice.is_int64())
      return value.is_int64() ? value == choice
                              : static_cast<std::int64_t>(value.to_number<double>()) == choice.get_int64();
    return value.to_number<double>() == choice.to_number<double>();
  }
  return value == choice && !choice.is_null();
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

class Validator {
 public:
  ValueResult validate(const json::Value& value, const Schema& schema, const std::string& path,
                       const json::Value* old_value) {
    ValueResult result = judge(value, schema, path, old_value);
    // What is wrong but was so before may stay.
    if (!result.valid() && old_value && *old_value == value) result.errors.clear();
    return result;
  }

 private:
  ValueResult judge(const json::Value& value, const Schema& schema, const std::string& path,
                    const json::Value* old_value) {
    ValueResult result;
    std::string types = schema.int_or_string ? "integer,string" : schema.type;
    std::string_view format = is_known_format(schema.int_or_string ? "" : schema.type, schema.format)
                                  ? std::string_view(schema.format)
                                  : std::string_view();
    if (value.is_null()) {
      if (!types.empty() && !schema.nullable)
        result.add(type_error(path, types, "null"));
      else
        ++result.matches;
      check_enum(value, schema, path, result);
      return result;
    }
    if (!types.empty() || !format.empty()) {
      check_type(value, schema, types, format, path, result);
      ++result.matches;
    }
    check_alternatives(value, schema, path, old_value, result);
    ++result.matches;
    if (value.is_string()) {
      check_text(value, schema, path, result);
      ++result.matches;
      if (!format.empty()) {
        check_format(value, format, path, result);
        ++result.matches;
      }
    }
    if (value.is_number()) {
      check_number(value, schema, path, result);
      result.matches += 2;
    }
    if (value.is_array()) {
      check_list(value.get_array(), schema, path, old_value, result);
      result.matches += 2;
    }
    check_enum(value, schema, path, result);
    ++result.matches;
    if (value.is_object()) {
      check_object(value.get_object(), schema, path, old_value, result);
      ++result.matches;
    }
    ++result.matches;
    return result;
  }

  static bool has_type(const Schema& schema, std::string_view type) {
    return schema.int_or_string ? type == "integer" || type == "string" : schema.type == type;
  }

  void check_type(const json::Value& value, const Schema& schema, const std::string& types, std::string_view format,
                  const std::string& path, ValueResult& result) {
    std::string_view got = type_name(value), got_format = number_format(value);
    bool whole = got == "number" && has_type(schema, "integer") && is_whole(value.to_number<double>());
    bool number = got == "integer" && has_type(schema, "number");
    bool fits = has_type(schema, got) || whole || number;
    bool text_or_list = value.is_string() || value.is_array();
    if (!text_or_list && !format.empty() && !fits && got_format != format) {
      result.add(type_error(path, std::string(format), got_format));
      return;
    }
    bool numeric = has_type(schema, "number") || has_type(schema, "integer");
    if (!numeric && !format.empty() && text_or_list) {
      ++result.matches;
      return;
    }
    if (fits)
      ++result.matches;
    else
      result.add(type_error(path, types, got));
  }

  void check_alternatives(const json::Value& value, const Schema& schema, const std::string& path,
                          const json::Value* old_value, ValueResult& result) {
    if (!schema.any_of.empty()) check_any_of(value, schema, path, old_value, result);
    if (!schema.one_of.empty()) check_one_of(value, schema, path, old_value, result);
    if (!schema.all_of.empty()) check_all_of(value, schema, path, old_value, result);
    if (schema.negated && judge(value, *schema.negated, path, old_value).valid())
      result.add(plain_error(net::go_quote(path) + " must not validate the schema (not)"));
    ++result.matches;
  }

  void check_any_of(const json::Value& value, const Schema& schema, const std::string& path,
                    const json::Value* old_value, ValueResult& result) {
    std::optional<ValueResult> best;
    for (const Schema& alternative : schema.any_of) {
      ValueResult one = judge(value, alternative, path, old_value);
      if (one.valid()) {
        result.merge(std::move(one));
        return;
      }
      if (!best || one.matches > best->matches) best = std::move(one);
    }
    result.add(plain_error(net::go_quote(path) + " must validate at least one schema (anyOf)"));
    result.merge(std::move(*best));
  }

  void check_one_of(const json::Value& value, const Schema& schema, const std::string& path,
                    const json::Value* old_value, ValueResult& result) {
    std::optional<ValueResult> best, first;
    int valid = 0;
    for (const Schema& alternative : schema.one_of) {
      ValueResult one = judge(value, alternative, path, old_value);
      if (one.valid()) {
        ++valid;
        best.reset();
        if (!first) first = std::move(one);
      } else if (valid == 0 && (!best || one.matches > best->matches)) {
        best = std::move(one);
      }
    }
    if (valid == 1) {
      result.merge(std::move(*first));
      return;
    }
    result.add(plain_error(net::go_quote(path) + " must validate one and only one schema (oneOf). Found " +
                           (valid == 0 ? "none valid" : std::to_string(valid) + " valid alternatives")));
    if (best) result.merge(std::move(*best));
  }

  void check_all_of(const json::Value& value, const Schema& schema, const std::string& path,
                    const json::Value* old_value, ValueResult& result) {
    std::size_t valid = 0;
    for (const Schema& part : schema.all_of) {
      ValueResult one = judge(value, part, path, old_value);
      valid += one.valid();
      result.merge(std::move(one));
    }
    if (valid != schema.all_of.size())
      result.add(plain_error(net::go_quote(path) + " must validate all the schemas (allOf)" +
                             (valid == 0 ? ". None validated" : "")));
  }

  void check_text(const json::Value& value, const Schema& schema, const std::string& path, ValueResult& result) {
    std::string_view text = json::view(value.get_string());
    auto length = static_cast<std::int64_t>(code_points(text));
    if (schema.max_length && length > *schema.max_length)
      result.add(too_long_error(path, *schema.max_length));
    else if (schema.min_length && length < *schema.min_length)
      result.add(invalid_error(path, shown_value(value),
                               "should be at least " + std::to_string(*schema.min_length) + " chars long"));
    else if (schema.compiled_pattern && !re2::RE2::PartialMatch({text.data(), text.size()}, *schema.compiled_pattern))
      result.add(invalid_error(path, shown_value(value), "should match '" + schema.pattern + "'"));
  }

  void check_format(const json::Value& value, std::string_view format, const std::string& path, ValueResult& result) {
    std::string_view text = json::view(value.get_string());
    if (!has_format(text, format)) result.add(type_error(path, std::string(format), text));
  }

  // Whether the number fits into the type and format that the schema names.
  static std::optional<std::string> out_of_range(double number, bool integer_kind, const Schema& schema,
                                                 std::string_view what, const std::string& path) {
    bool fits = true;
    std::string_view format;
    if (schema.int_or_string) return std::nullopt;
    if (schema.type == "integer") {
      if (schema.format == "int32" || schema.format == "int64") format = schema.format;
      fits = integer_kind || (number == std::trunc(number) && std::fabs(number) < 9.3e18 && std::fabs(number) < 1e21);
      if (format == "int32") fits = fits && number >= -2147483648.0 && number <= 2147483647.0;
    } else if (schema.type == "number") {
      if (schema.format == "float" || schema.format == "double") format = schema.format;
      fits = format != "float" || std::fabs(number) <= std::numeric_limits<float>::max();
    }
    if (fits) return std::nullopt;
    std::string text = std::string(what) + " value must be of type " + schema.type;
    text += format.empty() ? " (default format) in " : " with format " + std::string(format) + " in ";
    return text + path;
  }

  // A bound as Go prints it: an integer beside an integer, else as a float.
  static std::string bound_text(double bound, bool integer) {
    return integer ? std::to_string(static_cast<std::int64_t>(bound)) : go_number(bound);
  }

  void check_number(const json::Value& value, const Schema& schema, const std::string& path, ValueResult& result) {
    double number = value.to_number<double>();
    bool integer = value.is_int64();
    std::string shown = shown_value(value);
    if (auto problem = out_of_range(number, integer, schema, "Checked", path)) result.add(plain_error(*problem));
    ValueResult multiple, minimum, maximum;
    if (schema.multiple_of) check_multiple(value, schema, path, shown, multiple);
    if (schema.maximum) {
      auto problem = out_of_range(*schema.maximum, false, schema, "Maximum boundary", path);
      if (problem) maximum.add(plain_error(*problem));
      bool native = integer && !problem;
      double bound = native ? std::trunc(*schema.maximum) : *schema.maximum;
      bool exceeds = native                     ? exceeds_integer(value.get_int64(), bound, schema.exclusive_maximum)
                     : schema.exclusive_maximum ? number >= bound
                                                : number > bound;
      if (exceeds)
        maximum.add(
            invalid_error(path, shown,
                          (schema.exclusive_maximum ? "should be less than " : "should be less than or equal to ") +
                              bound_text(bound, native)));
    }
    if (schema.minimum) {
      auto problem = out_of_range(*schema.minimum, false, schema, "Minimum boundary", path);
      if (problem) minimum.add(plain_error(*problem));
      bool native = integer && !problem;
      double bound = native ? std::trunc(*schema.minimum) : *schema.minimum;
      bool below = native                     ? falls_below_integer(value.get_int64(), bound, schema.exclusive_minimum)
                   : schema.exclusive_minimum ? number <= bound
                                              : number < bound;
      if (below)
        minimum.add(invalid_error(
            path, shown,
            (schema.exclusive_minimum ? "should be greater than " : "should be greater than or equal to ") +
                bound_text(bound, native)));
    }
    result.merge(std::move(multiple));
    result.merge(std::move(minimum));
    result.merge(std::move(maximum));
  }

  static bool exceeds_integer(std::int64_t value, double bound, bool exclusive) {
    if (bound >= 9.2e18) return false;
    auto whole = static_cast<std::int64_t>(bound);
    return exclusive ? value >= whole : value > whole;
  }
  static bool falls_below_integer(std::int64_t value, double bound, bool exclusive) {
    if (bound <= -9.2e18) return false;
    auto whole = static_cast<std::int64_t>(bound);
    return exclusive ? value <= whole : value < whole;
  }

  void check_multiple(const json::Value& value, const Schema& schema, const std::string& path, const std::string& shown,
                      ValueResult& result) {
    double factor = *schema.multiple_of;
    auto problem = out_of_range(factor, false, schema, "MultipleOf", path);
    if (problem) result.add(plain_error(*problem));
    bool native = value.is_int64() && !problem && std::fabs(factor) < 9.2e18;
    auto whole = native ? static_cast<std::int64_t>(factor) : 0;
    if (native ? whole <= 0 : factor <= 0) {
      std::string text = "factor MultipleOf declared for " + path + " must be positive: " + bound_text(factor, native);
      result.add({"FieldValueInvalid", path, "Invalid value: " + bound_text(factor, native) + ": " + text, text});
      return;
    }
    double number = value.to_number<double>();
    bool fits = native ? value.get_int64() % whole == 0 : is_whole(factor < 1 ? 1 / factor * number : number / factor);
    if (!fits) result.add(invalid_error(path, shown, "should be a multiple of " + bound_text(factor, native)));
  }

  void check_list(const json::Array& list, const Schema& schema, const std::string& path, const json::Value* old_value,
                  ValueResult& result) {
    auto size = static_cast<std::int64_t>(list.size());
    const OldItems before(schema, old_value);
    if (schema.items)
      for (std::size_t i = 0; i < list.size(); ++i)
        result.merge(validate(list[i], *schema.items, path + "[" + std::to_string(i) + "]", before.matching(list[i])));
    if (schema.min_items && size < *schema.min_items)
      result.add(invalid_error(path, std::to_string(size),
                               "should have at least " + std::to_string(*schema.min_items) + " items"));
    if (schema.max_items && size > *schema.max_items)
      result.add(too_many_error(path, size, *schema.max_items, "items"));
  }

  void check_enum(const json::Value& value, const Schema& schema, const std::string& path, ValueResult& result) {
    if (schema.enumeration.empty()) return;
    for (const json::Value& choice : schema.enumeration)
      if (same_choice(value, choice)) return;
    result.add(enum_error(path, value, schema.enumeration));
  }

  void check_object(const json::Object& object, const Schema& schema, const std::string& path,
                    const json::Value* old_value, ValueResult& result) {
    auto size = static_cast<std::int64_t>(object.size());
    const json::Object* old_object = old_value ? old_value->if_object() : nullptr;
    if (schema.min_properties && size < *schema.min_properties)
      result.add(invalid_error(path, std::to_string(size),
                               "should have at least " + std::to_string(*schema.min_properties) + " properties"));
    if (schema.max_properties && size > *schema.max_properties)
      result.add(too_many_error(path, size, *schema.max_properties, "properties"));
    for (const auto& member : object) {
      if (!schema.has_additional || schema.properties.contains(std::string_view(member.key()))) continue;
      std::string key(member.key());
      if (!schema.additional_allowed) {
        std::string text = path + "." + key + " in body is a forbidden property";
        result.add({"FieldValueInvalid", path, "Invalid value: " + net::go_quote(key) + ": " + text, text});
      } else if (schema.additional) {
        result.merge(validate(member.value(), *schema.additional, path + "." + key,
                              old_object ? old_object->if_contains(key) : nullptr));
      }
    }
    for (const auto& [name, property] : schema.properties) {
      const json::Value* value = object.if_contains(name);
      if (!value) continue;
      bool type_meta = path.empty() && (name == "kind" || name == "apiVersion");
      const json::Value* before = old_object && !type_meta ? old_object->if_contains(name) : nullptr;
      result.merge(validate(*value, property, path.empty() ? name : path + "." + name, before));
    }
    for (const std::string& name : schema.required)
      if (!object.contains(name)) result.add(required_error(path + "." + name));
  }
};

}  // namespace

std::vector<ValueError> validate_value(const json::Value& value, const Schema& schema, const json::Value* old_value) {
  return Validator().validate(value, schema, "", old_value).errors;
}

}  // namespace gatepost::kube::crd
