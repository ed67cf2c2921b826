#include "formats/quantity.h"

#include <gtest/gtest.h>

namespace gatepost::formats {
namespace {

TEST(Quantity, CanonicalForm) {
  const std::pair<const char*, const char*> rows[] = {{"0", "0"},
                                                      {"100m", "100m"},
                                                      {"1.5", "1500m"},
                                                      {"1.5Gi", "1536Mi"},
                                                      {"1000m", "1"},
                                                      {"1024", "1024"},
                                                      {"1024Ki", "1Mi"},
                                                      {"0.5Mi", "512Ki"},
                                                      {"0.0001Ki", "102400u"},
                                                      {"1e3", "1e3"},
                                                      {"12E6", "12E6"},
                                                      {"1000k", "1M"},
                                                      {"-1.5k", "-1500"},
                                                      {"+7", "+7"},
                                                      {"00010", "00010"},
                                                      {".5", "500m"},
                                                      {"5.", "5."},
                                                      {"0.1n", "1n"},
                                                      {"1000000000000000000000", "1"},
                                                      {"9223372036854775807Ei", "9223372036854775807"},
                                                      {"1Ki", "1Ki"},
                                                      {"8Ki", "8Ki"},
                                                      {".", "0"},
                                                      {"100000000m", "100k"},
                                                      {"1e-3", "1e-3"},
                                                      {"0.001e3", "1"},
                                                      {"0k", "0"}};
  for (const auto& [text, expected] : rows) {
    const auto q = Quantity::parse(text);
    ASSERT_TRUE(q) << text;
    EXPECT_EQ(q->canonical(), expected) << text;
  }
}

TEST(Quantity, Errors) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {"abc", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {"1.2.3", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {"1Kik", "unable to parse quantity's suffix"},
      {"1+5", "unable to parse quantity's suffix"},
      {"1e", "unable to parse quantity's suffix"}};
  for (const auto& [text, expected] : rows) {
    const auto q = Quantity::parse(text);
    ASSERT_FALSE(q) << text;
    EXPECT_EQ(q.error().text, expected) << text;
  }
}

TEST(Quantity, Arithmetic) {
  auto q = [](const char* text) { return *Quantity::parse(text); };
  EXPECT_EQ(q("50k").plus(q("20")).canonical(), "50020");
  EXPECT_EQ(q("50k").minus(q("20")).canonical(), "49980");
  EXPECT_EQ(q("0").plus(q("1Gi")).canonical(), "1Gi");
  EXPECT_EQ(q("1Gi").minus(q("1Gi")).canonical(), "0");
  EXPECT_EQ(q("9223372036854775807").plus(q("1")).canonical(), "9223372036854775808");
  EXPECT_EQ(q("1").compare(q("1000m")), 0);
  EXPECT_LT(q("1M").compare(q("1Mi")), 0);
  EXPECT_GT(q("1e2000000000").compare(q("1e1999999999")), 0);
  EXPECT_LT(q("-1").compare(q("-500m")), 0);
  EXPECT_EQ(q("1e2000000000").plus(q("1")).compare(q("1e2000000000")), 0);
}

TEST(Quantity, Integers) {
  EXPECT_EQ(Quantity::parse("50k")->as_int64(), 50000);
  EXPECT_FALSE(Quantity::parse("1.5Ki")->as_int64());
  EXPECT_FALSE(Quantity::parse("1e20")->as_int64());
  EXPECT_EQ(Quantity::parse("100m")->value(), 1);
  EXPECT_EQ(Quantity::parse("1.5")->milli_value(), 1500);
  EXPECT_EQ(Quantity::parse("-1100m")->value(), -2);
  EXPECT_DOUBLE_EQ(Quantity::parse("50.703k")->approximate_double(), 50703.0);
}

// The decoder's short way: what it takes as it is must be what the long way prints.
TEST(Quantity, UsualFormsAreCanonical) {
  constexpr std::string_view suffixes[] = {"", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti", "n", "x", "e3", " "};
  constexpr std::string_view numbers[] = {"0",
                                          "1",
                                          "10",
                                          "999",
                                          "1000",
                                          "1001",
                                          "1024",
                                          "1025",
                                          "2048",
                                          "0100",
                                          "999999",
                                          "1000000",
                                          "12345678901234567890",
                                          "1.5",
                                          "-1",
                                          ""};
  int usual = 0;
  for (std::string_view number : numbers)
    for (std::string_view suffix : suffixes) {
      std::string text = std::string(number) + std::string(suffix);
      if (!is_usual_quantity(text)) continue;
      auto parsed = Quantity::parse(text);
      ASSERT_TRUE(parsed) << text;
      EXPECT_EQ(parsed->canonical(), text);
      ++usual;
    }
  EXPECT_GT(usual, 40);
}

}  // namespace
}  // namespace gatepost::formats
