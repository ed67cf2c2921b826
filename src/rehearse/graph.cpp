#include "rehearse/graph.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "report/html.h"

namespace gatepost::rehearse {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::set<std::size_t> reachable(std::size_t start, const std::vector<Edge>& edges) {
  std::set<std::size_t> seen;
  std::vector<std::size_t> front{start};
  while (!front.empty()) {
    const std::size_t at = front.back();
    front.pop_back();
    for (const Edge& edge : edges)
      if (edge.from == at && seen.insert(edge.to).second) front.push_back(edge.to);
  }
  return seen;
}

}  // namespace

std::vector<Edge> dependencies(const Rehearsal& rehearsal) {
  const World& world = rehearsal.world;
  std::vector<Edge> edges;
  std::set<std::string> known;
  auto add = [&](std::size_t from, std::size_t to, const std::string& webhook) {
    if (known.insert(std::to_string(from) + ">" + std::to_string(to) + ">" + webhook).second)
      edges.push_back({from, to, webhook, false});
  };
  auto index_of = [&world](const std::string& id) {
    for (std::size_t i = 0; i < world.backends.size(); ++i)
      if (world.backends[i].id == id) return i;
    return world.backends.size();
  };
  for (const Act& act : rehearsal.acts)
    for (const Wait& wait : act.played.waits) {
      const std::size_t from = index_of(wait.backend), to = index_of(wait.on);
      if (from < world.backends.size() && to < world.backends.size()) add(from, to, wait.webhook);
    }
  for (const Webhook& webhook : world.webhooks) {
    if (webhook.ignores) continue;
    for (std::size_t c : webhook.canaries) {
      const Canary& canary = world.canaries[c];
      for (std::size_t from = 0; from < world.backends.size(); ++from)
        for (const Workload& workload : world.backends[from].workloads)
          if (workload.ns == canary.ns &&
              canary.what.find("(as " + workload.kind + " " + workload.name + " makes") != std::string::npos)
            add(from, index_of(webhook.backend), webhook.name);
    }
  }
  for (Edge& edge : edges) edge.on_cycle = edge.from == edge.to || reachable(edge.to, edges).contains(edge.from);
  return edges;
}

std::string draw(const Rehearsal& rehearsal, const std::vector<Edge>& edges) {
  const World& world = rehearsal.world;
  // Those without an edge are left out of a large drawing.
  std::vector<std::size_t> shown;
  constexpr std::size_t small = 24;
  for (std::size_t i = 0; i < world.backends.size(); ++i) {
    const bool joined =
        std::any_of(edges.begin(), edges.end(), [i](const Edge& edge) { return edge.from == i || edge.to == i; });
    if (joined || world.backends.size() <= small) shown.push_back(i);
  }
  const double count = std::max<double>(1, static_cast<double>(shown.size()));
  constexpr double turn = 6.283185307179586, margin = 150;
  const double radius = std::max(90.0, count * 14), size = 2 * (radius + margin);
  auto place = [&](std::size_t backend) {
    const auto at = std::find(shown.begin(), shown.end(), backend) - shown.begin();
    const double angle = turn * static_cast<double>(at) / count - turn / 4;
    return std::pair{size / 2 + radius * std::cos(angle), size / 2 + radius * std::sin(angle)};
  };
  std::string svg = "<svg class=\"graph\" viewBox=\"0 0 " + number(size) + " " + number(size) +
                    "\" role=\"img\" aria-label=\"which backend needs which webhook\">\n<defs>"
                    "<marker id=\"n\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
                    "orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"#678\"/></marker>"
                    "<marker id=\"c\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" "
                    "orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"#c22\"/></marker></defs>\n";
  constexpr double knob = 9;
  for (const Edge& edge : edges) {
    auto [x1, y1] = place(edge.from);
    auto [x2, y2] = place(edge.to);
    std::string path;
    if (edge.from == edge.to) {
      // A loop on the outer side.
      const double ox = (x1 - size / 2) / radius, oy = (y1 - size / 2) / radius;
      path = "M" + number(x1 + ox * knob - oy * 4) + " " + number(y1 + oy * knob + ox * 4) + " C" +
             number(x1 + ox * 52 - oy * 34) + " " + number(y1 + oy * 52 + ox * 34) + " " +
             number(x1 + ox * 52 + oy * 34) + " " + number(y1 + oy * 52 - ox * 34) + " " +
             number(x1 + ox * knob + oy * 4) + " " + number(y1 + oy * knob - ox * 4);
    } else {
      const double dx = x2 - x1, dy = y2 - y1, length = std::max(1.0, std::sqrt(dx * dx + dy * dy));
      const double bend = length * 0.16;
      path = "M" + number(x1 + dx / length * knob) + " " + number(y1 + dy / length * knob) + " Q" +
             number((x1 + x2) / 2 - dy / length * bend) + " " + number((y1 + y2) / 2 + dx / length * bend) + " " +
             number(x2 - dx / length * knob) + " " + number(y2 - dy / length * knob);
    }
    svg += "<path d=\"" + path + "\" class=\"" + (edge.on_cycle ? "cycle" : "edge") + "\" marker-end=\"url(#" +
           (edge.on_cycle ? "c" : "n") + ")\"><title>" +
           report::escape_html(world.backends[edge.from].id + " needs " + world.backends[edge.to].id + " (webhook " +
                               edge.webhook + ")") +
           "</title></path>\n";
  }
  for (std::size_t backend : shown) {
    auto [x, y] = place(backend);
    const bool bad = std::any_of(edges.begin(), edges.end(), [backend](const Edge& edge) {
      return edge.on_cycle && (edge.from == backend || edge.to == backend);
    });
    const bool right = x >= size / 2;
    svg += "<circle cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" r=\"8\" class=\"" + (bad ? "bad" : "good") +
           "\"/><text x=\"" + number(right ? x + 14 : x - 14) + "\" y=\"" + number(y + 4) + "\" text-anchor=\"" +
           (right ? "start" : "end") + "\">" + report::escape_html(world.backends[backend].id) + "</text>\n";
  }
  return svg + "</svg>\n";
}

}  // namespace gatepost::rehearse
