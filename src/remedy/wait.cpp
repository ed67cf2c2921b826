#include "remedy/wait.h"

#include <algorithm>

#include "net/loop.h"

namespace gatepost::remedy {
namespace {

constexpr auto shortest_pause = std::chrono::milliseconds(100);
constexpr auto longest_pause = std::chrono::milliseconds(2000);
constexpr auto between_renewals = std::chrono::seconds(20);

net::Task<bool> has_endpoints(Api* api, ObjectRef service) {
  const std::string path = "/apis/discovery.k8s.io/v1/namespaces/" + service.ns +
                           "/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D" + service.name;
  auto reply = co_await api->rest().call("GET", path);
  const json::Array* slices = reply && reply->status == 200 ? json::array_at(reply->body, {"items"}) : nullptr;
  for (std::size_t i = 0; slices && i < slices->size(); ++i) {
    const json::Array* endpoints = json::array_at((*slices)[i], {"endpoints"});
    for (std::size_t k = 0; endpoints && k < endpoints->size(); ++k)
      if (json::bool_at((*endpoints)[k], {"conditions", "ready"}, true)) co_return true;
  }
  co_return false;
}

// Every webhook that has a place for it has a bundle, and one of them another one than before.
bool bundle_written(const json::Value& now, const Step& step) {
  const json::Array* hooks = json::array_at(now, {"webhooks"});
  const json::Array* old = step.before ? json::array_at(*step.before, {"webhooks"}) : nullptr;
  bool all = hooks != nullptr, changed = !old;
  for (std::size_t i = 0; hooks && i < hooks->size(); ++i) {
    const std::string_view bundle = json::string_at((*hooks)[i], {"clientConfig", "caBundle"});
    all = all && !bundle.empty();
    changed = changed || (old && i < old->size() && json::string_at((*old)[i], {"clientConfig", "caBundle"}) != bundle);
  }
  return all && changed;
}

}  // namespace

bool rolled_out(const json::Value& workload, std::string_view kind) {
  if (json::int_at(workload, {"status", "observedGeneration"}) < json::int_at(workload, {"metadata", "generation"}))
    return false;
  if (kind == "DaemonSet") {
    const std::int64_t wanted = json::int_at(workload, {"status", "desiredNumberScheduled"});
    return json::int_at(workload, {"status", "updatedNumberScheduled"}) >= wanted &&
           json::int_at(workload, {"status", "numberReady"}) >= wanted;
  }
  const std::int64_t wanted = json::int_at(workload, {"spec", "replicas"}, 1);
  return json::int_at(workload, {"status", "updatedReplicas"}) >= wanted &&
         json::int_at(workload, {"status", "readyReplicas"}) >= wanted;
}

net::Task<bool> holds_now(Api* api, Step step) {
  if (step.wait_for == WaitFor::endpoints) co_return co_await has_endpoints(api, step.object);
  auto now = co_await api->get(step.object);
  if (!now || !*now) co_return false;
  switch (step.wait_for) {
    case WaitFor::rollout:
      co_return rolled_out(**now, step.object.kind);
    case WaitFor::new_secret:
      co_return version_of(**now) != (step.before ? version_of(*step.before) : std::string_view()) &&
          !json::string_at(**now, {"data", "tls.crt"}).empty();
    case WaitFor::bundle:
      co_return bundle_written(**now, step);
    default:
      co_return true;
  }
}

net::Task<bool> wait_until(Api* api, Step step, std::chrono::milliseconds patience,
                           std::function<net::Task<void>()> meanwhile) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  auto renewed = std::chrono::steady_clock::now();
  auto pause = shortest_pause;
  for (;;) {
    if (co_await holds_now(api, step)) co_return true;
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) co_return false;
    if (now - renewed > between_renewals) {
      co_await meanwhile();
      renewed = now;
    }
    co_await net::sleep_for(std::min<std::chrono::nanoseconds>(pause, deadline - now));
    pause = std::min(pause * 2, longest_pause);
  }
}

}  // namespace gatepost::remedy
