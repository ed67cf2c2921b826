#include "kube/crd/value_error.h"

#include <charconv>
#include <cmath>

#include "json/write.h"
#include "net/go_text.h"

namespace gatepost::kube::crd {
namespace {

constexpr const char* invalid_reason = "FieldValueInvalid";

std::string in_body(const std::string& path, const std::string& complaint) {
  return path + " in body " + complaint;
}

}  // namespace

std::string go_number(double number) {
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  char buffer[64];
  double size = std::fabs(number);
  // %v: the shortest form, with an exponent below 1e-4 and from 1e21.
  bool scientific = size != 0 && (size < 1e-4 || size >= 1e21);
  auto end = std::to_chars(buffer, buffer + sizeof buffer, number,
                           scientific ? std::chars_format::scientific : std::chars_format::fixed)
                 .ptr;
  return std::string(buffer, end);
}

std::string shown_value(const json::Value& value) {
  if (value.is_string()) return net::go_quote(json::view(value.get_string()));
  if (value.is_double()) return go_number(value.get_double());
  if (value.is_uint64()) return go_number(static_cast<double>(value.get_uint64()));
  return json::write(value);
}

void ValueResult::add(ValueError error) {
  constexpr std::size_t many = 16;
  if (errors.size() < many) {
    for (const ValueError& said : errors)
      if (said.message == error.message) return;
  } else {
    if (said_.empty())
      for (const ValueError& said : errors) said_.insert(said.message);
    if (!said_.insert(error.message).second) return;
  }
  errors.push_back(std::move(error));
}

void ValueResult::merge(ValueResult other) {
  for (ValueError& error : other.errors) add(std::move(error));
  matches += other.matches;
}

ValueError type_error(const std::string& path, const std::string& types, std::string_view got, bool has_got) {
  std::string message = in_body(path, "must be of type " + types);
  if (has_got) message += ": " + net::go_quote(got);
  return {"FieldValueTypeInvalid", path, "Invalid value: " + net::go_quote(got) + ": " + message, message};
}

ValueError required_error(const std::string& path) {
  return {"FieldValueRequired", path, "Required value", in_body(path, "is required")};
}

ValueError enum_error(const std::string& path, const json::Value& value, const std::vector<json::Value>& choices) {
  std::string supported, listed;
  for (const json::Value& choice : choices) {
    std::string text = choice.is_string() ? std::string(json::view(choice.get_string())) : json::write(choice);
    supported += (supported.empty() ? "" : ", ") + net::go_quote(text);
    listed += (listed.empty() ? "" : " ") + text;
  }
  return {"FieldValueNotSupported", path,
          "Unsupported value: " + shown_value(value) + ": supported values: " + supported,
          in_body(path, "should be one of [" + listed + "]")};
}

ValueError too_long_error(const std::string& path, std::int64_t most) {
  return {"FieldValueTooLong", path,
          "Too long: may not be more than " + std::to_string(most) + (most == 1 ? " byte" : " bytes"),
          in_body(path, "should be at most " + std::to_string(most) + " chars long")};
}

ValueError too_many_error(const std::string& path, std::int64_t count, std::int64_t most, std::string_view what) {
  return {"FieldValueTooMany", path,
          "Too many: " + std::to_string(count) + ": must have at most " + std::to_string(most) +
              (most == 1 ? " item" : " items"),
          in_body(path, "should have at most " + std::to_string(most) + " " + std::string(what))};
}

ValueError invalid_error(const std::string& path, const std::string& shown, const std::string& complaint) {
  std::string message = in_body(path, complaint);
  return {invalid_reason, path, "Invalid value: " + shown + ": " + message, message};
}

ValueError plain_error(const std::string& message) {
  return {invalid_reason, "", "Invalid value: \"\": " + message, message, false};
}

std::vector<FieldError> to_field_errors(std::vector<ValueError> errors, std::string_view prefix) {
  std::vector<FieldError> out;
  out.reserve(errors.size());
  for (ValueError& error : errors) {
    std::string path(prefix);
    std::string_view own = error.path;
    if (own == ".") own = {};
    if (own.starts_with('.')) own.remove_prefix(1);
    if (error.of_value && !own.empty()) path.append(path.empty() ? "" : ".").append(own);
    out.push_back({std::move(error.reason), path.empty() ? "<nil>" : std::move(path), std::move(error.body)});
  }
  return out;
}

}  // namespace gatepost::kube::crd
