#include "x509/certificate.h"

#include "x509/der.h"
#include "x509/fixtures.h"
#include "x509/pem.h"
#include "x509/text.h"

namespace gatepost::x509 {
namespace {

using namespace testing;

TEST(Certificate, HoldsWhatWasIssued) {
  Issued ca = made({.common_name = "ca", .organizations = {"a, b", "c"}, .kind = CertificateKind::authority});
  auto certificate = parsed(made({.common_name = "web",
                                  .organizations = {"group"},
                                  .names = {"a.svc", "127.0.0.1", "2001:db8::1"},
                                  .not_after = sys_days{year{9999} / 12 / 31},
                                  .usages = {ExtKeyUsage::server_auth, ExtKeyUsage::client_auth}},
                                 &ca));
  EXPECT_EQ(certificate->version, 3);
  EXPECT_EQ(certificate->subject.text(), "CN=web,O=group");
  EXPECT_EQ(certificate->issuer.text(), "CN=ca,O=a\\, b+O=c");
  EXPECT_EQ(certificate->subject.common_name(), "web");
  EXPECT_EQ(certificate->dns_names, std::vector<std::string>{"a.svc"});
  ASSERT_EQ(certificate->ip_addresses.size(), 2u);
  EXPECT_EQ(ip_text(certificate->ip_addresses[1]), "2001:db8::1");
  EXPECT_EQ(date_text(certificate->not_before), "2020-01-01T00:00:00Z");
  EXPECT_EQ(date_text(certificate->not_after), "9999-12-31T00:00:00Z");
  EXPECT_EQ(certificate->ext_key_usages,
            (std::vector<ExtKeyUsage>{ExtKeyUsage::server_auth, ExtKeyUsage::client_auth}));
  EXPECT_EQ(certificate->usage, key_usage::digital_signature);
  EXPECT_TRUE(certificate->basic_constraints);
  EXPECT_FALSE(certificate->is_ca);
  EXPECT_EQ(certificate->max_path_len, -1);
  EXPECT_EQ(certificate->signature_algorithm.name, "ECDSA-SHA256");
  EXPECT_EQ(certificate->key_algorithm, KeyAlgorithm::ecdsa);
  EXPECT_EQ(certificate->key_bits, 256u);
  EXPECT_EQ(certificate->sha256_fingerprint().size(), 64u);
  EXPECT_EQ(certificate->sha1_fingerprint().size(), 40u);
  EXPECT_FALSE(certificate->self_issued());
  auto authority_certificate = parsed(ca);
  EXPECT_TRUE(authority_certificate->is_ca);
  EXPECT_TRUE(authority_certificate->self_issued());
  EXPECT_EQ(certificate->authority_key_id, authority_certificate->subject_key_id);
}

TEST(Certificate, ARenewalKeepsItsKey) {
  const Issued first = made({.names = {"a"}});
  const Issued second = made({.names = {"a"}, .key_pem = first.key_pem});
  EXPECT_EQ(parsed(first)->public_key_info, parsed(second)->public_key_info);
  EXPECT_NE(parsed(first)->serial_text(), parsed(second)->serial_text());
}

// Each row breaks one byte sequence of a good certificate.
struct BrokenRow {
  std::string from, to, text;
};

TEST(Certificate, ParserErrorsAreGos) {
  using namespace std::string_literals;
  const std::string good = der(made({.common_name = "web", .names = {"web.svc"}}));
  const BrokenRow rows[] = {
      {"\xa0\x03\x02\x01\x02"s, "\xa0\x03\x02\x01\x03"s, "x509: invalid version"},
      {"\xa0\x03\x02\x01\x02"s, "\xa0\x03\x02\x01\xff"s, "x509: malformed version"},
      {"\x06\x03\x55\x04\x03\x0c\x03web"s, "\x06\x03\x55\x04\x03\x0c\x03w\xff"s + "b",
       "x509: invalid RDNSequence: invalid attribute value: invalid UTF-8 string"},
      {"\x06\x03\x55\x04\x03\x0c\x03web"s, "\x06\x03\x55\x04\x03\x13\x03w_b"s,
       "x509: invalid RDNSequence: invalid attribute value: invalid PrintableString"},
      {"20200101000000Z"s.substr(2), "201301000000Z", "x509: malformed UTCTime"},
      {"\x82\x07web.svc"s, "\x82\x07web\xffsvc"s, "x509: SAN dNSName is malformed"},
      {"\x82\x07web.svc"s, "\x87\x07web.svc"s, "x509: cannot parse IP address of length 7"},
      {"\x82\x07web.svc"s, "\x86\x07:eb.svc"s,
       "x509: cannot parse URI \":eb.svc\": parse \":eb.svc\": missing protocol scheme"},
      {"\x06\x03\x55\x1d\x25"s, "\x06\x03\x55\x1d\x11"s,
       "x509: certificate contains duplicate extension with OID \"2.5.29.17\""},
      {"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"s, "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x05"s,
       "x509: unsupported elliptic curve"},
      {"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"s, "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"s,
       "x509: inner and outer signature algorithm identifiers don't match"},
  };
  for (const auto& row : rows) {
    std::string broken = good;
    const auto at = broken.find(row.from);
    ASSERT_NE(at, std::string::npos) << row.text;
    broken.replace(at, row.from.size(), row.to);
    auto certificate = parse_certificate(broken);
    ASSERT_FALSE(certificate) << row.text;
    EXPECT_EQ(certificate.error().text, row.text);
  }
  EXPECT_EQ(parse_certificate(good + "x").error().text, "x509: trailing data");
  EXPECT_EQ(parse_certificate("").error().text, "x509: malformed certificate");
}

// Cut anywhere, or with any byte changed, a certificate parses or fails in words.
TEST(Certificate, NothingElseHappens) {
  const std::string good = der(made({.common_name = "web", .names = {"web.svc", "10.0.0.1"}}));
  for (std::size_t size = 0; size < good.size(); ++size) {
    auto cut = parse_certificate(good.substr(0, size));
    ASSERT_FALSE(cut);
    EXPECT_TRUE(cut.error().text.starts_with("x509: ")) << cut.error().text;
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    if (auto certificate = parse_certificate(changed); !certificate) {
      EXPECT_FALSE(certificate.error().text.empty());
    }
  }
}

struct PemRow {
  std::string text;
  std::size_t blocks;
};

TEST(Pem, BlocksAreFoundAsGoDoes) {
  const std::string block = "-----BEGIN X-----\nQUJD\n-----END X-----\n";
  const PemRow rows[] = {
      {block, 1},
      {"text\n" + block + "text\n" + block, 2},
      {"text " + block, 0},
      {"-----BEGIN X-----\nQUJD\n" + block, 1},
      {"-----BEGIN X-----\nQUJD\n-----END Y-----\n" + block, 1},
      {"-----BEGIN X-----\nQ*JD\n-----END X-----\n" + block, 1},
      {"-----BEGIN X-----\r\nQUJD\r\n-----END X-----\r\n", 1},
      {"-----BEGIN X-----\n  QUJD  \n-----END X-----  \n", 1},
      {"-----BEGIN X-----\nQUJD\n-----END X----- more\n", 0},
      {"-----BEGIN X-----\nKey: value\n\nQUJD\n-----END X-----", 1},
      {"-----BEGIN X-----\n-----END X-----", 1},
      {"-----BEGIN X-----", 0},
  };
  for (const auto& row : rows) {
    std::string_view rest = row.text;
    std::size_t blocks = 0;
    while (decode_pem(rest)) ++blocks;
    EXPECT_EQ(blocks, row.blocks) << row.text;
  }
  std::string_view rest = rows[9].text;
  auto with_header = decode_pem(rest);
  ASSERT_TRUE(with_header);
  EXPECT_EQ(with_header->headers.at("Key"), "value");
  EXPECT_EQ(with_header->bytes, "ABC");
  EXPECT_EQ(encode_pem("X", "ABC"), block);
}

TEST(Text, Addresses) {
  for (const char* text :
       {"127.0.0.1", "::", "::1", "1::", "2001:db8::1", "1:0:0:2::3", "1:2:3:4:5:6:7:8", "1:0:2:3:4:5:6:7"}) {
    auto ip = parse_ip(text);
    ASSERT_TRUE(ip) << text;
    EXPECT_EQ(ip_text(*ip), text);
  }
  EXPECT_EQ(ip_text(*parse_ip("::ffff:10.0.0.1")), "10.0.0.1");
  EXPECT_EQ(ip_text(*parse_ip("::10.0.0.1")), "::a00:1");
  for (const char* text : {"", "1", "01.0.0.1", "1.2.3", "1.2.3.4.5", "::1%eth0", "g::", "[::1]", " ::1"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
}

TEST(Text, ObjectIdentifiers) {
  using namespace std::string_literals;
  EXPECT_EQ(oid_text("\x55\x1d\x11"s), "2.5.29.17");
  EXPECT_EQ(oid_text("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"s), "1.2.840.113549.1.1.11");
}

}  // namespace
}  // namespace gatepost::x509
