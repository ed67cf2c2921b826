#include "rehearse/page.h"

#include <algorithm>
#include <map>

#include "rehearse/graph.h"
#include "report/html.h"

namespace gatepost::rehearse {
namespace {

using report::escape_html;

constexpr const char* style = R"(<style>
:root{color-scheme:light dark;--line:#8884;--bad:#c22;--warn:#a60;--ok:#182;--after:#06a}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}
table{border-collapse:collapse;font-size:13px}th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left}
thead th{vertical-align:bottom}.scroll{overflow-x:auto}
.wedged{color:var(--bad);font-weight:700}.degraded{color:var(--warn)}.recovers{color:var(--ok)}
.recovers-after{color:var(--after)}
pre{background:#8882;padding:.6rem;overflow-x:auto}code{font-size:13px}
.graph{width:100%;max-height:80vh;font-size:12px}.graph text{fill:currentColor}
.graph path.edge{fill:none;stroke:#678;stroke-width:1.2}.graph path.cycle{fill:none;stroke:#c22;stroke-width:2.2}
.graph circle.good{fill:#678}.graph circle.bad{fill:#c22}
</style>)";

void add_matrix(const Rehearsal& rehearsal, std::string& out) {
  std::vector<std::string> columns;
  std::map<std::pair<std::size_t, std::string>, Verdict> cells;
  for (const Act& act : rehearsal.acts) {
    const std::string column = act.scenario.together_with.empty() ? act.scenario.name : "outage-of-both";
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) columns.push_back(column);
    for (const WebhookResult& result : act.played.results) {
      auto [cell, fresh] = cells.try_emplace({result.webhook, column}, result.verdict);
      if (!fresh) cell->second = std::max(cell->second, result.verdict);
    }
  }
  out += "<div class=\"scroll\"><table><thead><tr><th>webhook</th><th>backend</th>";
  for (const std::string& column : columns) out += "<th>" + escape_html(column) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (std::size_t w = 0; w < rehearsal.world.webhooks.size(); ++w) {
    const Webhook& webhook = rehearsal.world.webhooks[w];
    out += "<tr><th>" + escape_html(webhook.name) + "</th><td>" + escape_html(webhook.backend) + "</td>";
    for (const std::string& column : columns) {
      auto cell = cells.find({w, column});
      if (cell == cells.end()) {
        out += "<td></td>";
        continue;
      }
      const std::string verdict(to_string(cell->second));
      out += "<td class=\"" + verdict + "\">" + verdict + "</td>";
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
}

void add_wedges(const Rehearsal& rehearsal, std::string& out) {
  for (const Act& act : rehearsal.acts) {
    if (act.played.wedged.empty()) continue;
    out += "<h3 class=\"wedged\">" + escape_html(act.scenario.name) + "</h3><p>" +
           escape_html(std::string(describe(act.scenario))) + "</p><ol>\n";
    constexpr std::size_t most = 20;
    std::size_t shown = 0;
    for (const Wait& wait : act.played.waits) {
      if (shown++ == most) break;
      out += "<li><b>" + escape_html(wait.backend) + "</b>: " + escape_html(wait.who + ": " + wait.what) +
             (wait.webhook.empty() ? "" : " waits for webhook <b>" + escape_html(wait.webhook) + "</b>") +
             "<br><code>" + escape_html(wait.text) + "</code></li>\n";
    }
    out += "</ol>\n";
    if (!act.change) continue;
    for (const Edit& edit : act.change->edits)
      out += "<p>Change: " + escape_html(edit.summary) + "</p><pre>" + escape_html(edit.diff) + "</pre><pre>" +
             escape_html(edit.command) + "</pre>\n";
  }
}

}  // namespace

std::string render_page(const Rehearsal& rehearsal) {
  const World& world = rehearsal.world;
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Outages rehearsed</title>";
  out += style;
  out += "</head><body>\n<h1>Outages rehearsed</h1>\n<p>" + std::to_string(world.webhooks.size()) + " webhooks of " +
         std::to_string(world.backends.size()) + " backends, " + std::to_string(world.pods) + " pods on " +
         std::to_string(world.nodes) + " nodes, " + std::to_string(rehearsal.acts.size()) + " scenarios.</p>\n";
  add_matrix(rehearsal, out);
  const std::vector<Edge> edges = dependencies(rehearsal);
  out +=
      "<h2>Which backend needs which</h2>\n<p>An arrow leads from a backend to the one whose webhook must answer "
      "before its pods can be made. Cycles are red.</p>\n" +
      draw(rehearsal, edges);
  out += "<h2>Wedges</h2>\n";
  const std::size_t before = out.size();
  add_wedges(rehearsal, out);
  if (out.size() == before) out += "<p>None.</p>\n";
  if (!world.assumptions.empty()) {
    out += "<h2>Assumed</h2>\n<ul>\n";
    for (const std::string& line : world.assumptions) out += "<li>" + escape_html(line) + "</li>\n";
    out += "</ul>\n";
  }
  return out + "</body></html>\n";
}

}  // namespace gatepost::rehearse
