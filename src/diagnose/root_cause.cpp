#include "diagnose/root_cause.h"

#include <algorithm>
#include <fmt/format.h>

#include "embedded/root_cause_rules.h"
#include "explain/page.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_next = 6;

struct Rule {
  std::string_view confidence, causes, root;
  std::vector<std::string_view> facts;  // "!x": x must not be there
};

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = line.find_first_not_of(' ', at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    out.push_back(line.substr(begin, end - begin));
    at = end;
  }
  return out;
}

struct Rules {
  std::vector<Rule> rules;
  std::vector<std::string> errors;

  Rules() {
    std::string_view text = embedded::root_cause_rules()[0].bytes;
    for (int number = 1; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      auto parts = words(line);
      if (parts.empty() || parts[0][0] == '#') continue;
      const explain::Page* page = parts.size() < 3 ? nullptr : explain::find_page(parts[2]);
      if (!page || !page->is_root) errors.push_back(fmt::format("line {}: {}", number, line));
      if (parts.size() < 3) continue;
      rules.push_back({parts[0], parts[1], parts[2], {parts.begin() + 3, parts.end()}});
    }
  }
};

const Rules& table() {
  static const Rules rules;
  return rules;
}

bool names(std::string_view list, std::string_view cause) {
  if (list == "*") return true;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    if (list.substr(at, end - at) == cause) return true;
    at = end + 1;
  }
  return false;
}

bool holds(const Rule& rule, const Case& of) {
  return names(rule.causes, of.finding.cause) &&
         std::all_of(rule.facts.begin(), rule.facts.end(), [&](std::string_view fact) {
           return fact.starts_with('!') ? !of.has(fact.substr(1)) : of.has(fact);
         });
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  if (with.empty()) return;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

// A page's command with this subject's names.
std::string filled(std::string_view command, const explain::Names& names_of_subject, const Subject& subject,
                   const Case& of) {
  std::string out = explain::fill(command, names_of_subject);
  replace_all(out, "validatingwebhookconfiguration <configuration>", subject.resource() + " " + subject.configuration);
  replace_all(out, "/webhooks/0/", "/webhooks/" + std::to_string(subject.index) + "/");
  replace_all(out, "<deployment>", of.workload);
  replace_all(out, "<secret>", of.secret);
  return out;
}

void add_next(std::string command, report::Finding& finding) {
  if (command.find('<') != std::string::npos && command.find("</dev/null") == std::string::npos) return;
  if (command.starts_with("gatepost diagnose")) return;
  if (finding.next.size() < most_next &&
      std::find(finding.next.begin(), finding.next.end(), command) == finding.next.end())
    finding.next.push_back(std::move(command));
}

}  // namespace

Root root_of(const Case& of) {
  for (const Rule& rule : table().rules)
    if (holds(rule, of)) return {rule.root, rule.confidence};
  return {};
}

std::vector<Root> others(const Case& of) {
  std::vector<Root> out;
  const Root first = root_of(of);
  for (const Rule& rule : table().rules)
    if (holds(rule, of) && rule.root != first.id &&
        std::none_of(out.begin(), out.end(), [&](const Root& root) { return root.id == rule.root; }))
      out.push_back({rule.root, rule.confidence});
  return out;
}

void conclude(const Subject& subject, Case& of) {
  report::Finding& finding = of.finding;
  const Root root = root_of(of);
  finding.root_cause = root.id;
  const explain::Names names_of_subject =
      explain::names_of(finding.webhook, finding.service, finding.port, finding.timeout_seconds, finding.target);
  const explain::Page* page = explain::find_page(root.id.empty() ? std::string_view(finding.cause) : root.id);
  if (!page) return;
  finding.message = explain::fill(page->summary, names_of_subject);
  if (!root.id.empty()) of.see("confidence", std::nullopt, fmt::format("{}: {}", root.confidence, root.id));
  for (const Root& other : others(of)) of.see("also possible", std::nullopt, std::string(other.id));
  add_next(fmt::format("kubectl get {} {} -o yaml", subject.resource(), subject.configuration), finding);
  for (const explain::Root& one : page->roots)
    for (std::string_view command : one.commands) add_next(filled(command, names_of_subject, subject, of), finding);
  if (page->fix_id.empty()) return;
  report::Fix fix{std::string(page->fix_id), explain::fill(page->fix, names_of_subject), ""};
  if (!page->fix_commands.empty()) fix.command = filled(page->fix_commands.front(), names_of_subject, subject, of);
  if (fix.command.starts_with("gatepost diagnose")) fix.command.clear();
  finding.fix = std::move(fix);
}

std::vector<std::string> rule_errors() {
  return table().errors;
}

}  // namespace gatepost::diagnose
