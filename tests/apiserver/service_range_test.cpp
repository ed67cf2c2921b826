#include "apiserver/service_range.h"

#include <gtest/gtest.h>

#include "apiserver/addresses.h"
#include "json/parse.h"

namespace gatepost::apiserver {
namespace {

TEST(ServiceRange, IsReadFromTheFlag) {
  auto range = ServiceRange::parse("10.0.0.0/24");
  ASSERT_TRUE(range);
  EXPECT_EQ(print_ipv4(range->server()), "10.0.0.1");
  EXPECT_EQ(range->count, 256u);
  EXPECT_EQ(range->reserved(), 16u);
  EXPECT_TRUE(range->contains(*parse_ipv4("10.0.0.255")));
  EXPECT_FALSE(range->contains(*parse_ipv4("10.0.1.0")));
  EXPECT_EQ(print_ipv4(ServiceRange::parse("fd00::/108,192.168.7.9/20")->first), "192.168.0.0");
  for (const char* wrong : {"", "10.0.0.0", "10.0.0/24", "10.0.0.0/x", "10.0.0.0/33", "10.0.0.0/8", "fd00::/108"})
    EXPECT_FALSE(ServiceRange::parse(wrong)) << wrong;
}

TEST(ServiceRange, IsGivenOutToItsLastAddressAndNoFurther) {
  auto store = storage::open({.directory = ":memory:"});
  ASSERT_TRUE(store);
  auto addresses = AddressAllocator::make(**store, *ServiceRange::parse("10.0.0.0/29"));
  std::string given;
  for (int i = 0; i < 7; ++i) {
    auto service = json::parse(R"({"spec":{"type":"ClusterIP"}})", json::make_arena());
    auto errors = addresses->allocate(*service, nullptr);
    ASSERT_TRUE(errors.empty());
    given = json::string_at(*service, {"spec", "clusterIP"});
  }
  EXPECT_TRUE(given.starts_with("10.0.0.")) << given;
  auto outside = json::parse(R"({"spec":{"type":"ClusterIP","clusterIP":"10.0.1.1"}})", json::make_arena());
  EXPECT_EQ(addresses->allocate(*outside, nullptr).size(), 1u);
}

}  // namespace
}  // namespace gatepost::apiserver
