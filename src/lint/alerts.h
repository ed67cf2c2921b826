// Alert and recording rules of the input: PrometheusRules, files of groups, ConfigMaps that hold such files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lint/model.h"

namespace gatepost::lint {

struct AlertRule {
  const Manifest* manifest = nullptr;
  Path path;  // of the expression
  std::string name, expression;
};

std::vector<AlertRule> alert_rules(const Model& model);

// A selector in a PromQL expression: metric{label="value", ...}.
struct Matcher {
  std::string label, op, value;
};
struct MetricUse {
  std::string metric;
  std::vector<Matcher> matchers;
  bool in_rate = false;  // rate, irate, increase, delta of it
  const Matcher* find(std::string_view label) const;
};
std::vector<MetricUse> metric_uses(std::string_view expression);

// Whether the expression compares something with a number.
bool compares_with_number(std::string_view expression);

}  // namespace gatepost::lint
