#include "formats/go_time.h"

#include <gtest/gtest.h>

namespace gatepost::formats {
namespace {

constexpr std::string_view seconds_layout = "2006-01-02T15:04:05Z07:00";

std::string result_of(std::string_view text, TimeLayout layout) {
  auto time = parse_time(text, layout);
  return time ? time->print(layout) : time.error().text;
}

TEST(GoTime, AsTimeParseReadsIt) {
  const std::string as = " as \"" + std::string(seconds_layout) + "\": cannot parse ";
  const std::pair<std::string_view, std::string> rows[] = {
      {"2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"},
      {"2020-01-01T00:00:00.999999999999Z", "2020-01-01T00:00:00Z"},
      {"2020-01-01T02:00:00+02:00", "2020-01-01T00:00:00Z"},
      {"2019-12-31T23:30:00-00:30", "2020-01-01T00:00:00Z"},
      {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"},
      {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
      {"2020-01-01T1:02:03Z", "2020-01-01T01:02:03Z"},
      {"2020-01-01T00:00:00+24:60", "2019-12-30T23:00:00Z"},
      {"2021-02-29T00:00:00Z", R"(parsing time "2021-02-29T00:00:00Z": day out of range)"},
      {"2020-01-00T00:00:00Z", R"(parsing time "2020-01-00T00:00:00Z": day out of range)"},
      {"2020-13-01T00:00:00Z", R"(parsing time "2020-13-01T00:00:00Z": month out of range)"},
      {"2020-01-01T24:00:00Z", R"(parsing time "2020-01-01T24:00:00Z": hour out of range)"},
      {"2020-01-01T00:60:00Z", R"(parsing time "2020-01-01T00:60:00Z": minute out of range)"},
      {"2020-01-01T00:00:60Z", R"(parsing time "2020-01-01T00:00:60Z": second out of range)"},
      {"2020-01-01T00:00:00+25:00", R"(parsing time "2020-01-01T00:00:00+25:00": time zone offset hour out of range)"},
      {"2020-01-01T00:00:00Zx", R"(parsing time "2020-01-01T00:00:00Zx": extra text: "x")"},
      {"", "parsing time \"\"" + as + R"("" as "2006")"},
      {"202", "parsing time \"202\"" + as + R"("202" as "2006")"},
      {"2020-1-01T00:00:00Z", "parsing time \"2020-1-01T00:00:00Z\"" + as + R"("1-01T00:00:00Z" as "01")"},
      {"2020-01-01", "parsing time \"2020-01-01\"" + as + R"("" as "T")"},
      {"2020-01-01T00:00:00", "parsing time \"2020-01-01T00:00:00\"" + as + R"("" as "Z07:00")"},
      {"a\"\xc3\xa9", R"(parsing time "a\"\xc3\xa9")" + as + R"("a\"\xc3\xa9" as "2006")"},
  };
  for (const auto& [text, result] : rows) EXPECT_EQ(result_of(text, TimeLayout::seconds), result) << text;
}

TEST(GoTime, MicrosecondsHaveSixDigits) {
  const std::string as = R"( as "2006-01-02T15:04:05.000000Z07:00": cannot parse )";
  const std::pair<std::string_view, std::string> rows[] = {
      {"2020-01-01T00:00:00.123456Z", "2020-01-01T00:00:00.123456Z"},
      {"2020-01-01T00:00:00,123456Z", "2020-01-01T00:00:00.123456Z"},
      {"2020-01-01T01:00:00.000001+01:00", "2020-01-01T00:00:00.000001Z"},
      {"2020-01-01T00:00:00Z", R"(parsing time "2020-01-01T00:00:00Z")" + as + R"("Z" as ".000000")"},
      {"2020-01-01T00:00:00.1234567Z", R"(parsing time "2020-01-01T00:00:00.1234567Z")" + as + R"("7Z" as "Z07:00")"},
  };
  for (const auto& [text, result] : rows) EXPECT_EQ(result_of(text, TimeLayout::micro), result) << text;
}

TEST(GoTime, TheZeroTime) {
  EXPECT_TRUE(parse_time("0001-01-01T00:00:00Z", TimeLayout::seconds)->is_zero());
  EXPECT_TRUE(parse_time("0001-01-01T01:00:00+01:00", TimeLayout::seconds)->is_zero());
  EXPECT_FALSE(parse_time("0001-01-01T00:00:01Z", TimeLayout::seconds)->is_zero());
}

// The short way of the decoder: what it takes as it is must be what the long way prints.
TEST(GoTime, WhatIsPrintedIsKnown) {
  constexpr std::string_view rows[] = {
      "2020-01-01T00:00:00Z",
      "2020-02-29T23:59:59Z",
      "2021-02-29T00:00:00Z",
      "2020-01-01T24:00:00Z",
      "2020-01-01T00:00:00+00:00",
      "2020-00-01T00:00:00Z",
      "0001-01-01T00:00:00Z",
      "2020-01-01t00:00:00Z",
      "2020-01-01T00:00:00.000Z",
      "2020-04-31T00:00:00Z",
      "x",
      "",
  };
  for (std::string_view text : rows) {
    auto time = parse_time(text, TimeLayout::seconds);
    bool same = time && !time->is_zero() && time->print(TimeLayout::seconds) == text;
    EXPECT_EQ(is_printed_time(text, TimeLayout::seconds), same) << text;
  }
  EXPECT_TRUE(is_printed_time("2020-01-01T00:00:00.123456Z", TimeLayout::micro));
  EXPECT_FALSE(is_printed_time("2020-01-01T00:00:00Z", TimeLayout::micro));
}

}  // namespace
}  // namespace gatepost::formats
