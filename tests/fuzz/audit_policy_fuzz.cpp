#include <cstddef>
#include <cstdint>

#include "apiserver/audit/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto policy = gatepost::apiserver::audit::Policy::parse({reinterpret_cast<const char*>(data), size});
  if (!policy) return 0;
  gatepost::admission::UserInfo user;
  user.name = "u";
  user.groups = {"g"};
  (void)policy->decide(user, gatepost::apiserver::read_request_info("GET", "/api/v1/namespaces/n/pods/p/log"));
  (void)policy->decide(user, gatepost::apiserver::read_request_info("GET", "/healthz/etcd"));
  return 0;
}
