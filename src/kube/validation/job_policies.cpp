#include <array>
#include <charconv>
#include <set>

#include "base/result.h"
#include "formats/names.h"
#include "kube/validation/structure.h"
#include "kube/validation/workload.h"

namespace gatepost::kube {
namespace {

constexpr std::size_t most_rules = 20, most_codes = 255, most_conditions = 20, longest_indexes = 64 << 10;

void validate_exit_codes(Errors& errors, const Field& codes, const Field& spec) {
  Field op = codes["operator"], container = codes["containerName"], values = codes["values"];
  if (op.text().empty())
    errors.required(op, "valid values: [\"In\" \"NotIn\"]");
  else if (!op.is_one_of({"In", "NotIn"}))
    errors.not_supported(op, {"In", "NotIn"});
  Field pod_template = spec["template"];
  Field pod_spec = pod_template["spec"];
  bool known = false;
  for (std::string_view kind : {"containers", "initContainers"}) {
    Field containers = pod_spec[kind];
    for_each(containers, [&](const Field& one) { known |= one["name"].is(container.text()); });
  }
  if (container.present() && !known)
    errors.invalid(container, "must be one of the container or initContainer names in the pod template");
  if (values.empty())
    errors.invalid(values, "at least one value is required");
  else if (values.size() > most_codes)
    errors.too_many(values, values.size(), most_codes);
  std::set<std::int64_t> seen;
  bool in_order = true;
  std::int64_t last = 0;
  for_each(values, [&](const Field& value) {
    std::int64_t code = value.integer();
    if (op.is("In") && code == 0) errors.invalid_number(value, code, "must not be 0 for the In operator");
    in_order &= seen.empty() || last <= code;
    if (!seen.insert(code).second) errors.duplicate(value);
    last = code;
  });
  if (!in_order) errors.invalid(values, "must be ordered");
}

void validate_conditions(Errors& errors, const Field& conditions) {
  if (conditions.size() > most_conditions) errors.too_many(conditions, conditions.size(), most_conditions);
  for_each(conditions, [&](const Field& condition) {
    Field type = condition["type"], status = condition["status"];
    errors.invalid_each(type, type.text(), formats::label_key(type.text()));
    if (status.text().empty())
      errors.required(status, "valid values: [\"False\" \"True\" \"Unknown\"]");
    else if (!status.is_one_of({"False", "True", "Unknown"}))
      errors.not_supported(status, {"False", "True", "Unknown"});
  });
}

void validate_failure_rule(Errors& errors, const Field& rule, const Field& spec) {
  Field action = rule["action"], codes = rule["onExitCodes"], conditions = rule["onPodConditions"];
  if (action.text().empty())
    errors.required(action, "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
  else if (action.is("FailIndex")) {
    if (!spec["backoffLimitPerIndex"].present()) errors.invalid(action, "requires the backoffLimitPerIndex to be set");
  } else if (!action.is_one_of({"Count", "FailJob", "Ignore"})) {
    errors.not_supported(action, {"Count", "FailIndex", "FailJob", "Ignore"});
  }
  if (codes.present()) validate_exit_codes(errors, codes, spec);
  validate_conditions(errors, conditions);
  if (codes.present() == !conditions.empty())
    errors.invalid_omitted(rule, codes.present() ? "specifying both OnExitCodes and OnPodConditions is not supported"
                                                 : "specifying one of OnExitCodes and OnPodConditions is required");
}

// The indexes of a job as "1,3-5": how many there are.
class Indexes {
 public:
  explicit Indexes(std::int64_t completions) : completions_(completions) {}

  Result<std::int64_t> count(std::string_view text) {
    std::int64_t total = 0, last = -1;
    bool first = true;
    for (std::string_view rest = text; !text.empty();) {
      std::string_view part = rest.substr(0, rest.find(','));
      auto interval = read(part);
      if (!interval) return fail_with(interval.error());
      auto [from, to] = *interval;
      if (!first && last >= from) return fail(out_of_order(last, from));
      total += to - from + 1;
      last = to;
      first = false;
      if (part.size() == rest.size()) break;
      rest.remove_prefix(part.size() + 1);
    }
    return total;
  }

 private:
  using Interval = std::pair<std::int64_t, std::int64_t>;

  static std::string out_of_order(std::int64_t before, std::int64_t now) {
    return "non-increasing order, previous: " + std::to_string(before) + ", current: " + std::to_string(now);
  }

  Result<std::int64_t> number(std::string_view text) const {
    std::int64_t value = 0;
    std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
    auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size())
      return fail("cannot convert string to integer for index: " + shown(text));
    if (value >= completions_) return fail("too large index: " + shown(text));
    return value;
  }

  Result<Interval> read(std::string_view text) const {
    std::size_t dash = text.find('-');
    if (dash != std::string_view::npos && text.find('-', dash + 1) != std::string_view::npos)
      return fail("the fragment " + shown(text) +
                  " violates the requirement that an index interval can have at most two parts separated by '-'");
    auto from = number(text.substr(0, dash));
    if (!from) return fail_with(from.error());
    if (dash == std::string_view::npos) return Interval{*from, *from};
    auto to = number(text.substr(dash + 1));
    if (!to) return fail_with(to.error());
    if (*from >= *to) return fail(out_of_order(*from, *to));
    return Interval{*from, *to};
  }

  std::int64_t completions_;
};

void validate_success_rule(Errors& errors, const Field& rule, std::int64_t completions) {
  Field count = rule["succeededCount"], indexes = rule["succeededIndexes"];
  if (!count.present() && !indexes.present())
    errors.required(rule, "at least one of succeededCount or succeededIndexes must be specified");
  std::int64_t total = 0;
  if (indexes.present()) {
    if (indexes.text().size() > longest_indexes) errors.too_long(indexes, longest_indexes);
    auto counted = Indexes(completions).count(indexes.text());
    if (counted)
      total = *counted;
    else
      errors.invalid(indexes, "error parsing succeededIndexes: " + counted.error().text);
  }
  if (!count.present()) return;
  errors.non_negative(count);
  if (count.integer() > completions)
    errors.invalid(count, "must be less than or equal to " + std::to_string(completions) +
                              " (the number of specified completions)");
  if (indexes.present() && count.integer() > total)
    errors.invalid(count, "must be less than or equal to " + std::to_string(total) +
                              " (the number of indexes in the specified succeededIndexes field)");
}

std::string shown_success_policy(const Field& policy) {
  static constexpr std::array members = {Member{"SucceededIndexes", "succeededIndexes"},
                                         Member{"SucceededCount", "succeededCount"}};
  std::string list;
  Field rules = policy["rules"];
  for_each(rules, [&](const Field& rule) { list += (list.empty() ? "" : ",") + shown_structure(rule, members); });
  return "{\"Rules\":" + (rules.present() ? "[" + list + "]" : std::string("null")) + "}";
}

}  // namespace

void validate_failure_policy(Errors& errors, const Field& policy, const Field& spec) {
  Field rules = policy["rules"];
  if (rules.size() > most_rules) errors.too_many(rules, rules.size(), most_rules);
  for_each(rules, [&](const Field& rule) { validate_failure_rule(errors, rule, spec); });
}

void validate_success_policy(Errors& errors, const Field& policy, const Field& spec) {
  if (!policy.present()) return;
  if (!spec["completionMode"].is("Indexed")) {
    errors.invalid_shown(policy, shown_success_policy(policy), "requires indexed completion mode");
    return;
  }
  Field rules = policy["rules"];
  if (rules.empty()) errors.required(rules, "at least one rules must be specified when the successPolicy is specified");
  if (rules.size() > most_rules) errors.too_many(rules, rules.size(), most_rules);
  for_each(rules, [&](const Field& rule) { validate_success_rule(errors, rule, spec["completions"].integer()); });
}

}  // namespace gatepost::kube
