#include "formats/names.h"

#include <gtest/gtest.h>

namespace gatepost::formats {
namespace {

struct Row {
  Complaints (*form)(std::string_view);
  std::string text;
  std::string complaint;  // the start of the first one; empty: none
};

class Names : public testing::TestWithParam<Row> {};

TEST_P(Names, Complaint) {
  Complaints complaints = GetParam().form(GetParam().text);
  if (GetParam().complaint.empty()) {
    EXPECT_TRUE(complaints.empty()) << joined(complaints, "; ");
    return;
  }
  ASSERT_FALSE(complaints.empty());
  EXPECT_TRUE(complaints[0].starts_with(GetParam().complaint)) << complaints[0];
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Names,
    testing::Values(
        Row{dns1123_label, "a", ""}, Row{dns1123_label, "a-1", ""}, Row{dns1123_label, "1", ""},
        Row{dns1123_label, "", "a lowercase RFC 1123 label"}, Row{dns1123_label, "a.b", "must not contain dots"},
        Row{dns1123_label, "-a", "a lowercase RFC 1123 label"}, Row{dns1123_label, "a-", "a lowercase RFC 1123 label"},
        Row{dns1123_label, std::string(64, 'a'), "must be no more than 63 characters"},
        Row{dns1123_subdomain, "a.b-c.1", ""}, Row{dns1123_subdomain, "a..b", "a lowercase RFC 1123 subdomain"},
        Row{dns1123_subdomain, std::string(254, 'a'), "must be no more than 253 characters"},
        Row{dns1123_subdomain_with_underscore, "_a.b_c", ""},
        Row{dns1123_subdomain_with_underscore, "__a",
            "a lowercase RFC 1123 subdomain must consist of lower case "
            "alphanumeric characters, '_'"},
        Row{wildcard_dns1123_subdomain, "*.a.b", ""}, Row{wildcard_dns1123_subdomain, "*a.b", "a wildcard DNS-1123"},
        Row{dns1035_label, "a1", ""}, Row{dns1035_label, "1a", "a DNS-1035 label"},
        Row{label_key, "app.kubernetes.io/name_X", ""}, Row{label_key, "/x", "prefix part must be non-empty"},
        Row{label_key, "a/", "name part must be non-empty"}, Row{label_key, "a/b/c", "a valid label key must consist"},
        Row{label_key, std::string(64, 'a'), "name part must be no more than 63 bytes"},
        Row{label_key, "A/x", "prefix part a lowercase RFC 1123 subdomain"}, Row{label_value, "", ""},
        Row{label_value, "a b", "a valid label must be an empty string"},
        Row{label_value, std::string(64, 'a'), "must be no more than 63 bytes"}, Row{config_map_key, "_a.b", ""},
        Row{config_map_key, "a b", "a valid config key"}, Row{config_map_key, "..", "must not be '..'"},
        Row{config_map_key, "..a", "must not start with '..'"}, Row{environment_variable, "A B%", ""},
        Row{environment_variable, "A=B", "a valid environment variable name must consist only of printable"},
        Row{environment_variable, "", "environment variable name must be non-empty"}, Row{port_name, "http-2", ""},
        Row{port_name, "80", "must contain at least one letter"},
        Row{port_name, "a--b", "must not contain consecutive"},
        Row{port_name, "-a", "must not begin or end with a hyphen"},
        Row{port_name, "averyveryverylongname", "must be no more than 15 characters"}, Row{percent, "10%", ""},
        Row{percent, "%", "a valid percent string"}, Row{http_header_name, "X-A", ""},
        Row{http_header_name, "X_A", "a valid HTTP header"}, Row{c_identifier, "_a1", ""},
        Row{c_identifier, "1a", "a valid C identifier"}, Row{path_segment, "system:node", ""},
        Row{path_segment, "a/b", "may not contain '/'"}, Row{path_segment, "..", "may not be '..'"}));

TEST(Names, RegexTextHasTwoSpaces) {
  EXPECT_EQ(regex_complaint("m", "r", {"a", "b"}), "m (e.g. 'a',  or 'b', regex used for validation is 'r')");
}

TEST(Names, PrefixOfGeneratedNames) {
  EXPECT_EQ(without_trailing_dash("web-"), "wea");
  EXPECT_EQ(without_trailing_dash("-"), "-");
  EXPECT_EQ(without_trailing_dash("web"), "web");
}

}  // namespace
}  // namespace gatepost::formats
