#include "explain/screen.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "base/time.h"
#include "explain/page.h"

namespace gatepost::explain {
namespace {

using report::Finding;
using report::Ink;
using report::Outcome;
using report::paint;
using report::printable;
using report::Style;
using report::wrap;

constexpr int label_width = 9;
constexpr std::size_t most_roots = 3;
constexpr std::size_t most_others = 6;

std::string quoted_webhook(const Finding& f) {
  return f.webhook.empty() ? "a webhook" : "webhook " + printable(f.webhook);
}

std::string sentence(const Finding& f) {
  if (f.cause == "request-budget-exhausted")
    return "The request ran out of time while its admission webhooks were called, and was refused.";
  switch (f.outcome.value_or(Outcome::failed)) {
    case Outcome::failed:
      if (f.cause == "truncated")
        return fmt::format("The call of {} failed, but the text ends before it says why.", quoted_webhook(f));
      return fmt::format("The API server could not get an answer from {}, so the request was refused.",
                         quoted_webhook(f));
    case Outcome::failing_open:
      return fmt::format(
          "The API server could not get an answer from {} and let the request through unchecked (failurePolicy: "
          "Ignore).",
          quoted_webhook(f));
    case Outcome::denied:
      return fmt::format("{} was reached, looked at the request and said no. Nothing is broken.",
                         f.webhook.empty() ? "A webhook" : "Webhook " + printable(f.webhook));
    case Outcome::conversion:
      return "The API server could not convert a custom resource: the CRD's conversion webhook gave no answer.";
    case Outcome::other_subsystem:
      return "This does not come from the call of an admission webhook.";
  }
  return "";
}

// "  label    text wrapped behind it".
std::string labelled(std::string_view label, std::string_view text, const Style& style) {
  if (text.empty()) return "";
  std::string body = wrap(text, 2 + label_width, style.width);
  std::string head = "  " + std::string(label);
  head.resize(2 + label_width, ' ');
  return paint(head, Ink::dim, style) + body.substr(std::min<std::size_t>(body.size(), 2 + label_width));
}

std::string called(const Finding& f) {
  std::string out = printable(f.target);
  std::vector<std::string> parts;
  if (!f.service.empty()) parts.push_back("Service " + printable(f.service));
  if (f.port) parts.push_back(fmt::format("port {}", *f.port));
  if (f.timeout_seconds) parts.push_back(fmt::format("{} s", *f.timeout_seconds));
  if (!parts.empty()) out += fmt::format("  ({})", fmt::join(parts, ", "));
  return out;
}

std::string command_line(std::string_view command, const Names& names, const Style& style) {
  return "     " + paint("$ " + fill(command, names), Ink::cyan, style) + "\n";
}

std::string roots(const Page& page, const Names& names, const Style& style) {
  std::string out;
  int number = 0;
  for (const Root& root : page.roots) {
    if (static_cast<std::size_t>(number) == most_roots) break;
    ++number;
    std::string text = fill(root.text, names);
    if (!root.id.empty()) text += fmt::format(" [{}]", root.id);
    std::string body = wrap(text, 5, style.width);
    body.replace(0, std::min<std::size_t>(5, body.size()), fmt::format("  {}. ", number));
    out += body;
    for (std::string_view command : root.commands) out += command_line(command, names, style);
  }
  return out;
}

std::string heading(std::string_view text, const Style& style) {
  return "\n" + paint(text, Ink::bold, style) + "\n";
}

std::string shorten(std::string text, std::size_t width) {
  if (static_cast<std::size_t>(report::display_width(text)) <= width || width < 4) return text;
  while (static_cast<std::size_t>(report::display_width(text)) > width - 1 && !text.empty()) {
    do text.pop_back();
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0xc0);
  }
  return text + "…";
}

constexpr int entry_indent = 10;

// "failing closed", or what became of the request where the log does not tell the policy.
std::string outcome_words(const Finding& f) {
  std::int64_t open = 0, closed = 0;
  for (const report::Fact& fact : f.impact) {
    const auto* value = std::get_if<std::int64_t>(&fact.value);
    if (value != nullptr && fact.name == "failedOpen") open = *value;
    if (value != nullptr && fact.name == "failedClosed") closed = *value;
  }
  if (open > 0 && closed > 0) return fmt::format("{} failing open, {} failing closed", open, closed);
  if (open > 0) return "failing open";
  if (closed > 0) return "failing closed";
  return std::string(to_string(f.outcome.value_or(Outcome::failed)));
}

// "2026-11-25T03:57:34Z to 04:10:00Z": the day is said once.
std::string time_span(const Finding& f) {
  if (f.first_seen.empty() || f.first_seen == f.last_seen) return f.first_seen;
  const std::size_t clock = f.first_seen.find('T') + 1;
  const bool same_day = f.last_seen.compare(0, clock, f.first_seen, 0, clock) == 0;
  return f.first_seen + " to " + (same_day ? f.last_seen.substr(clock) : f.last_seen);
}

std::string dim(std::string_view text, const Style& style) {
  return paint(wrap(text, entry_indent, style.width), Ink::dim, style);
}

// One kind of failure in a log: what and how often, when, the tail, whom it met.
std::string log_entry(const Finding& f, const Style& style) {
  const std::string head = fmt::format("{}  {}", f.cause, printable(f.webhook.empty() ? "-" : f.webhook));
  std::string out =
      fmt::format("{:>8}  ", f.count.value_or(0)) +
      paint(shorten(head, static_cast<std::size_t>(style.width - entry_indent)), report::ink_of(f.severity), style) +
      "\n";
  std::string when = outcome_words(f);
  if (!f.first_seen.empty()) when += ", " + time_span(f);
  for (const report::Fact& fact : f.impact)
    if (const auto* rate = std::get_if<double>(&fact.value)) when += fmt::format(", {} a minute", *rate);
  out += dim(when, style);
  if (f.timeline) {
    const auto columns = static_cast<std::size_t>(style.width - entry_indent);
    out += std::string(entry_indent, ' ') + paint(report::sparkline(f.timeline->counts, columns), Ink::yellow, style) +
           "\n";
  }
  const std::string at = f.service.empty() ? "" : f.service + (f.port ? fmt::format(":{}", *f.port) : "") + ": ";
  out += dim(printable(at + f.tail), style);
  for (const report::Fact& fact : f.impact)
    if (const auto* list = std::get_if<std::vector<std::string>>(&fact.value))
      out += dim(printable(fmt::format("{}: {}", fact.name, fmt::join(*list, ", "))), style);
  for (const report::Evidence& one : f.evidence) out += wrap(printable(one.detail), entry_indent, style.width);
  return out;
}

}  // namespace

