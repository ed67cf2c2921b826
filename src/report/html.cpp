#include "report/html.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "base/time.h"
#include "report/drawings.h"

namespace gatepost::report {

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

std::string svg_chart(const Timeline& timeline, int width, int height) {
  if (timeline.counts.empty()) return "";
  const std::int64_t most =
      std::max<std::int64_t>(1, *std::max_element(timeline.counts.begin(), timeline.counts.end()));
  const double step = static_cast<double>(width) / static_cast<double>(timeline.counts.size());
  const auto label = [](std::int64_t seconds) { return rfc3339(WallTime(std::chrono::seconds(seconds))); };
  const std::int64_t to = timeline.from + timeline.step_seconds * static_cast<std::int64_t>(timeline.counts.size());
  std::string out =
      fmt::format(R"(<svg role="img" aria-label="errors over time" width="{}" height="{}" viewBox="0 0 {} {}">)", width,
                  height + 14, width, height + 14);
  for (std::size_t i = 0; i < timeline.counts.size(); ++i) {
    if (timeline.counts[i] == 0) continue;
    const double tall = std::max(1.0, static_cast<double>(timeline.counts[i]) * height / static_cast<double>(most));
    out += fmt::format(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}: {}</title></rect>)",
                       static_cast<double>(i) * step, height - tall, std::max(1.0, step - 1), tall,
                       label(timeline.from + timeline.step_seconds * static_cast<std::int64_t>(i)), timeline.counts[i]);
  }
  out += fmt::format(R"(<text x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text></svg>)",
                     height + 12, label(timeline.from), width, height + 12, label(to));
  return out;
}

