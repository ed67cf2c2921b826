#include <gtest/gtest.h>

#include "explain/classify.h"
#include "explain/grammar.h"
#include "explain/page.h"
#include "explain/rows.h"

namespace gatepost::explain {
namespace {

TEST(Tails, AreReadAsTheRealServerWroteThem) {
  ASSERT_GT(rows().size(), 70u);
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.name + ": " + row.text);
    const auto found = read_text(row.text);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(report::to_string(found[0].outcome), row.outcome);
    EXPECT_EQ(found[0].cause, row.cause);
    EXPECT_EQ(found[0].webhook, row.webhook);
    if (row.cause != "request-budget-exhausted") {
      EXPECT_TRUE(row.text.ends_with(found[0].tail)) << found[0].tail;
    }
  }
}

TEST(Tails, TableIsSound) {
  EXPECT_TRUE(table_errors().empty());
  for (const Row& row : rows()) EXPECT_NE(find_page(row.cause), nullptr) << row.cause;
}

struct Clauses {
  const char* text;
  const char* cause;
  const char* rest;  // what stands behind the clause
};

TEST(Tails, ClausesEndWhereTheyEnd) {
  for (const Clauses& row : std::initializer_list<Clauses>{
           {"EOF; then more", "eof", "; then more"},
           {"dial tcp [fd00::1]:443: connect: connection refused, failed to create", "connection-refused",
            ", failed to create"},
           {"dial tcp: lookup a.svc on 10.0.0.10:53: no such host", "dns", ""},
           {"read tcp 10.0.0.1:5->10.0.0.2:443: read: connection reset by peer", "connection-reset", ""},
           {"read tcp 10.0.0.1:5->10.0.0.2:443: i/o timeout", "deadline-exceeded", ""},
           {"proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused", "proxy", ""},
           {"read unix @->/tunnel/s: read: connection reset by peer", "tunnel", ""},
           {"x509: certificate has expired or is not yet valid: current time 2026-01-01T00:00:00Z is before "
            "2026-02-01T00:00:00Z",
            "cert-not-yet-valid", ""},
           {"service \"a\" not found for us", "service-not-found", " for us"},
           {"net/http: HTTP/1.x transport connection broken: malformed HTTP response \"\\x15\\x03\"", "bad-response",
            ""}}) {
    const Clause clause = classify(row.text, 0);
    EXPECT_EQ(clause.cause, row.cause) << row.text;
    EXPECT_EQ(std::string(row.text).substr(clause.end), row.rest) << row.text;
  }
}

}  // namespace
}  // namespace gatepost::explain