std::string error_screen(const report::Report& report, const Style& style) {
  if (report.findings.empty()) return "";
  const Finding& f = report.findings.front();
  const Page* page = find_page(f.cause);
  const Names names = names_of(f.webhook, f.service, f.port, f.timeout_seconds, f.target);
  std::string out = paint(wrap(sentence(f), 0, style.width), report::ink_of(f.severity), style);
  out += labelled("called", called(f), style);
  out += labelled("error", printable(f.tail), style);
  out += labelled("cause",
                  f.cause + (page == nullptr || page->summary.empty() ? "" : ": " + std::string(page->summary)), style);
  if (f.count && *f.count > 1) {
    out += labelled("seen",
                    f.first_seen.empty() ? fmt::format("{} times", *f.count)
                                         : fmt::format("{} times, {} to {}", *f.count, f.first_seen, f.last_seen),
                    style);
  }
  for (const report::Evidence& one : f.evidence) out += labelled("proof", printable(one.detail), style);
  if (page != nullptr) {
    if (!page->not_this.empty()) out += labelled("not", fill(page->not_this, names), style);
    if (!page->roots.empty()) out += heading("Likely, most likely first", style) + roots(*page, names, style);
    if (!page->fix.empty()) {
      out += heading("Fix", style) + wrap(fill(page->fix, names), 2, style.width);
      for (std::string_view command : page->fix_commands) out += command_line(command, names, style);
    }
    if (!page->risk.empty()) out += labelled("risk", fill(page->risk, names), style);
    out += "\n" + paint(fmt::format("More: gatepost explain {}", page->id), Ink::dim, style) + "\n";
  }
  if (report.findings.size() > 1) {
    out += heading("Also in this text", style);
    for (std::size_t i = 1; i < report.findings.size() && i <= most_others; ++i) {
      const Finding& other = report.findings[i];
      out += "  " +
             shorten(fmt::format("{}  {}  {}", other.cause, printable(other.webhook), printable(other.tail)),
                     static_cast<std::size_t>(style.width) - 2) +
             "\n";
    }
    if (report.findings.size() > most_others + 1)
      out += fmt::format("  and {} more\n", report.findings.size() - most_others - 1);
  }
  return out;
}

