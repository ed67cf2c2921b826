// Counters, gauges, histograms and summaries with labels, printed in Prometheus' text format byte for byte as Go's
// client prints them: families by name, series by label values, numbers in Go's shortest form.
//
//   Registry registry;
//   auto& requests = registry.counter("apiserver_webhook_request_total", "Requests by code.", {"code", "name"});
//   requests.with({"200", "vpod.kb.io"}).add();
//
// Everything belongs to one thread (the event loop's), so a count is one addition. Families and series live as long as
// their registry: keep the reference that with() gives where the same series is counted often. The number of series is
// bounded by the caller's choice of labels; values that come from outside must not become labels unbounded.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::metrics {

class Counter {
 public:
  void add(double amount = 1) { value_ += amount; }
  double value() const { return value_; }

 private:
  double value_ = 0;
};

class Gauge {
 public:
  void set(double value) { value_ = value; }
  void add(double amount) { value_ += amount; }
  double value() const { return value_; }

 private:
  double value_ = 0;
};

class Histogram {
 public:
  // Upper bounds, rising, without +Inf.
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}
  void observe(double value);
  std::uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  std::span<const double> bounds() const { return bounds_; }
  std::span<const std::uint64_t> counts() const { return counts_; }  // of each bucket alone, the last one is +Inf's

 private:
  std::span<const double> bounds_;
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

// Quantiles over the latest 1,024 observations; sum and count over all.
class Summary {
 public:
  explicit Summary(std::span<const double> quantiles) : quantiles_(quantiles) {}
  void observe(double value);
  std::uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  std::span<const double> quantiles() const { return quantiles_; }
  double quantile(double q) const;  // NaN without observations

 private:
  std::span<const double> quantiles_;
  std::vector<double> latest_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

// The label values of a series, compared in order without copies.
struct LabelsLess {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](std::string_view x, std::string_view y) { return x < y; });
  }
};

class AnyFamily {
 public:
  virtual ~AnyFamily() = default;
  virtual void write(std::string& out) const = 0;
};

struct FamilyInfo {
  std::string name, help;  // without help no HELP line is printed
  std::vector<std::string> labels;
  std::vector<double> marks;  // bounds of a histogram, quantiles of a summary
};

template <class Metric>
class Family final : public AnyFamily {
 public:
  explicit Family(FamilyInfo info) : info_(std::move(info)) {}

  // The series with these label values, in the order of the family's labels. Made at zero when it is new.
  Metric& with(std::initializer_list<std::string_view> values) {
    const std::span<const std::string_view> key(values.begin(), values.size());
    if (const auto found = series_.find(key); found != series_.end()) return found->second;
    return series_.emplace(std::vector<std::string>(key.begin(), key.end()), make()).first->second;
  }
  void write(std::string& out) const override;

 private:
  Metric make() const;

  FamilyInfo info_;
  std::map<std::vector<std::string>, Metric, LabelsLess> series_;
};

class Registry {
 public:
  // Labels in the order of their names, as Go prints them. A family is registered once.
  Family<Counter>& counter(std::string name, std::string help, std::vector<std::string> labels = {});
  Family<Gauge>& gauge(std::string name, std::string help, std::vector<std::string> labels = {});
  Family<Histogram>& histogram(std::string name, std::string help, std::vector<double> bounds,
                               std::vector<std::string> labels = {});
  Family<Summary>& summary(std::string name, std::string help, std::vector<double> quantiles,
                           std::vector<std::string> labels = {});

  // Appends all families that have a series.
  void write(std::string& out) const;

 private:
  template <class Metric>
  Family<Metric>& put(FamilyInfo info);

  std::map<std::string, std::unique_ptr<AnyFamily>> families_;
};

// Go's %g with the shortest digits: 0.005, 2.2333e-05, 1e+06, +Inf, NaN.
void write_number(double value, std::string& out);

}  // namespace gatepost::metrics
