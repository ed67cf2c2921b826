// What a client is told when a server is wrong: each row is a server's fault and Go's text for it.
#include <gtest/gtest.h>
#include <regex>

#include "net/tls/pair.h"

namespace gatepost::net::tls {
namespace {

using namespace testing;

struct Outcome {
  ErrorKind kind = ErrorKind::other;
  std::string text;  // "ok" without an error; the present time as NOW
};

Outcome told(const NetResult<void>& result) {
  if (result) return {ErrorKind::other, "ok"};
  static const std::regex now("current time [0-9TZ:-]+");
  return {result.error().kind, std::regex_replace(result.error().text, now, "current time NOW")};
}

class Faults : public ::testing::Test {
 protected:
  x509::Issued ca = authority("conformance-ca"), other_ca = authority("other-ca"),
               same_name = authority("conformance-ca");
  const std::vector<std::string> names = {"localhost", "*.conformance.svc", "127.0.0.1"};

  // A handshake, "ping" and "pong" with a server that has this certificate; `chain` is sent behind it.
  Outcome against(const x509::Issued& leaf, const std::vector<x509::Issued>& chain = {}, ServerConfig server = {},
                  std::string host = "127.0.0.1") {
    server.certificate_pem = leaf.certificate_pem;
    for (const auto& one : chain) server.certificate_pem += one.certificate_pem;
    server.key_pem = leaf.key_pem;
    Pair pair;
    return told(pair.exchange(server, client, std::move(host)));
  }

  // A handshake with a peer that answers the ClientHello with these bytes and then ends.
  Outcome against_bytes(std::string bytes, After after = After::close) {
    Pair pair;
    return told(pair.exchange_with_bytes(std::move(bytes), after, client, "127.0.0.1"));
  }

