#include "lint/catalogue.h"

#include <algorithm>
#include <fmt/format.h>

#include "embedded/lint_rules.h"
#include "json/indent.h"
#include "json/write.h"
#include "report/json.h"
#include "report/terminal.h"

namespace gatepost::lint {
namespace {

constexpr std::string_view margin = "    ";
constexpr int page_width = 100;

// "key: rest"; the key of what begins a text, else nothing.
bool take_field(std::string_view line, std::string_view key, std::string_view& into) {
  if (!line.starts_with(key) || line.substr(key.size(), 2) != ": ") return false;
  into = line.substr(key.size() + 2);
  return true;
}

void read_file(std::string_view text, std::vector<RuleText>& out) {
  std::string* example = nullptr;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("## ")) {
      const std::string_view heading = line.substr(3);
      const std::size_t space = std::min(heading.find(' '), heading.size());
      RuleText& rule = out.emplace_back();
      rule.id = heading.substr(0, space);
      rule.name = heading.substr(std::min(space + 1, heading.size()));
      rule.needs = "manifests";
      example = nullptr;
      continue;
    }
    if (out.empty()) continue;
    RuleText& rule = out.back();
    if (line.starts_with(margin) && example)
      *example += std::string(line.substr(margin.size())) + "\n";
    else if (line == "bad:")
      example = &rule.bad;
    else if (line == "good:")
      example = &rule.good;
    else if (!line.empty())
      take_field(line, "severity", rule.severity) || take_field(line, "needs", rule.needs) ||
          take_field(line, "why", rule.why) || take_field(line, "fix", rule.fix);
  }
}

std::optional<report::Severity> word(std::string_view text) {
  if (text.starts_with("error")) return report::Severity::error;
  if (text.starts_with("warning")) return report::Severity::warning;
  if (text.starts_with("info")) return report::Severity::info;
  return std::nullopt;
}

std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += "    " + std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

const std::vector<RuleText>& catalogue() {
  static const std::vector<RuleText> rules = [] {
    std::vector<RuleText> out;
    for (const embedded::File& file : embedded::lint_rules()) read_file(file.bytes, out);
    std::sort(out.begin(), out.end(), [](const RuleText& a, const RuleText& b) { return a.id < b.id; });
    return out;
  }();
  return rules;
}

const RuleText* find_rule(std::string_view id) {
  const std::vector<RuleText>& all = catalogue();
  auto found = std::lower_bound(all.begin(), all.end(), id,
                                [](const RuleText& rule, std::string_view wanted) { return rule.id < wanted; });
  return found != all.end() && found->id == id ? &*found : nullptr;
}

std::optional<report::Severity> severity_of(const RuleText& rule, const About& about) {
  const std::string_view text = rule.severity.substr(0, rule.severity.find(';'));
  const std::size_t condition = text.find(" if ");
  if (condition == std::string_view::npos) return word(text);
  const std::string_view asked = text.substr(condition + 4);
  const bool holds = asked.starts_with("Fail") ? about.fails_closed : about.mutating;
  const std::size_t comma = text.find(", ");
  if (comma == std::string_view::npos) return holds ? word(text) : std::nullopt;
  // "warning, error if Fail" or "error if Fail, else warning"
  if (comma < condition) return holds ? word(text.substr(comma + 2)) : word(text);
  return holds ? word(text) : word(text.substr(text.find("else ") + 5));
}

std::string explain_page(const RuleText& rule) {
  std::string out = fmt::format("{} {}\n\nSeverity: {}\nNeeds:    {}\n\nWhy\n{}\nHow to fix it\n{}", rule.id, rule.name,
                                rule.severity, rule.needs, report::wrap(rule.why, 2, page_width),
                                report::wrap(rule.fix, 2, page_width));
  if (!rule.bad.empty()) out += "\nBad\n" + indented(rule.bad);
  if (!rule.good.empty()) out += "\nGood\n" + indented(rule.good);
  return out;
}

std::string list_text() {
  std::string out;
  for (const RuleText& rule : catalogue())
    out += fmt::format("{}  {:<42} {:<32} {}\n", rule.id, rule.name, rule.severity.substr(0, rule.severity.find(';')),
                       rule.needs == "manifests" ? "" : rule.needs);
  return out;
}

std::string rules_json(const std::vector<const RuleText*>& rules) {
  json::Array list;
  for (const RuleText* rule : rules) {
    json::Object one;
    const std::pair<std::string_view, std::string_view> fields[] = {
        {"id", rule->id},   {"name", rule->name}, {"severity", rule->severity}, {"needs", rule->needs},
        {"why", rule->why}, {"fix", rule->fix},   {"bad", rule->bad},           {"good", rule->good}};
    for (const auto& [key, text] : fields)
      if (!text.empty()) one.emplace(key, text);
    list.push_back(std::move(one));
  }
  json::Object out;
  out.emplace("schema", report::schema);
  out.emplace("command", "lint");
  out.emplace("rules", std::move(list));
  return json::indent(json::write(json::Value(std::move(out)))) + "\n";
}

}  // namespace gatepost::lint
