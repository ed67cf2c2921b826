#include "report/drawings.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "base/time.h"
#include "report/call_path.h"
#include "report/html.h"

namespace gatepost::report {
namespace {

constexpr int width = 860;
constexpr int row_height = 24, bar_height = 14;
constexpr int label_width = 330, date_at = 225;
constexpr std::int64_t day = 86400;
constexpr std::int64_t farthest = 730 * day;  // certificates are drawn at most two years from now

std::string open_svg(std::string_view label, int height) {
  return fmt::format(R"(<svg role="img" aria-label="{}" width="100%" viewBox="0 0 {} {}">)", label, width, height);
}

std::string date(std::int64_t seconds) {
  return rfc3339(WallTime(std::chrono::seconds(seconds))).substr(0, 10);
}

std::string shortened(std::string_view text, std::size_t most) {
  return text.size() <= most ? std::string(text) : std::string(text.substr(0, most - 1)) + "…";
}

const char* class_of(Hop::State state) {
  switch (state) {
    case Hop::State::passed:
      return "good";
    case Hop::State::broken:
      return "bad";
    case Hop::State::not_reached:
      return "idle";
  }
  return "";
}

}  // namespace

std::string svg_call_path(const Finding& finding) {
  const auto hops = call_path(finding);
  if (hops.empty()) return "";
  constexpr int height = 92, box_height = 40, top = 14, gap = 28;
  const int count = static_cast<int>(hops.size());
  const int box = (width - gap * (count - 1) - 2) / count;
  std::string out = open_svg("path of the call: " + escape_html(call_path_text(finding)), height);
  for (int i = 0; i < count; ++i) {
    const Hop& hop = hops[static_cast<std::size_t>(i)];
    const int x = 1 + i * (box + gap), middle = x + box / 2;
    if (i > 0) {
      const int from = x - gap + 3, to = x - 3, y = top + box_height / 2;
      out += fmt::format(R"(<path class="arrow {}" d="M{} {}H{}m-6 -4l6 4l-6 4"/>)", class_of(hop.state), from, y, to);
      if (hop.state == Hop::State::broken)
        out += fmt::format(R"(<path class="cross" d="M{} {}l10 10m0 -10l-10 10"/>)", (from + to) / 2 - 5, y - 5);
    }
    out += fmt::format(R"(<rect class="hop {}" x="{}" y="{}" width="{}" height="{}" rx="6"/>)", class_of(hop.state), x,
                       top, box, box_height);
    out += fmt::format(R"(<text class="name" x="{}" y="{}" text-anchor="middle">{}</text>)", middle,
                       top + box_height / 2 + 5, escape_html(hop.name));
    // A note may be wider than its box; at the edges it grows inwards.
    const char* anchor = i == 0 ? "start" : i == count - 1 ? "end" : "middle";
    const int at = i == 0 ? x : i == count - 1 ? x + box : middle;
    if (!hop.note.empty())
      out += fmt::format(R"(<text class="note {}" x="{}" y="{}" text-anchor="{}">{}</text>)", class_of(hop.state), at,
                         top + box_height + (i % 2 == 0 ? 16 : 32), anchor, escape_html(shortened(hop.note, 40)));
  }
  return out + "</svg>";
}

std::string svg_certificates(const Finding& finding, std::int64_t now) {
  const auto& all = finding.certificates;
  if (all.empty()) return "";
  std::int64_t from = now != 0 ? now : all.front().not_before, to = from;
  for (const CertificateSeen& one : all) {
    from = std::min(from, one.not_before);
    to = std::max(to, one.not_after);
  }
  if (now != 0) from = std::max(from, now - farthest), to = std::min(to, now + farthest);
  to = std::max(to, from + day);
  const auto x_of = [&](std::int64_t time) {
    const double part = static_cast<double>(std::clamp(time, from, to) - from) / static_cast<double>(to - from);
    return label_width + static_cast<int>(part * (width - label_width - 10));
  };
  const int height = row_height * static_cast<int>(all.size()) + 22;
  std::string out = open_svg("validity of the certificates", height);
  int y = 4;
  for (const CertificateSeen& one : all) {
    const int begin = x_of(one.not_before), end = std::max(begin + 3, x_of(one.not_after));
    out += fmt::format(R"(<text x="0" y="{0}">{1}</text><text x="{2}" y="{0}">until {3}</text>)", y + bar_height - 3,
                       escape_html(shortened(one.place, 36)), date_at, date(one.not_after));
    out += fmt::format(
        R"(<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="3"><title>{}, {} to {}, SHA-256 {}</title></rect>)",
        !one.ok   ? "neutral"
        : *one.ok ? "good"
                  : "bad",
        begin, y, end - begin, bar_height, escape_html(one.subject), date(one.not_before), date(one.not_after),
        one.sha256);
    y += row_height;
  }
  if (now != 0)
    out += fmt::format(R"(<path class="now" d="M{} 0V{}"/><text x="{}" y="{}" text-anchor="middle">now</text>)",
                       x_of(now), height - 16, x_of(now), height - 4);
  out += fmt::format(R"(<text x="{}" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text></svg>)",
                     label_width, height - 4, date(from), width - 10, height - 4, date(to));
  return out;
}

std::string svg_latencies(const Finding& finding) {
  const auto& all = finding.latencies;
  if (all.empty()) return "";
  const double timeout = finding.timeout_seconds.value_or(0) * 1000.0;
  double most = std::max(timeout, 1.0);
  for (const Latency& one : all) most = std::max(most, one.milliseconds);
  const auto scaled = [&](double value) { return value / most * (width - label_width - 90); };
  const int height = row_height * static_cast<int>(all.size()) + 22;
  std::string out = open_svg("how long each step took", height);
  int y = 4;
  for (const Latency& one : all) {
    const double length = std::max(2.0, scaled(one.milliseconds));
    out += fmt::format(R"(<text x="0" y="{}">{}</text>)", y + bar_height - 3, escape_html(one.step));
    out += fmt::format(R"(<rect class="{}" x="{}" y="{}" width="{:.1f}" height="{}" rx="3"/>)",
                       one.ended ? "neutral" : "bad", label_width, y, length, bar_height);
    out += fmt::format(R"(<text x="{:.1f}" y="{}">{:.0f} ms{}</text>)", label_width + length + 6, y + bar_height - 3,
                       one.milliseconds, one.ended ? "" : ", no end");
    y += row_height;
  }
  if (timeout > 0)
    out += fmt::format(
        R"(<path class="now" d="M{0:.1f} 0V{1}"/><text x="{0:.1f}" y="{2}" text-anchor="middle">timeoutSeconds</text>)",
        label_width + scaled(timeout), height - 16, height - 4);
  return out + "</svg>";
}

}  // namespace gatepost::report
