// Label and field selectors: the query-string form, and the LabelSelector object, compiled once and matched often.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace gatepost::kube {

class LabelSelector {
 public:
  // "app in (x,y),!z,a=b". The error is apimachinery's text ("unable to parse requirement: ...").
  static Result<LabelSelector> parse(std::string_view text);
  // {"matchLabels": ..., "matchExpressions": [...]}; an empty or absent object matches everything.
  static Result<LabelSelector> from_object(const json::Value& selector);

  bool matches(const json::Object* labels) const;  // null: no labels
  bool everything() const { return requirements_.empty(); }

  enum class Operator { in, not_in, exists, does_not_exist, greater, less };
  struct Requirement {
    std::string key;
    Operator op;
    std::vector<std::string> values;
  };
  const std::vector<Requirement>& requirements() const { return requirements_; }

 private:
  std::vector<Requirement> requirements_;
};

class FieldSelector {
 public:
  // "metadata.name=a,status.phase!=Running" (also ==).
  static Result<FieldSelector> parse(std::string_view text);
  struct Requirement {
    std::string field, value;
    bool equals = true;
  };
  const std::vector<Requirement>& requirements() const { return requirements_; }
  bool everything() const { return requirements_.empty(); }
  // `value_of` gives the object's value of a field.
  bool matches(const std::function<std::string(std::string_view field)>& value_of) const;

 private:
  std::vector<Requirement> requirements_;
};

}  // namespace gatepost::kube
