// The JSONPath of kubectl (k8s.io/client-go/util/jsonpath) as far as definitions may use it for columns and selectable
// fields: names, quoted names, indices, slices, wildcards, recursive descent, unions and filters by one comparison.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace gatepost::kube::crd {

class JsonPath {
 public:
  JsonPath() = default;
  // ".spec.replicas", without braces.
  static Result<JsonPath> parse(std::string_view text);

  // What the path leads to; values that are not there are left out.
  std::vector<const json::Value*> find(const json::Value& object) const;

 private:
  struct Step {
    enum class Kind { name, all, descend, slice, names, filter } kind = Kind::name;
    std::vector<std::string> names;  // of name and names; of filter: the path below the item
    std::optional<std::int64_t> from, to, step;
    std::string comparison;  // of filter: "", "==", "!=", "<", "<=", ">", ">="
    json::Value operand;
  };
  class Parser;
  static void apply(const Step& step, const json::Value& value, std::vector<const json::Value*>& out);
  static bool accepts(const Step& step, const json::Value& item);

  std::vector<Step> steps_;
};

// As kubectl prints a result: strings bare, everything else as JSON.
std::string printed(const json::Value& value);

}  // namespace gatepost::kube::crd
