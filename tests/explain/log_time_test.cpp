#include "explain/log_time.h"

#include <gtest/gtest.h>

namespace gatepost::explain {
namespace {

constexpr std::int64_t now = 1795579200;  // 2026-11-25T04:00:00Z

struct Row {
  const char* before;
  const char* after;
  std::int64_t time;  // 0: none
};

TEST(LogTime, OfEveryPrefix) {
  for (const Row& row : std::initializer_list<Row>{
           {"W1125 03:57:34.953925    1234 dispatcher.go:217] ", "", 1795579054},
           {"W1231 23:59:59.000000 1 x.go:1] ", "", 1767225599},  // last year's: this year's lies ahead
           {"2026-11-25T03:57:34Z ", "", 1795579054},
           {"2026-11-25T04:57:34.123456789+01:00 stderr F ", "", 1795579054},
           {"2026-11-25 03:57:34,123 ERROR ", "", 1795579054},
           {"2026/11/25 03:57:34 http: ", "", 1795579054},
           {"Nov 25 03:57:34 node-1 k3s[1]: W1125 03:00:00.1 1 x.go:1] ", "", 1795579054},
           {"Nov  5 03:57:34 node-1 k3s[1]: ", "", 1793851054},
           {"{\"level\":\"error\",\"ts\":1795579054.25,\"msg\":\"", "", 1795579054},
           {"{\"ts\":1795579054250,\"msg\":\"", "", 1795579054},
           {"{\"msg\":\"", "\",\"time\":\"2026-11-25T03:57:34Z\"}", 1795579054},
           {"{\"kind\":\"Event\",\"message\":\"", "\"},\"requestReceivedTimestamp\":\"2026-11-25T03:57:34.952380Z\"}",
            1795579054},
           {"[2026-11-25T03:57:34Z] ", "", 1795579054},
           {"4044-07-17T01:00:22Z ", "", 0},
           {"{\"ts\":9999999999,\"m\":\"", "", 0},
           {"no time here ", "", 0},
           {"2026-13-45T03:57:34Z ", "", 0},
           {"W9925 03:57:34.9 ", "", 0},
           {"", "", 0}}) {
    EXPECT_EQ(log_time(row.before, row.after, now).value_or(0), row.time) << row.before << row.after;
  }
}

}  // namespace
}  // namespace gatepost::explain
