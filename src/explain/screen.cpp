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

std::string pad(std::string text, std::size_t width) {
  const auto columns = static_cast<std::size_t>(report::display_width(text));
  if (columns < width) text.append(width - columns, ' ');
  return text;
}

std::string shorten(std::string text, std::size_t width) {
  if (static_cast<std::size_t>(report::display_width(text)) <= width || width < 4) return text;
  while (static_cast<std::size_t>(report::display_width(text)) > width - 1 && !text.empty()) {
    do text.pop_back();
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0xc0);
  }
  return text + "…";
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
  std::string out = paint(fmt::format("{} errors of webhook calls", total), Ink::bold, style);
  out += fmt::format(" in {} kinds: {} failing closed, {} failing open, {} denied\n", report.findings.size(), closed,
                     open, denied);
  if (const auto timeline = ticks.timeline(static_cast<std::size_t>(std::clamp(style.width - 4, 20, 72)))) {
    const std::int64_t to =
        timeline->from + timeline->step_seconds * static_cast<std::int64_t>(timeline->counts.size());
    out += "  " + paint(report::sparkline(timeline->counts, timeline->counts.size()), Ink::yellow, style) + "\n";
    out += paint(fmt::format("  {} to {}, a column is {} s", rfc3339(WallTime(std::chrono::seconds(timeline->from))),
                             rfc3339(WallTime(std::chrono::seconds(to))), timeline->step_seconds),
                 Ink::dim, style) +
           "\n";
  }
  out += "\n" +
         paint("   COUNT  OUTCOME       CAUSE                  FIRST                 LAST                  WEBHOOK",
               Ink::bold, style) +
         "\n";
  for (const Finding& f : report.findings) {
    out +=
        fmt::format("{:>8}  {}  {}  {}  {}  {}\n", f.count.value_or(0),
                    pad(std::string(to_string(f.outcome.value_or(Outcome::failed))), 12), pad(f.cause, 21),
                    pad(f.first_seen.empty() ? "-" : f.first_seen, 20),
                    pad(f.last_seen.empty() ? "-" : f.last_seen, 20), printable(f.webhook.empty() ? "-" : f.webhook));
    out +=
        "          " +
        paint(shorten(printable(f.tail), static_cast<std::size_t>(std::max(40, style.width - 10))), Ink::dim, style) +
        "\n";
    std::string who;
    for (const report::Fact& fact : f.impact) {
      if (const auto* list = std::get_if<std::vector<std::string>>(&fact.value))
        who += fmt::format("{}{}: {}", who.empty() ? "" : "; ", fact.name, fmt::join(*list, ", "));
      if (const auto* rate = std::get_if<double>(&fact.value))
        who += fmt::format("{}{} a minute", who.empty() ? "" : "; ", *rate);
    }
    if (!who.empty())
      out += "          " +
             paint(shorten(printable(who), static_cast<std::size_t>(std::max(40, style.width - 10))), Ink::dim, style) +
             "\n";
    for (const report::Evidence& one : f.evidence) out += wrap(printable(one.detail), 10, style.width);
  }
  if (!report.findings.empty())
    out +=
        "\n" + paint(fmt::format("More: gatepost explain {}", report.findings.front().cause), Ink::dim, style) + "\n";
  return out;
}

std::string error_line(const Occurrence& error, std::optional<std::int64_t> time) {
  std::string out;
  if (time) out += rfc3339(WallTime(std::chrono::seconds(*time))) + " ";
  out += fmt::format("{} {} {}", to_string(error.outcome), error.cause,
                     error.webhook.empty() ? "-" : printable(error.webhook));
  if (!error.service.empty()) out += " " + printable(error.service);
  if (!error.tail.empty()) out += ": " + printable(error.tail);
  return out;
}

}  // namespace gatepost::explain
