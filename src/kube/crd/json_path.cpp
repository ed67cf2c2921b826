#include "kube/crd/json_path.h"

#include <charconv>

#include "json/parse.h"
#include "json/write.h"

namespace gatepost::kube::crd {
namespace {

// The results of one path; wildcards over large objects end here.
constexpr std::size_t most_results = 10000;

const json::Value* at_names(const json::Value& value, const std::vector<std::string>& names) {
  const json::Value* at = &value;
  for (const std::string& name : names)
    if (at) at = json::find(*at, name);
  return at;
}

void add_all_below(const json::Value& value, std::vector<const json::Value*>& out) {
  if (out.size() >= most_results) return;
  out.push_back(&value);
  if (value.is_object())
    for (const auto& member : value.get_object()) add_all_below(member.value(), out);
  if (value.is_array())
    for (const json::Value& item : value.get_array()) add_all_below(item, out);
}

}  // namespace

class JsonPath::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<Step>> parse() {
    if (text_.starts_with('$') || text_.starts_with('@')) ++at_;
    while (at_ < text_.size())
      if (auto step = next(); !step) return fail_with(std::move(step.error()));
    return std::move(steps_);
  }

 private:
  Result<void> next() {
    char c = text_[at_];
    if (c == '[') return bracket();
    if (c != '.' && at_ != 0) return fail("unexpected character in JSON path");
    if (c == '.') ++at_;
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      add(Step::Kind::descend);
    }
    if (at_ >= text_.size() || text_[at_] == '[') return {};
    if (text_[at_] == '*') {
      ++at_;
      add(Step::Kind::all);
      return {};
    }
    std::string name = word();
    if (name.empty()) return fail("empty name in JSON path");
    add(Step::Kind::name).names.push_back(std::move(name));
    return {};
  }

  // A name up to the next delimiter; a backslash takes the next character as it is.
  std::string word() {
    std::string out;
    for (; at_ < text_.size() && text_[at_] != '.' && text_[at_] != '['; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out.push_back(text_[at_]);
    }
    return out;
  }

  Result<void> bracket() {
    std::size_t end = at_ + 1;
    char quote = 0;
    int depth = 0;
    for (; end < text_.size(); ++end) {
      char c = text_[end];
      if (quote) {
        if (c == '\\')
          ++end;
        else if (c == quote)
          quote = 0;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '[' || c == '(') {
        ++depth;
      } else if (c == ')') {
        --depth;
      } else if (c == ']') {
        if (depth == 0) break;
        --depth;
      }
    }
    if (end >= text_.size()) return fail("unterminated array");
    std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    if (inside == "*") {
      add(Step::Kind::all);
      return {};
    }
    if (inside.starts_with("?(") && inside.ends_with(")")) return filter(inside.substr(2, inside.size() - 3));
    if (inside.starts_with('\'') || inside.starts_with('"')) return names(inside);
    return slice(inside);
  }

  Result<void> names(std::string_view inside) {
    Step& step = add(Step::Kind::names);
    for (std::size_t i = 0; i < inside.size();) {
      char quote = inside[i];
      if (quote != '\'' && quote != '"') return fail("invalid array index " + std::string(inside));
      std::string name;
      for (++i; i < inside.size() && inside[i] != quote; ++i) {
        if (inside[i] == '\\' && i + 1 < inside.size()) ++i;
        name.push_back(inside[i]);
      }
      step.names.push_back(std::move(name));
      ++i;
      while (i < inside.size() && (inside[i] == ',' || inside[i] == ' ')) ++i;
    }
    return {};
  }

  Result<void> slice(std::string_view inside) {
    Step step;
    step.kind = Step::Kind::slice;
    std::optional<std::int64_t>* fields[] = {&step.from, &step.to, &step.step};
    std::size_t field = 0;
    bool ranged = false;
    for (std::size_t start = 0; start <= inside.size();) {
      std::size_t colon = std::min(inside.find(':', start), inside.size());
      std::string_view part = inside.substr(start, colon - start);
      if (field == 3) return fail("invalid array index " + std::string(inside));
      if (!part.empty()) {
        std::int64_t value = 0;
        auto parsed = std::from_chars(part.data(), part.data() + part.size(), value);
        if (parsed.ec != std::errc{} || parsed.ptr != part.data() + part.size())
          return fail("invalid array index " + std::string(inside));
        *fields[field] = value;
      }
      ++field;
      ranged |= colon < inside.size();
      start = colon + 1;
    }
    if (!ranged) {
      if (!step.from) return fail("invalid array index " + std::string(inside));
      if (*step.from != -1) step.to = *step.from + 1;
    }
    steps_.push_back(std::move(step));
    return {};
  }

  Result<void> filter(std::string_view inside) {
    Step step;
    step.kind = Step::Kind::filter;
    std::string_view left = inside, right;
    for (std::string_view comparison : {"==", "!=", "<=", ">=", "<", ">"}) {
      std::size_t at = inside.find(comparison);
      if (at == std::string_view::npos) continue;
      left = inside.substr(0, at);
      right = inside.substr(at + comparison.size());
      step.comparison = comparison;
      break;
    }
    while (left.ends_with(' ')) left.remove_suffix(1);
    while (right.starts_with(' ')) right.remove_prefix(1);
    if (!left.starts_with('@')) return fail("unrecognized filter in JSON path");
    auto path = Parser(left).parse();
    if (!path) return fail_with(std::move(path.error()));
    for (Step& part : *path) {
      if (part.kind != Step::Kind::name && part.kind != Step::Kind::names)
        return fail("unrecognized filter in JSON path");
      for (std::string& name : part.names) step.names.push_back(std::move(name));
    }
    if (!step.comparison.empty()) {
      bool quoted =
          right.size() >= 2 && (right.front() == '\'' || right.front() == '"') && right.back() == right.front();
      if (quoted) {
        step.operand = right.substr(1, right.size() - 2);
      } else {
        auto value = json::parse(right, json::Storage());
        if (!value) return fail("unrecognized filter in JSON path");
        step.operand = std::move(*value);
      }
    }
    steps_.push_back(std::move(step));
    return {};
  }

  Step& add(Step::Kind kind) {
    steps_.emplace_back().kind = kind;
    return steps_.back();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Step> steps_;
};

