#include "x509/hostname.h"

#include "x509/fixtures.h"

namespace gatepost::x509 {
namespace {

using namespace testing;

struct Row {
  std::vector<std::string> names;
  std::string common_name, host, text;  // text empty: the certificate is for the host
};

class Hostname : public ::testing::TestWithParam<Row> {};

TEST_P(Hostname, Verdict) {
  const Row& row = GetParam();
  auto certificate = parsed(made({.common_name = row.common_name, .names = row.names}));
  auto verdict = verify_hostname(*certificate, row.host);
  EXPECT_EQ(verdict ? "" : verdict.error().text, row.text);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Hostname,
    ::testing::Values(
        Row{{"a.svc"}, "", "a.svc", ""}, Row{{"a.svc"}, "", "A.SVC", ""}, Row{{"a.svc"}, "", "a.svc.", ""},
        Row{{"*.ns.svc"}, "", "a.ns.svc", ""},
        Row{{"*.ns.svc"}, "", "b.a.ns.svc", "x509: certificate is valid for *.ns.svc, not b.a.ns.svc"},
        Row{{"*.ns.svc"}, "", "ns.svc", "x509: certificate is valid for *.ns.svc, not ns.svc"},
        Row{{"a*.ns.svc"}, "", "ab.ns.svc", "x509: certificate is valid for a*.ns.svc, not ab.ns.svc"},
        Row{{"*"}, "", "a", "x509: certificate is valid for *, not a"},
        Row{{"under_score.svc"}, "", "under_score.svc", ""}, Row{{"127.0.0.1"}, "", "127.0.0.1", ""},
        Row{{"::1", "127.0.0.1"}, "", "[::1]", ""},
        Row{{"2001:db8::1", "192.0.2.7"},
            "",
            "127.0.0.1",
            "x509: certificate is valid for 2001:db8::1, 192.0.2.7, not 127.0.0.1"},
        Row{{"elsewhere.example.com"},
            "",
            "127.0.0.1",
            "x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"},
        Row{{"192.0.2.7"}, "", "a.svc", "x509: certificate is not valid for any names, but wanted to match a.svc"},
        Row{{}, "", "a.svc", "x509: certificate is not valid for any names, but wanted to match a.svc"},
        Row{{}, "a.svc", "a.svc", "x509: certificate relies on legacy Common Name field, use SANs instead"},
        Row{{}, "*.svc", "a.svc", "x509: certificate relies on legacy Common Name field, use SANs instead"},
        Row{{}, "b.svc", "a.svc", "x509: certificate is not valid for any names, but wanted to match a.svc"},
        Row{{"a", "b"}, "c", "c", "x509: certificate is valid for a, b, not c"},
        Row{std::vector<std::string>(100, "a"), "", "b",
            "x509: certificate is valid for 100 names, but none matched b"},
        Row{std::vector<std::string>(100, "10.0.0.1"), "", "10.0.0.2",
            "x509: certificate is valid for 100 IP SANs, but none matched 10.0.0.2"}));

}  // namespace
}  // namespace gatepost::x509
