#include <gtest/gtest.h>

#include "formats/ip.h"
#include "formats/named_formats.h"
#include "formats/semver.h"

namespace gatepost::formats {
namespace {

TEST(Ip, ReadsAndPrintsAsGo) {
  const std::pair<const char*, const char*> rows[] = {
      {"10.0.0.1", "10.0.0.1"},
      {"::", "::"},
      {"::1", "::1"},
      {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"1:0:2:0:0:0:3:4", "1:0:2::3:4"},
      {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
      {"fe80::1%eth0", "fe80::1%eth0"},
      {"", R"(ParseAddr(""): unable to parse IP)"},
      {"1.2.3", R"(ParseAddr("1.2.3"): IPv4 address too short)"},
      {"1.2.3.4.5", R"(ParseAddr("1.2.3.4.5"): IPv4 address too long)"},
      {"1.2.3.256", R"(ParseAddr("1.2.3.256"): IPv4 field has value >255)"},
      {"01.2.3.4", R"(ParseAddr("01.2.3.4"): IPv4 field has octet with leading zero)"},
      {"1..2.3", R"(ParseAddr("1..2.3"): IPv4 field must have at least one digit (at ".2.3"))"},
      {"1:2", R"(ParseAddr("1:2"): address string too short)"},
      {"::1::", R"(ParseAddr("::1::"): multiple :: in address (at ":"))"},
      {"12345::", R"(ParseAddr("12345::"): each group must have 4 or fewer digits (at "12345::"))"}};
  for (const auto& [text, expected] : rows) {
    const auto ip = parse_ip(text);
    EXPECT_EQ(ip ? ip_text(*ip) : ip.error().text, expected) << text;
  }
}

TEST(Prefix, ContainsAndMasks) {
  const Prefix ten = *parse_prefix("10.1.2.3/8");
  EXPECT_EQ(prefix_text(ten.masked()), "10.0.0.0/8");
  EXPECT_TRUE(ten.contains(*parse_ip("10.255.0.1")));
  EXPECT_FALSE(ten.contains(*parse_ip("11.0.0.1")));
  EXPECT_FALSE(ten.contains(*parse_ip("::1")));
  EXPECT_TRUE(ten.overlaps(*parse_prefix("0.0.0.0/0")));
  const std::pair<const char*, const char*> wrong[] = {
      {"10.0.0.0", R"(netip.ParsePrefix("10.0.0.0"): no '/')"},
      {"10.0.0.0/33", R"(netip.ParsePrefix("10.0.0.0/33"): prefix length out of range)"},
      {"10.0.0.0/08", R"(netip.ParsePrefix("10.0.0.0/08"): bad bits after slash: "08")"}};
  for (const auto& [text, expected] : wrong) EXPECT_EQ(parse_prefix(text).error().text, expected);
}

TEST(Semver, OrdersByPrecedence) {
  const char* ascending[] = {
      "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "1.0.1", "1.10.0"};
  for (std::size_t i = 1; i < std::size(ascending); ++i)
    EXPECT_LT(parse_semver(ascending[i - 1])->compare(*parse_semver(ascending[i])), 0) << ascending[i];
  EXPECT_EQ(parse_semver("1.0.0+a")->compare(*parse_semver("1.0.0+b")), 0);
  EXPECT_EQ(semver_text(*parse_semver_leniently("v01.1")), "1.1.0");
  EXPECT_EQ(parse_semver("1.0").error().text, "No Major.Minor.Patch elements found");
  EXPECT_EQ(parse_semver("01.0.0").error().text, "Major number must not contain leading zeroes \"01\"");
}

TEST(NamedFormats, AcceptAndRefuse) {
  const std::tuple<const char*, const char*, bool> rows[] = {{"dns1123Label", "a-b1", true},
                                                             {"dns1123Label", "A", false},
                                                             {"dns1123Subdomain", "a.b-c", true},
                                                             {"dns1123Subdomain", "a..b", false},
                                                             {"dns1035Label", "1a", false},
                                                             {"dns1123LabelPrefix", "a-", true},
                                                             {"qualifiedName", "a.io/My_Name", true},
                                                             {"qualifiedName", "/x", false},
                                                             {"labelValue", "", true},
                                                             {"labelValue", "-", false},
                                                             {"uuid", "123e4567-E89b-12d3-a456-426614174000", true},
                                                             {"uuid", "123", false},
                                                             {"byte", "aGk=", true},
                                                             {"byte", "a", false},
                                                             {"date", "2024-02-29", true},
                                                             {"date", "2023-02-29", false},
                                                             {"datetime", "2024-02-29T23:59:59.5Z", true},
                                                             {"datetime", "2024-02-29 23:59:59Z", false}};
  for (const auto& [name, text, good] : rows)
    EXPECT_EQ(find_named_format(name)->validate(text).empty(), good) << name << " " << text;
  EXPECT_EQ(find_named_format("nope"), nullptr);
}

}  // namespace
}  // namespace gatepost::formats
