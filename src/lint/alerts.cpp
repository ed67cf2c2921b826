#include "lint/alerts.h"

#include <algorithm>
#include <cctype>

#include "yaml/convert.h"

namespace gatepost::lint {
namespace {

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':';
}

void read_groups(const Manifest& manifest, const json::Value& holder, const Path& base, std::vector<AlertRule>& out) {
  const json::Array* groups = json::array_at(holder, {"groups"});
  for (std::size_t i = 0; groups && i < groups->size(); ++i) {
    const json::Array* rules = json::array_at((*groups)[i], {"rules"});
    for (std::size_t j = 0; rules && j < rules->size(); ++j) {
      const json::Value& rule = (*rules)[j];
      const std::string_view alert = json::string_at(rule, {"alert"});
      out.push_back({&manifest, base / "groups" / i / "rules" / j / "expr",
                     std::string(alert.empty() ? json::string_at(rule, {"record"}) : alert),
                     std::string(json::string_at(rule, {"expr"}))});
    }
  }
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0) ++at;
  return at;
}

// The matchers between braces; `at` stands behind the brace and is moved behind the closing one.
std::vector<Matcher> read_matchers(std::string_view text, std::size_t& at) {
  std::vector<Matcher> out;
  while (at < text.size() && text[at] != '}') {
    at = skip_blanks(text, at);
    Matcher one;
    while (at < text.size() && is_name(text[at])) one.label += text[at++];
    at = skip_blanks(text, at);
    while (at < text.size() && (text[at] == '=' || text[at] == '!' || text[at] == '~')) one.op += text[at++];
    at = skip_blanks(text, at);
    if (at < text.size() && (text[at] == '"' || text[at] == '\'' || text[at] == '`')) {
      const char quote = text[at++];
      while (at < text.size() && text[at] != quote) {
        if (text[at] == '\\' && quote != '`' && at + 1 < text.size()) ++at;
        one.value += text[at++];
      }
      if (at < text.size()) ++at;
      out.push_back(std::move(one));
    } else if (at < text.size() && text[at] != '}') {
      ++at;
    }
  }
  if (at < text.size()) ++at;
  return out;
}

}  // namespace

const Matcher* MetricUse::find(std::string_view label) const {
  auto found = std::find_if(matchers.begin(), matchers.end(), [&](const Matcher& one) { return one.label == label; });
  return found == matchers.end() ? nullptr : &*found;
}

std::vector<AlertRule> alert_rules(const Model& model) {
  std::vector<AlertRule> out;
  for (const Manifest* one : model.of_kind("PrometheusRule"))
    if (const json::Value* spec = json::find(one->value, "spec")) read_groups(*one, *spec, Path("spec"), out);
  for (const Manifest* one : model.of_kind("")) read_groups(*one, one->value, {}, out);
  for (const Manifest* one : model.of_kind("ConfigMap")) {
    const json::Object* data = json::object_at(one->value, {"data"});
    if (!data) continue;
    for (const auto& member : *data) {
      if (!member.value().is_string()) continue;
      const std::string_view text = json::view(member.value().get_string());
      if (text.find("groups:") == std::string_view::npos || text.find("expr:") == std::string_view::npos) continue;
      auto value = yaml::parse(text, json::make_arena());
      if (!value) continue;
      std::vector<AlertRule> inner;
      read_groups(*one, *value, {}, inner);
      for (AlertRule& rule : inner) {
        rule.path = Path("data") / member.key();
        out.push_back(std::move(rule));
      }
    }
  }
  return out;
}

std::vector<MetricUse> metric_uses(std::string_view text) {
  std::vector<MetricUse> out;
  std::vector<std::string> calls;  // names before the open parentheses
  std::string word;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '"' || c == '\'' || c == '`') {
      const std::size_t end = text.find(c, at + 1);
      at = end == std::string_view::npos ? text.size() : end + 1;
    } else if (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':') {
      word.clear();
      while (at < text.size() && is_name(text[at])) word += text[at++];
      const std::size_t next = skip_blanks(text, at);
      if (next < text.size() && text[next] == '{') {
        MetricUse use{word, {}, false};
        at = next + 1;
        use.matchers = read_matchers(text, at);
        use.in_rate = std::any_of(calls.begin(), calls.end(), [](const std::string& name) {
          return name == "rate" || name == "irate" || name == "increase" || name == "delta" || name == "changes";
        });
        out.push_back(std::move(use));
      } else if (next >= text.size() || text[next] != '(') {
        MetricUse use{word, {}, false};
        use.in_rate = std::any_of(calls.begin(), calls.end(), [](const std::string& name) {
          return name == "rate" || name == "irate" || name == "increase" || name == "delta" || name == "changes";
        });
        if (word.find('_') != std::string::npos) out.push_back(std::move(use));
      } else {
        continue;
      }
      word.clear();
    } else if (c == '{') {
      MetricUse use;
      ++at;
      use.matchers = read_matchers(text, at);
      if (const Matcher* name = use.find("__name__")) {
        use.metric = name->value;
        out.push_back(std::move(use));
      }
    } else if (c == '(') {
      calls.push_back(word);
      word.clear();
      ++at;
    } else if (c == ')') {
      if (!calls.empty()) calls.pop_back();
      ++at;
    } else {
      if (std::isspace(static_cast<unsigned char>(c)) == 0) word.clear();
      ++at;
    }
  }
  return out;
}

bool compares_with_number(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && depth > 0) --depth;
    if (depth > 0 || (text[at] != '>' && text[at] != '<' && text[at] != '=' && text[at] != '!')) continue;
    std::size_t next = at + 1;
    if (next < text.size() && text[next] == '=') ++next;
    next = skip_blanks(text, next);
    if (next < text.size() && std::isdigit(static_cast<unsigned char>(text[next])) != 0) return true;
  }
  return false;
}

}  // namespace gatepost::lint
