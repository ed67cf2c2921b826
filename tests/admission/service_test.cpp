// A Service to an address: what kube-apiserver finds with --enable-aggregator-routing, and what it says when it does
// not.
#include "admission/resolve/service.h"

#include <set>

#include "admission/world.h"

namespace gatepost::admission {
namespace {

using testing::World;

struct Row {
  const char* name;
  const char* service;              // null: none
  std::vector<std::string> slices;  // without metadata
  int port = 443;
  std::string told;  // "host:port" or the error
};

constexpr const char* plain = R"({"spec":{"type":"ClusterIP","ports":[{"port":443}]}})";
constexpr const char* named =
    R"({"spec":{"type":"ClusterIP","ports":[{"name":"metrics","port":80},{"name":"hook","port":443}]}})";

std::string slice(const std::string& ports, const std::string& endpoints, const std::string& type = "IPv4") {
  return "\"addressType\":\"" + type + "\",\"ports\":" + ports + ",\"endpoints\":" + endpoints;
}
const std::string ready = R"([{"addresses":["10.0.0.1"],"conditions":{"ready":true}}])";
const std::string hook_port = R"([{"name":"hook","port":9443}])", nameless_port = R"([{"name":"","port":8443}])";

class Services : public ::testing::TestWithParam<Row> {
 protected:
  World world;
  ServiceResolver resolver{*world.store, "127.0.0.1:6443"};

  void put_slice(const std::string& name, const std::string& members) {
    world.put("discovery.k8s.io/endpointslices", "ns", name,
              R"({"metadata":{"labels":{"kubernetes.io/service-name":"s"}},)" + members + "}");
  }
  std::string told(const std::string& ns, const std::string& name, int port) {
    auto address = resolver.resolve(ns, name, port);
    return address ? address->host + ":" + address->port : address.error().text;
  }
};

TEST_P(Services, Resolve) {
  if (GetParam().service) world.put("/services", "ns", "s", GetParam().service);
  int number = 0;
  for (const std::string& members : GetParam().slices) put_slice(std::to_string(number++), members);
  EXPECT_EQ(told("ns", "s", GetParam().port), GetParam().told);
}

const std::string none = "no endpoints available for service \"s\"";

INSTANTIATE_TEST_SUITE_P(
    Rows, Services,
    ::testing::Values(
        Row{"ready", plain, {slice(nameless_port, ready)}, 443, "10.0.0.1:8443"},
        Row{"port_by_name",
            named,
            {slice(R"([{"name":"metrics","port":1},{"name":"hook","port":9443}])", ready)},
            443,
            "10.0.0.1:9443"},
        Row{"missing", nullptr, {slice(nameless_port, ready)}, 443, "service \"s\" not found"},
        Row{"other_port", plain, {slice(nameless_port, ready)}, 8443, "no service port 8443 found for service \"s\""},
        Row{"no_slices", plain, {}, 443, none},
        Row{"slice_of_another_port", named, {slice(R"([{"name":"metrics","port":1}])", ready)}, 443, none},
        Row{"port_without_number", plain, {slice(R"([{"name":""}])", ready)}, 443, none},
        Row{"not_ready",
            plain,
            {slice(nameless_port, R"([{"addresses":["10.0.0.1"],"conditions":{"ready":false}}])")},
            443,
            none},
        // Readiness that is not told counts as ready.
        Row{"readiness_untold", plain, {slice(nameless_port, R"([{"addresses":["10.0.0.1"]}])")}, 443, "10.0.0.1:8443"},
        Row{"without_address", plain, {slice(nameless_port, R"([{"addresses":[]}])")}, 443, none},
        Row{"first_address_only",
            plain,
            {slice(nameless_port, R"([{"addresses":["10.0.0.2","10.0.0.3"]}])")},
            443,
            "10.0.0.2:8443"},
        Row{"second_slice", plain, {slice(nameless_port, "[]"), slice(nameless_port, ready)}, 443, "10.0.0.1:8443"},
        Row{"first_family_first",
            R"({"spec":{"type":"ClusterIP","ipFamilies":["IPv6","IPv4"],"ports":[{"port":443}]}})",
            {slice(nameless_port, ready), slice(nameless_port, R"([{"addresses":["fd00::1"]}])", "IPv6")},
            443,
            "fd00::1:8443"},
        Row{"external_name",
            R"({"spec":{"type":"ExternalName","externalName":"h","ports":[{"port":443}]}})",
            {},
            443,
            "unsupported service type \"ExternalName\""},
        Row{"headless",
            R"({"spec":{"type":"ClusterIP","clusterIP":"None","ports":[{"port":443}]}})",
            {slice(nameless_port, ready)},
            443,
            "10.0.0.1:8443"},
        Row{"node_port",
            R"({"spec":{"type":"NodePort","ports":[{"port":443}]}})",
            {slice(nameless_port, ready)},
            443,
            "10.0.0.1:8443"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(Services, FollowTheStore) {
  EXPECT_EQ(told("ns", "s", 443), "service \"s\" not found");
  world.put("/services", "ns", "s", plain);
  EXPECT_EQ(told("ns", "s", 443), none);
  put_slice("a", slice(nameless_port, ready));
  EXPECT_EQ(told("ns", "s", 443), "10.0.0.1:8443");
  put_slice("a", slice(R"([{"name":"","port":1}])", ready));
  EXPECT_EQ(told("ns", "s", 443), "10.0.0.1:1");
  // A slice that goes to another Service is no longer ours.
  world.put("discovery.k8s.io/endpointslices", "ns", "a",
            R"({"metadata":{"labels":{"kubernetes.io/service-name":"t"}}})");
  EXPECT_EQ(told("ns", "s", 443), none);
  world.remove("/services", "ns", "s");
  EXPECT_EQ(told("ns", "s", 443), "service \"s\" not found");
}

TEST_F(Services, TheServersOwnIsAtTheAddressThatIsBound) {
  EXPECT_EQ(told("default", "kubernetes", 443), "127.0.0.1:6443");
  EXPECT_EQ(told("default", "kubernetes", 80), "service \"kubernetes\" not found");
}

TEST_F(Services, EveryReadyEndpointHasItsTurn) {
  world.put("/services", "ns", "s", plain);
  put_slice("a",
            slice(nameless_port,
                  R"([{"addresses":["1"]},{"addresses":["2"],"conditions":{"ready":false}},{"addresses":["3"]}])"));
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(told("ns", "s", 443));
  EXPECT_EQ(seen, (std::set<std::string>{"1:8443", "3:8443"}));
}

}  // namespace
}  // namespace gatepost::admission
