// What validation of a value against a schema says, with kube-openapi's texts, and how it becomes the field errors of a
// Status.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "json/value.h"
#include "kube/status.h"

namespace gatepost::kube::crd {

struct ValueError {
  std::string reason;    // of the cause: FieldValueInvalid
  std::string path;      // "spec.a[0]"; empty: of the whole value
  std::string body;      // "Invalid value: 0: spec.i in body should be ..."
  std::string message;   // kube-openapi's own text; two errors with one text are one
  bool of_value = true;  // false: it has no path at all
};

// As Go's %v prints numbers, and as field errors show values.
std::string go_number(double number);
std::string shown_value(const json::Value& value);

struct ValueResult {
  std::vector<ValueError> errors;
  std::size_t matches = 0;  // checks that passed: picks the best of several alternatives

  bool valid() const { return errors.empty(); }
  void add(ValueError error);  // unless it was said already
  void merge(ValueResult other);

 private:
  std::unordered_set<std::string> said_;  // once there are many
};

ValueError type_error(const std::string& path, const std::string& types, std::string_view got, bool has_got = true);
ValueError required_error(const std::string& path);
ValueError enum_error(const std::string& path, const json::Value& value, const std::vector<json::Value>& choices);
ValueError too_long_error(const std::string& path, std::int64_t most);
ValueError too_many_error(const std::string& path, std::int64_t count, std::int64_t most, std::string_view what);
// "<path> in body <complaint>"
ValueError invalid_error(const std::string& path, const std::string& shown, const std::string& complaint);
// A text without a path of its own.
ValueError plain_error(const std::string& message);

// `prefix`: the path of the value that was validated; empty: the whole object.
std::vector<FieldError> to_field_errors(std::vector<ValueError> errors, std::string_view prefix);

}  // namespace gatepost::kube::crd
