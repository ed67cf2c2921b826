#include "rehearse/matrix.h"

#include <algorithm>
#include <map>

#include "rehearse/span_text.h"

namespace gatepost::rehearse {
namespace {

using report::Ink;

struct Mark {
  const char* text;
  Ink ink;
};

Mark mark_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::wedged:
      return {"WEDGED", Ink::red};
    case Verdict::degraded:
      return {"degraded", Ink::yellow};
    case Verdict::recovers_after:
      return {"after", Ink::cyan};
    case Verdict::recovers:
      break;
  }
  return {"recovers", Ink::green};
}

// Pairs share a column: the worst of them.
std::string column_of(const Scenario& scenario) {
  return scenario.together_with.empty() ? scenario.name : "outage-of-both";
}

std::string padded(std::string text, std::size_t width) {
  const auto shown = static_cast<std::size_t>(report::display_width(text));
  if (shown < width) text.append(width - shown, ' ');
  return text;
}

void add_table(const Rehearsal& rehearsal, const report::Style& style, std::string& out) {
  std::vector<std::string> columns;
  std::map<std::pair<std::size_t, std::string>, Verdict> cells;
  for (const Act& act : rehearsal.acts) {
    const std::string column = column_of(act.scenario);
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) columns.push_back(column);
    for (const WebhookResult& result : act.played.results) {
      auto [cell, fresh] = cells.try_emplace({result.webhook, column}, result.verdict);
      if (!fresh) cell->second = std::max(cell->second, result.verdict);
    }
  }
  // One line a scenario above, numbered columns below: names of scenarios are too long for columns.
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::string number = std::to_string(i + 1);
    out += "  " + std::string(number.size() < 2 ? " " : "") + number + "  " + columns[i] + "\n";
  }
  out += "\n";
  std::size_t width = 7;
  for (const Webhook& webhook : rehearsal.world.webhooks)
    width = std::max(width, static_cast<std::size_t>(report::display_width(report::printable(webhook.name))));
  constexpr std::size_t cell_width = 10;
  const std::size_t room = static_cast<std::size_t>(std::max(style.width, 40));
  const std::size_t a_row = std::max<std::size_t>(1, room > width + 2 ? (room - width - 2) / cell_width : 1);
  for (std::size_t from = 0; from < columns.size(); from += a_row) {
    const std::size_t to = std::min(columns.size(), from + a_row);
    out += padded("webhook", width + 2);
    for (std::size_t c = from; c < to; ++c) out += padded(std::to_string(c + 1), cell_width);
    out += "\n";
    for (std::size_t w = 0; w < rehearsal.world.webhooks.size(); ++w) {
      out += padded(report::printable(rehearsal.world.webhooks[w].name), width + 2);
      for (std::size_t c = from; c < to; ++c) {
        auto cell = cells.find({w, columns[c]});
        if (cell == cells.end()) {
          out += padded("-", cell_width);
          continue;
        }
        const Mark mark = mark_of(cell->second);
        out += report::paint(mark.text, mark.ink, style) +
               std::string(cell_width - std::min(cell_width, std::string_view(mark.text).size()), ' ');
      }
      out += "\n";
    }
    out += "\n";
  }
}

void add_wedge(const Act& act, const report::Style& style, std::string& out) {
  out += report::paint("wedged", Ink::red, style) + "  " + act.scenario.name + ": ";
  for (std::size_t i = 0; i < act.played.wedged.size(); ++i)
    out += (i ? ", " : "") + report::printable(act.played.wedged[i]);
  out += "\n" + report::wrap(std::string(describe(act.scenario)), 2, style.width);
  constexpr std::size_t most_waits = 12;
  std::size_t shown = 0;
  for (const Wait& wait : act.played.waits) {
    if (std::find(act.played.wedged.begin(), act.played.wedged.end(), wait.backend) == act.played.wedged.end())
      continue;
    if (shown++ == most_waits) {
      out += "  ...\n";
      break;
    }
    std::string line = wait.backend + " waits: " + wait.who + ", " + wait.what;
    if (!wait.webhook.empty()) line += " -> webhook " + wait.webhook;
    if (!wait.on.empty()) line += " -> backend " + wait.on;
    out += report::wrap(report::printable(line), 2, style.width);
    out += report::wrap(report::printable(wait.text), 6, style.width);
  }
  if (!act.change) {
    out += "  no single change of the webhooks was found that frees it\n\n";
    return;
  }
  out += "  " + report::paint("the smallest change that frees it", Ink::bold, style) + " (" +
         std::to_string(act.change->tried) + " tried):\n";
  for (const Edit& edit : act.change->edits) {
    out += report::wrap(report::printable(edit.summary), 4, style.width);
    std::size_t at = 0;
    while (at < edit.diff.size()) {
      const std::size_t end = std::min(edit.diff.find('\n', at), edit.diff.size());
      const std::string line = edit.diff.substr(at, end - at);
      const Ink ink = line.starts_with('+') ? Ink::green : line.starts_with('-') ? Ink::red : Ink::dim;
      out += "    " + report::paint(report::printable(line), ink, style) + "\n";
      at = end + 1;
    }
    out += "    " + report::printable(edit.command) + "\n";
  }
  out += "\n";
}

}  // namespace

std::string render_matrix(const Rehearsal& rehearsal, const report::Style& style) {
  const World& world = rehearsal.world;
  std::string out = std::to_string(world.webhooks.size()) + " webhooks of " + std::to_string(world.backends.size()) +
                    " backends, " + std::to_string(world.pods) + " pods on " + std::to_string(world.nodes) +
                    " nodes, " + std::to_string(rehearsal.acts.size()) + " scenarios:\n";
  add_table(rehearsal, style, out);
  std::map<std::string, std::size_t> told;  // the same wedge under another scenario is named, not told again
  for (const Act& act : rehearsal.acts) {
    if (act.played.wedged.empty()) continue;
    std::string making;
    for (const std::string& id : act.played.wedged) making += id + ";";
    if (told[making]++ == 0) add_wedge(act, style, out);
  }
  for (const std::string& line : world.assumptions)
    out += report::wrap(report::printable("assumed: " + line), 0, style.width);
  return out;
}

}  // namespace gatepost::rehearse