  ClientConfig client{.roots = trust({&ca})};
};

TEST_F(Faults, Good) {
  EXPECT_EQ(against(made({.names = names}, &ca)).text, "ok");
}

TEST_F(Faults, Certificates) {
  const auto issued = [&](x509::IssueOptions options) {
    if (options.names.empty() && options.common_name.empty()) options.names = names;
    return made(std::move(options), &ca);
  };
  const std::string prefix = "tls: failed to verify certificate: x509: ";
  const auto expect = [&](const Outcome& outcome, const std::string& text) {
    EXPECT_EQ(outcome.text, prefix + text);
    EXPECT_EQ(outcome.kind, ErrorKind::certificate);
  };
  using namespace std::chrono;
  expect(against(issued({.not_after = sys_days{year{2020} / 1 / 2}})),
         "certificate has expired or is not yet valid: current time NOW is after 2020-01-02T00:00:00Z");
  expect(against(issued({.not_before = sys_days{year{2190} / 1 / 1}})),
         "certificate has expired or is not yet valid: current time NOW is before 2190-01-01T00:00:00Z");
  expect(against(made({.names = names}, &other_ca)), "certificate signed by unknown authority");
  expect(against(made({.common_name = "self-signed-backend", .names = names})),
         "certificate signed by unknown authority");
  expect(against(made({.names = names}, &same_name)),
         "certificate signed by unknown authority (possibly because of \"x509: ECDSA verification failure\" while "
         "trying to verify candidate authority certificate \"conformance-ca\")");
  expect(against(issued({.names = {"elsewhere.example.com"}})),
         "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs");
  expect(against(issued({.names = {"elsewhere.example.com"}}), {}, {}, "s.conformance.svc"),
         "certificate is valid for elsewhere.example.com, not s.conformance.svc");
  expect(against(issued({.common_name = "localhost"})),
         "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs");
  expect(against(issued({.common_name = "localhost"}), {}, {}, "localhost"),
         "certificate relies on legacy Common Name field, use SANs instead");
  expect(against(issued({.names = {"192.0.2.7"}})), "certificate is valid for 192.0.2.7, not 127.0.0.1");
  expect(against(issued({.names = names, .usages = {x509::ExtKeyUsage::client_auth}})),
         "certificate specifies an incompatible key usage");
}

TEST_F(Faults, Chains) {
  x509::Issued middle = authority("conformance-intermediate", &ca), not_a_ca = made({.common_name = "not-a-ca"}, &ca);
  x509::Issued leaf = made({.names = names}, &middle);
  EXPECT_EQ(against(leaf, {middle}).text, "ok");
  EXPECT_EQ(against(leaf).text, "tls: failed to verify certificate: x509: certificate signed by unknown authority");
  EXPECT_EQ(against(made({.names = names}, &not_a_ca), {not_a_ca}).text,
            "tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "
            "\"x509: invalid signature: parent certificate cannot sign this kind of certificate\" while trying to "
            "verify candidate authority certificate \"not-a-ca\")");
}

TEST_F(Faults, NoVerificationTakesEveryCertificate) {
  client.verify = Verify::no;
  EXPECT_EQ(against(made({.common_name = "self-signed-backend"})).text, "ok");
}

TEST_F(Faults, OldVersions) {
  const auto good = made({.names = names}, &ca);
  auto outcome = against(good, {}, {.min_version = 0x0301, .max_version = 0x0302});
  EXPECT_EQ(outcome.text, "remote error: tls: protocol version not supported");
  EXPECT_EQ(outcome.kind, ErrorKind::tls_alert);
  EXPECT_EQ(against(good, {}, {.max_version = 0x0303}).text, "ok");
  EXPECT_EQ(against(good, {}, {.min_version = 0x0304}).text, "ok");
}

TEST_F(Faults, AServerOfTls12WantsAClientCertificate) {
  const auto good = made({.names = names}, &ca);
  auto outcome = against(good, {}, {.client_certificate = ClientCertificate::require, .max_version = 0x0303});
  EXPECT_EQ(outcome.text, "remote error: tls: handshake failure");
  EXPECT_EQ(outcome.kind, ErrorKind::tls_alert);
}

// With TLS 1.3 the client is through before the server looks: the alert comes with the first read.
TEST_F(Faults, AServerOfTls13WantsAClientCertificate) {
  const auto good = made({.names = names}, &ca);
  auto outcome = against(good, {}, {.client_certificate = ClientCertificate::require});
  EXPECT_EQ(outcome.text, "remote error: tls: certificate required");
  EXPECT_EQ(outcome.kind, ErrorKind::tls_alert);
}

TEST_F(Faults, NoCommonProtocol) {
  const auto good = made({.names = names}, &ca);
  EXPECT_EQ(against(good, {}, {.alpn = {"spdy/3"}}).text, "remote error: tls: no application protocol");
  EXPECT_EQ(against(good, {}, {.alpn = {"h2"}}).text, "ok");
  EXPECT_EQ(against(good, {}, {.alpn = {}}).text, "ok");
}

struct BytesRow {
  std::string bytes;
  After after;
  ErrorKind kind;
  std::string text;
};

TEST_F(Faults, PeersThatSpeakNoTls) {
  using namespace std::string_literals;
  const BytesRow rows[] = {
      {"", After::close, ErrorKind::eof, "EOF"},
      {"\x16\x03", After::close, ErrorKind::unexpected_eof, "unexpected EOF"},
      {"\x16\x03\x03\x00\x10"s, After::close, ErrorKind::unexpected_eof, "unexpected EOF"},
      {"\x16\x03\x03\x00\x10half"s, After::close, ErrorKind::unexpected_eof, "unexpected EOF"},
      {"", After::reset, ErrorKind::connection_reset,
       "read tcp 127.0.0.1:40000->127.0.0.1:443: read: connection reset by peer"},
      {"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.\n", After::close,
       ErrorKind::http_to_https, "http: server gave HTTP response to HTTPS client"},
      {"this is no TLS record at all\n", After::close, ErrorKind::tls_protocol,
       "tls: first record does not look like a TLS handshake"},
      {"\x17\x03\x03\x00\x01x"s, After::close, ErrorKind::tls_protocol,
       "tls: first record does not look like a TLS handshake"},
      {"\x16\x10\x00\x00\x01x"s, After::close, ErrorKind::tls_protocol,
       "tls: first record does not look like a TLS handshake"},
      {"\x80\x03\x03\x00\x01x"s, After::close, ErrorKind::tls_protocol, "tls: unsupported SSLv2 handshake received"},
      {"\x15\x03\x01\x00\x02\x02\x28"s, After::close, ErrorKind::tls_alert, "remote error: tls: handshake failure"},
      {"\x15\x03\x01\x00\x02\x02\x46"s, After::close, ErrorKind::tls_alert,
       "remote error: tls: protocol version not supported"},
      {"\x15\x03\x01\x00\x02\x02\x70"s, After::close, ErrorKind::tls_alert, "remote error: tls: unrecognized name"},
      {"\x15\x03\x01\x00\x02\x02\x50"s, After::close, ErrorKind::tls_alert, "remote error: tls: internal error"},
      {"\x15\x03\x01\x00\x02\x02\x4d"s, After::close, ErrorKind::tls_alert, "remote error: tls: alert(77)"},
      // A ServerHello of TLS 1.1.
      {"\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02"s + std::string(32, 'r') + "\x00\xc0\x13\x00"s, After::close,
       ErrorKind::tls_protocol, "tls: server selected unsupported protocol version 302"},
      // A handshake message of an unknown type.
      {"\x16\x03\x03\x00\x04\x63\x00\x00\x00"s, After::close, ErrorKind::tls_protocol,
       "local error: tls: unexpected message"},
  };
  for (const auto& row : rows) {
    auto outcome = against_bytes(row.bytes, row.after);
    EXPECT_EQ(outcome.text, row.text);
    EXPECT_EQ(outcome.kind, row.kind) << row.text;
  }
}

TEST_F(Faults, CertificatesThatCannotBeRead) {
  using namespace std::string_literals;
  // A ServerHello of TLS 1.2, and a chain of one certificate whose four bytes are no DER.
  const std::string hello = "\x02\x00\x00\x26\x03\x03"s + std::string(32, 'r') + "\x00\xc0\x2b\x00"s;
  const std::string chain = "\x0b\x00\x00\x0a\x00\x00\x07\x00\x00\x04junk"s;
  auto outcome = against_bytes("\x16\x03\x03\x00\x2a"s + hello + "\x16\x03\x03\x00\x0e"s + chain);
  EXPECT_EQ(outcome.text, "tls: failed to parse certificate from server: x509: malformed certificate");
  EXPECT_EQ(outcome.kind, ErrorKind::certificate);
}

TEST_F(Faults, ASilentPeerMeetsTheDeadline) {
  Pair pair;
  pair.client_deadline = std::chrono::milliseconds(2);
  EXPECT_EQ(told(pair.exchange_with_bytes("", After::wait, client, "127.0.0.1")).kind, ErrorKind::deadline_exceeded);
}

}  // namespace
}  // namespace gatepost::net::tls