namespace {

constexpr std::string_view head = R"(<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1e21;background:#fff}
article{border:1px solid #d5d8dc;border-left:6px solid #888;border-radius:4px;padding:.6rem 1rem;margin:1rem 0}
article.error{border-left-color:#c0392b}article.warning{border-left-color:#d68910}article.info{border-left-color:#2e86c1}
code,pre{font:13px/1.4 ui-monospace,monospace;background:#f4f5f7;border-radius:3px;padding:.1rem .3rem;overflow-wrap:anywhere;white-space:pre-wrap}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.4rem 0}dt{color:#667}dd{margin:0}
svg{max-width:100%;height:auto}svg rect{fill:#c0392b}svg text{font-size:11px;fill:#667}h2{font-size:1.1rem;margin:.2rem 0}h3{font-size:.95rem;margin:.8rem 0 .2rem}
svg .hop{fill:none;stroke-width:2}svg .hop.good{stroke:#27865a}svg .hop.bad{stroke:#c0392b;fill:#c0392b22}svg .hop.idle{stroke:#aab;stroke-dasharray:4 3}
svg .arrow{fill:none;stroke-width:2}svg .arrow.good{stroke:#27865a}svg .arrow.bad{stroke:#c0392b}svg .arrow.idle{stroke:#aab;stroke-dasharray:4 3}
svg .cross{fill:none;stroke:#c0392b;stroke-width:3}svg text.name{font-size:14px;fill:currentColor}svg text.note.bad{fill:#c0392b;font-weight:600}
svg rect.good{fill:#27865a}svg rect.hop.good{fill:#27865a22}svg rect.hop.idle{fill:none}svg rect.hop.bad{fill:#c0392b22}svg rect.bad{fill:#c0392b}svg rect.neutral{fill:#5b7fa6}svg .now{fill:none;stroke:#d68910;stroke-width:1.5;stroke-dasharray:3 2}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.15rem .6rem .15rem 0;border-bottom:1px solid #8883}td code{font-size:12px}
.state{white-space:nowrap}.healthy,.yes{color:#27865a}.unhealthy,.no{color:#c0392b}.unknown,.open{color:#667}summary{cursor:pointer}
@media(prefers-color-scheme:dark){body{color:#e4e6eb;background:#18191a}code,pre{background:#2b2d30}article{border-color:#3a3b3c}svg text,dt{fill:#aab;color:#aab}svg rect.neutral{fill:#7fa3cc}}
</style>)";

void row(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, escape_html(value));
}

struct FactText {
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const std::vector<std::string>& value) const {
    return fmt::format("{}", fmt::join(value, ", "));
  }
};

void drawing(std::string& out, std::string_view title, const std::string& svg) {
  if (!svg.empty()) out += fmt::format("<h3>{}</h3>\n{}\n", title, svg);
}

// A line a webhook, the unhealthy ones first.
void print_lines(std::string& out, const Report& report) {
  if (report.webhooks.empty()) return;
  out +=
      "<table>\n<tr><th>state</th><th>webhook</th><th>configuration</th><th>cause</th><th>seen "
      "by</th><th>ms</th></tr>\n";
  using State = WebhookLine::State;
  for (State state : {State::unhealthy, State::unknown, State::healthy})
    for (const WebhookLine& line : report.webhooks) {
      if (line.state != state) continue;
      const std::string cause = line.root_cause.empty() ? line.cause : line.root_cause;
      const std::string context = line.context.empty() ? "" : line.context + ": ";
      out += fmt::format(
          "<tr><td class=\"state {0}\">{0}</td><td>{1}</td><td>{2}</td><td>{3}</td><td>{4}</td><td>{5}</td></tr>\n",
          to_string(line.state), escape_html(context + line.webhook), escape_html(line.configuration),
          escape_html(cause.empty() ? line.note : cause), escape_html(line.vantage),
          line.milliseconds ? fmt::format("{:.0f}", *line.milliseconds) : "");
    }
  out += "</table>\n";
}

void print(std::string& out, const Finding& f, std::int64_t now) {
  out += fmt::format("<article class=\"{}\"><h2>{}{}</h2>\n", to_string(f.severity),
                     escape_html(f.rule.empty() ? f.cause : f.rule),
                     f.webhook.empty() ? "" : ": " + escape_html(f.webhook));
  if (!f.message.empty()) out += fmt::format("<p>{}</p>\n", escape_html(f.message));
  if (f.timeline) out += svg_chart(*f.timeline, 560, 60) + "\n";
  if (const std::string path = svg_call_path(f); !path.empty()) out += path + "\n";
  out += "<dl>\n";
  if (f.outcome) row(out, "outcome", to_string(*f.outcome));
  row(out, "context", f.context);
  row(out, "root cause", f.root_cause);
  row(out, "configuration", f.configuration);
  row(out, "service", f.service);
  row(out, "target", f.target);
  row(out, "error", f.tail);
  if (f.count) row(out, "seen", fmt::format("{}", *f.count));
  row(out, "first", f.first_seen);
  row(out, "last", f.last_seen);
  row(out, "file", f.file.empty() || !f.line ? f.file : fmt::format("{}:{}", f.file, *f.line));
  for (const Fact& fact : f.impact) row(out, escape_html(fact.name), std::visit(FactText{}, fact.value));
  out += "</dl>\n";
  drawing(out, "Certificates", svg_certificates(f, now));
  drawing(out, "Latency", svg_latencies(f));
  if (!f.evidence.empty()) {
    out += "<h3>Evidence</h3><table>\n";
    for (const Evidence& one : f.evidence)
      out += fmt::format("<tr><td class=\"{}\">{}</td><td><b>{}</b></td><td>{}{}</td></tr>\n",
                         !one.ok   ? "open"
                         : *one.ok ? "yes"
                                   : "no",
                         !one.ok   ? "?"
                         : *one.ok ? "✓"
                                   : "✗",
                         escape_html(one.check), escape_html(one.detail),
                         one.command.empty() ? "" : "<br><code>" + escape_html(one.command) + "</code>");
    out += "</table>\n";
  }
  if (!f.next.empty()) {
    out += "<pre>";
    for (const std::string& command : f.next) out += escape_html(command) + "\n";
    out += "</pre>\n";
  }
  if (f.fix) {
    out += fmt::format("<p><b>Fix</b> {}</p>\n", escape_html(f.fix->summary));
    if (!f.fix->command.empty()) out += fmt::format("<pre>{}</pre>\n", escape_html(f.fix->command));
  }
  out += "</article>\n";
}

}  // namespace

std::string render_html(const Report& report, std::string_view title) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>{}</title>\n{}</head><body>\n<h1>{}</h1>\n<dl>\n",
      escape_html(title), head, escape_html(title));
  for (const Fact& fact : report.summary) row(out, escape_html(fact.name), std::visit(FactText{}, fact.value));
  out += "</dl>\n";
  print_lines(out, report);
  for (const Finding& finding : report.findings) print(out, finding, report.time);
  return out + "</body></html>\n";
}

}  // namespace gatepost::report
