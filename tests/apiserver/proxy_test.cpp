// The service proxy's refusals: each is a Service, Endpoints and Pods as they are, and what is said of them.
#include "apiserver/proxy.h"

#include "apiserver/desk.h"

namespace gatepost::apiserver {
namespace {

using testing::Desk;
using testing::Told;

TEST(HostPort, BracketsOnlyVersionSix) {
  EXPECT_EQ(host_port("10.0.0.1", 80), "10.0.0.1:80");
  EXPECT_EQ(host_port("::1", 80), "[::1]:80");
}

struct Row {
  const char* name;
  const char* target;     // [SCHEME:]NAME[:PORT]
  const char* endpoints;  // subsets; null: no Endpoints
  const char* told;
};

class Proxy : public ::testing::TestWithParam<Row> {};

constexpr const char* to_pod =
    R"([{"addresses":[{"ip":"127.0.0.1","targetRef":{"kind":"Pod","namespace":"default","name":"p"}}],
         "ports":[{"name":"web","port":1}]}])";

TEST_P(Proxy, Refuses) {
  Desk desk;
  const std::string base = "/api/v1/namespaces/default/";
  desk.create(base + "services", R"({"metadata":{"name":"s"},"spec":{"ports":[{"name":"web","port":80}]}})");
  // Loopback addresses, which no client could have written.
  if (GetParam().endpoints)
    desk.put("/endpoints", "default", "s", std::string(R"({"subsets":)") + GetParam().endpoints + "}");
  desk.put("/pods", "default", "p", R"({"status":{"podIP":"127.0.0.1","podIPs":[{"ip":"127.0.0.1"}]}})");
  EXPECT_EQ(desk.get(base + "services/" + GetParam().target + "/proxy/").verdict(), GetParam().told);
}

constexpr const char* refused = "503 error trying to reach service: dial tcp 127.0.0.1:1: connect: connection refused";
constexpr const char* none = "503 no endpoints available for service \"s\"";

INSTANTIATE_TEST_SUITE_P(
    Rows, Proxy,
    ::testing::Values(
        Row{"no_endpoints_object", "s:web", nullptr, "404 services \"s\" not found"},
        Row{"no_subsets", "s:web", "[]", none}, Row{"other_service", "t:web", to_pod, "404 services \"t\" not found"},
        Row{"by_name", "s:web", to_pod, refused}, Row{"by_number", "s:80", to_pod, refused},
        Row{"by_scheme", "https:s:web", to_pod, refused},
        Row{"other_number", "s:81", to_pod, "503 no service port 81 found for service \"s\""},
        Row{"not_a_scheme", "ftp:s:web", to_pod, "400 invalid service request \"ftp:s:web\""},
        // An address that is not that of the pod it names leads nowhere.
        Row{"foreign_address", "s:web",
            R"([{"addresses":[{"ip":"127.0.0.9","targetRef":{"kind":"Pod","namespace":"default","name":"p"}}],
                 "ports":[{"name":"web","port":1}]}])",
            "503 no endpoints available for service \"s:web\""},
        Row{"address_without_a_pod", "s:web",
            R"([{"addresses":[{"ip":"127.0.0.1"}],"ports":[{"name":"web","port":1}]}])",
            "503 no endpoints available for service \"s:web\""}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace gatepost::apiserver