Result<JsonPath> JsonPath::parse(std::string_view text) {
  auto steps = Parser(text).parse();
  if (!steps) return fail_with(std::move(steps.error()));
  JsonPath path;
  path.steps_ = std::move(*steps);
  return path;
}

bool JsonPath::accepts(const Step& step, const json::Value& item) {
  const json::Value* value = at_names(item, step.names);
  if (!value) return false;
  if (step.comparison.empty()) return true;
  const json::Value& operand = step.operand;
  if (step.comparison == "==") return *value == operand;
  if (step.comparison == "!=") return *value != operand;
  auto ordered = [&](const auto& a, const auto& b) {
    if (step.comparison == "<") return a < b;
    if (step.comparison == "<=") return a <= b;
    return step.comparison == ">" ? a > b : a >= b;
  };
  if (value->is_number() && operand.is_number())
    return ordered(value->to_number<double>(), operand.to_number<double>());
  if (value->is_string() && operand.is_string())
    return ordered(json::view(value->get_string()), json::view(operand.get_string()));
  return false;
}

void JsonPath::apply(const Step& step, const json::Value& value, std::vector<const json::Value*>& out) {
  if (out.size() >= most_results) return;
  switch (step.kind) {
    case Step::Kind::name:
    case Step::Kind::names:
      for (const std::string& name : step.names)
        if (const json::Value* found = json::find(value, name)) out.push_back(found);
      return;
    case Step::Kind::all:
      if (value.is_object())
        for (const auto& member : value.get_object()) out.push_back(&member.value());
      if (value.is_array())
        for (const json::Value& item : value.get_array()) out.push_back(&item);
      return;
    case Step::Kind::descend:
      add_all_below(value, out);
      return;
    case Step::Kind::slice: {
      if (!value.is_array()) return;
      const json::Array& list = value.get_array();
      auto size = static_cast<std::int64_t>(list.size());
      std::int64_t from = step.from.value_or(0), to = step.to.value_or(size), by = step.step.value_or(1);
      if (from < 0) from += size;
      if (to < 0) to += size;
      if (from < 0 || by <= 0) return;
      for (std::int64_t i = from; i < std::min(to, size); i += by) out.push_back(&list[static_cast<std::size_t>(i)]);
      return;
    }
    case Step::Kind::filter:
      if (value.is_array())
        for (const json::Value& item : value.get_array())
          if (accepts(step, item)) out.push_back(&item);
      return;
  }
}

std::vector<const json::Value*> JsonPath::find(const json::Value& object) const {
  std::vector<const json::Value*> now{&object};
  for (const Step& step : steps_) {
    std::vector<const json::Value*> next;
    for (const json::Value* value : now) apply(step, *value, next);
    now = std::move(next);
  }
  return now;
}

std::string printed(const json::Value& value) {
  if (value.is_string()) return std::string(json::view(value.get_string()));
  if (value.is_null()) return "<nil>";
  return json::write(value);
}

}  // namespace gatepost::kube::crd
