#include "metrics/metrics.h"

#include <cmath>
#include <gtest/gtest.h>

namespace gatepost::metrics {
namespace {

TEST(Metrics, NumbersAreGos) {
  const std::pair<double, const char*> rows[] = {{0, "0"},
                                                 {1, "1"},
                                                 {-1, "-1"},
                                                 {253, "253"},
                                                 {0.005, "0.005"},
                                                 {0.1, "0.1"},
                                                 {2.5, "2.5"},
                                                 {0.0001, "0.0001"},
                                                 {0.00001, "1e-05"},
                                                 {2.2333e-05, "2.2333e-05"},
                                                 {0.37350148200000016, "0.37350148200000016"},
                                                 {999999, "999999"},
                                                 {1000000, "1e+06"},
                                                 {1234567, "1.234567e+06"},
                                                 {1e21, "1e+21"},
                                                 {HUGE_VAL, "+Inf"},
                                                 {-HUGE_VAL, "-Inf"},
                                                 {std::nan(""), "NaN"}};
  for (const auto& [value, expected] : rows) {
    std::string out;
    write_number(value, out);
    EXPECT_EQ(out, expected);
  }
}

TEST(Metrics, PrintsFamiliesByNameAndSeriesByLabels) {
  Registry registry;
  auto& requests = registry.counter("b_total", "All \\ of\nthem.", {"code", "name"});
  requests.with({"500", "x"}).add();
  requests.with({"200", "y"}).add(2);
  requests.with({"200", "a\"b\\c\nd"}).add(0.5);
  requests.with({"500", "x"}).add();
  registry.gauge("a", "").with({}).set(3);
  registry.counter("unused_total", "Nothing.");
  std::string out;
  registry.write(out);
  EXPECT_EQ(out,
            "# TYPE a gauge\n"
            "a 3\n"
            "# HELP b_total All \\\\ of\\nthem.\n"
            "# TYPE b_total counter\n"
            "b_total{code=\"200\",name=\"a\\\"b\\\\c\\nd\"} 0.5\n"
            "b_total{code=\"200\",name=\"y\"} 2\n"
            "b_total{code=\"500\",name=\"x\"} 2\n");
}

TEST(Metrics, HistogramCountsUpToEachBound) {
  Registry registry;
  auto& seconds = registry.histogram("s_seconds", "", {0.005, 0.025, 1}, {"type"}).with({"admit"});
  for (const double value : {0.001, 0.005, 0.01, 0.5, 7.0}) seconds.observe(value);
  std::string out;
  registry.write(out);
  EXPECT_EQ(out,
            "# TYPE s_seconds histogram\n"
            "s_seconds_bucket{type=\"admit\",le=\"0.005\"} 2\n"
            "s_seconds_bucket{type=\"admit\",le=\"0.025\"} 3\n"
            "s_seconds_bucket{type=\"admit\",le=\"1\"} 4\n"
            "s_seconds_bucket{type=\"admit\",le=\"+Inf\"} 5\n"
            "s_seconds_sum{type=\"admit\"} 7.516\n"
            "s_seconds_count{type=\"admit\"} 5\n");
}

TEST(Metrics, SummaryGivesQuantilesOfTheLatest) {
  Registry registry;
  auto& step = registry.summary("s", "", {0.5, 0.9, 0.99}).with({});
  std::string out;
  registry.write(out);
  EXPECT_EQ(out,
            "# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns{quantile=\"0.9\"} NaN\ns{quantile=\"0.99\"} NaN\n"
            "s_sum 0\ns_count 0\n");
  for (int i = 100; i >= 1; --i) step.observe(i);
  out.clear();
  registry.write(out);
  EXPECT_EQ(out,
            "# TYPE s summary\ns{quantile=\"0.5\"} 50\ns{quantile=\"0.9\"} 90\ns{quantile=\"0.99\"} 99\n"
            "s_sum 5050\ns_count 100\n");
  for (int i = 0; i < 2000; ++i) step.observe(7);
  EXPECT_EQ(step.quantile(0.99), 7);
  EXPECT_EQ(step.count(), 2100u);
}

TEST(Metrics, AFamilyIsRegisteredOnce) {
  Registry registry;
  registry.counter("x_total", "");
  EXPECT_THROW(registry.gauge("x_total", ""), std::logic_error);
}

}  // namespace
}  // namespace gatepost::metrics
