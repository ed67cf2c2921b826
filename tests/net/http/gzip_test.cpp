#include "net/http/gzip.h"

#include <gtest/gtest.h>

namespace gatepost::net::http {
namespace {

TEST(Gzip, RoundTrips) {
  for (std::string plain : {std::string(), std::string("a"), std::string(1u << 20, 'x')}) {
    std::string packed = gzip(plain, 1);
    auto back = gunzip(packed, 2u << 20);
    ASSERT_TRUE(back) << back.error().text;
    EXPECT_EQ(*back, plain);
  }
  auto two = gunzip(gzip("one", 6) + gzip("two", 6), 100);  // members follow each other
  ASSERT_TRUE(two);
  EXPECT_EQ(*two, "onetwo");
}

TEST(Gzip, ErrorsAreGos) {
  std::string packed = gzip("some text that is long enough to be cut", 6);
  std::string wrong_sum = packed;
  wrong_sum[packed.size() - 6] ^= 1;
  EXPECT_EQ(gunzip("not gzip at all", 100).error().text, "gzip: invalid header");
  EXPECT_EQ(gunzip("ab", 100).error().text, "unexpected EOF");
  EXPECT_EQ(gunzip(packed.substr(0, packed.size() - 3), 100).error().text, "unexpected EOF");
  EXPECT_EQ(gunzip(packed.substr(0, 15), 100).error().text, "unexpected EOF");
  EXPECT_EQ(gunzip(wrong_sum, 100).error().text, "gzip: invalid checksum");
}

TEST(Gzip, ABombIsBounded) {
  std::string packed = gzip(std::string(32u << 20, '\0'), 9);
  EXPECT_LT(packed.size(), 64u << 10);
  EXPECT_EQ(gunzip(packed, 1u << 20).error().text, "gzip: more than 1048576 bytes");
}

}  // namespace
}  // namespace gatepost::net::http
