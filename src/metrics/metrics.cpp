#include "metrics/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace gatepost::metrics {
namespace {

constexpr std::size_t kLatest = 1024;

void write_escaped(std::string_view text, bool quotes, std::string& out) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || (quotes && c == '"')) out += '\\';
      out += c;
    }
  }
}

// {a="x",b="y",le="0.5"}; nothing at all without labels.
void write_labels(const std::vector<std::string>& names, const std::vector<std::string>& values,
                  std::string_view extra_name, double extra, std::string& out) {
  char separator = '{';
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += std::exchange(separator, ',');
    out += names[i];
    out += "=\"";
    write_escaped(values[i], true, out);
    out += '"';
  }
  if (!extra_name.empty()) {
    out += std::exchange(separator, ',');
    out += extra_name;
    out += "=\"";
    write_number(extra, out);
    out += '"';
  }
  if (separator == ',') out += '}';
}

struct Line {
  const FamilyInfo& info;
  const std::vector<std::string>& values;
  std::string& out;

  void start(std::string_view suffix, std::string_view extra_name = {}, double extra = 0) const {
    out += info.name;
    out += suffix;
    write_labels(info.labels, values, extra_name, extra, out);
    out += ' ';
  }
  void number(double value) const {
    write_number(value, out);
    out += '\n';
  }
  void integer(std::uint64_t value) const {
    out += std::to_string(value);
    out += '\n';
  }
};

constexpr std::string_view type_name(const Counter*) {
  return "counter";
}
constexpr std::string_view type_name(const Gauge*) {
  return "gauge";
}
constexpr std::string_view type_name(const Histogram*) {
  return "histogram";
}
constexpr std::string_view type_name(const Summary*) {
  return "summary";
}

void write_series(const Line& line, const Counter& counter) {
  line.start("");
  line.number(counter.value());
}

void write_series(const Line& line, const Gauge& gauge) {
  line.start("");
  line.number(gauge.value());
}

void write_series(const Line& line, const Histogram& histogram) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
    below += histogram.counts()[i];
    line.start("_bucket", "le", i < histogram.bounds().size() ? histogram.bounds()[i] : HUGE_VAL);
    line.integer(below);
  }
  line.start("_sum");
  line.number(histogram.sum());
  line.start("_count");
  line.integer(histogram.count());
}

void write_series(const Line& line, const Summary& summary) {
  for (const double q : summary.quantiles()) {
    line.start("", "quantile", q);
    line.number(summary.quantile(q));
  }
  line.start("_sum");
  line.number(summary.sum());
  line.start("_count");
  line.integer(summary.count());
}

}  // namespace

void write_number(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  // Shortest digits, as d.ddde+xx where the exponent is below -4 or from 6 on (strconv's 'g' with precision -1).
  std::array<char, 32> buffer;
  const auto scientific =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(scientific.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  if (exponent < -4 || exponent >= 6) {
    out += text;
    return;
  }
  const auto fixed = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  out.append(buffer.data(), fixed.ptr);
}

void Histogram::observe(double value) {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  ++counts_[static_cast<std::size_t>(at - bounds_.begin())];
  ++count_;
  sum_ += value;
}

void Summary::observe(double value) {
  if (latest_.size() < kLatest) {
    latest_.push_back(value);
  } else {
    latest_[count_ % kLatest] = value;
  }
  ++count_;
  sum_ += value;
}

double Summary::quantile(double q) const {
  if (latest_.empty()) return std::nan("");
  std::vector<double> sorted = latest_;
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(rank == 0 ? 0 : rank - 1);
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

template <class Metric>
Metric Family<Metric>::make() const {
  if constexpr (std::is_constructible_v<Metric, std::span<const double>>) {
    return Metric(info_.marks);
  } else {
    return Metric();
  }
}

template <class Metric>
void Family<Metric>::write(std::string& out) const {
  if (series_.empty()) return;
  if (!info_.help.empty()) {
    out += "# HELP " + info_.name + ' ';
    write_escaped(info_.help, false, out);
    out += '\n';
  }
  out += "# TYPE " + info_.name + ' ';
  out += type_name(static_cast<const Metric*>(nullptr));
  out += '\n';
  for (const auto& [values, metric] : series_) write_series(Line{info_, values, out}, metric);
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;
template class Family<Summary>;

template <class Metric>
Family<Metric>& Registry::put(FamilyInfo info) {
  std::string name = info.name;
  auto family = std::make_unique<Family<Metric>>(std::move(info));
  auto& made = *family;
  if (!families_.emplace(name, std::move(family)).second) throw std::logic_error("metric registered twice: " + name);
  return made;
}

Family<Counter>& Registry::counter(std::string name, std::string help, std::vector<std::string> labels) {
  return put<Counter>({std::move(name), std::move(help), std::move(labels), {}});
}

Family<Gauge>& Registry::gauge(std::string name, std::string help, std::vector<std::string> labels) {
  return put<Gauge>({std::move(name), std::move(help), std::move(labels), {}});
}

Family<Histogram>& Registry::histogram(std::string name, std::string help, std::vector<double> bounds,
                                       std::vector<std::string> labels) {
  return put<Histogram>({std::move(name), std::move(help), std::move(labels), std::move(bounds)});
}

Family<Summary>& Registry::summary(std::string name, std::string help, std::vector<double> quantiles,
                                   std::vector<std::string> labels) {
  return put<Summary>({std::move(name), std::move(help), std::move(labels), std::move(quantiles)});
}

void Registry::write(std::string& out) const {
  for (const auto& [name, family] : families_) family->write(out);
}

}  // namespace gatepost::metrics