std::string log_screen(const report::Report& report, const Ticks& ticks, const Style& style) {
  std::int64_t open = 0, closed = 0, denied = 0, total = 0;
  for (const report::Fact& fact : report.summary) {
    const auto* value = std::get_if<std::int64_t>(&fact.value);
    if (value == nullptr) continue;
    if (fact.name == "failedOpen") open = *value;
    if (fact.name == "failedClosed") closed = *value;
    if (fact.name == "denied") denied = *value;
    if (fact.name == "errors") total = *value;
  }
  const std::string head =
      wrap(fmt::format("{} {} of webhook calls in {} {}: {} failing closed, {} failing open, {} denied", total,
                       total == 1 ? "error" : "errors", report.findings.size(),
                       report.findings.size() == 1 ? "kind" : "kinds", closed, open, denied),
           0, style.width);
  std::string out = paint(head, Ink::bold, style);
  if (const auto timeline = ticks.timeline(static_cast<std::size_t>(std::clamp(style.width - 4, 20, 72)))) {
    const std::int64_t to =
        timeline->from + timeline->step_seconds * static_cast<std::int64_t>(timeline->counts.size());
    out += "  " + paint(report::sparkline(timeline->counts, timeline->counts.size()), Ink::yellow, style) + "\n";
    const std::string span =
        fmt::format("{} to {}, a column is {} s", rfc3339(WallTime(std::chrono::seconds(timeline->from))),
                    rfc3339(WallTime(std::chrono::seconds(to))), timeline->step_seconds);
    out += paint(wrap(span, 2, style.width), Ink::dim, style);
  }
  for (const Finding& f : report.findings) out += "\n" + log_entry(f, style);
  if (!report.findings.empty())
    out +=
        "\n" + paint(fmt::format("More: gatepost explain {}", report.findings.front().cause), Ink::dim, style) + "\n";
  return out;
}

namespace {

struct LineParts {
  std::string_view time, outcome, cause, webhook, service, tail;
};

std::string one_line(const LineParts& parts) {
  std::string out(parts.time);
  out += fmt::format("{}{} {} {}", out.empty() ? "" : " ", parts.outcome, parts.cause,
                     parts.webhook.empty() ? "-" : printable(parts.webhook));
  if (!parts.service.empty()) out += " " + printable(parts.service);
  if (!parts.tail.empty()) out += ": " + printable(parts.tail);
  return out;
}

}  // namespace

std::string error_line(const Occurrence& error, std::optional<std::int64_t> time) {
  const std::string at = time ? rfc3339(WallTime(std::chrono::seconds(*time))) : "";
  return one_line({at, to_string(error.outcome), error.cause, error.webhook, error.service, error.tail});
}

std::string finding_line(const Finding& f) {
  return one_line({f.last_seen, to_string(f.outcome.value_or(Outcome::failed)), f.cause, f.webhook, f.service, f.tail});
}

}  // namespace gatepost::explain
