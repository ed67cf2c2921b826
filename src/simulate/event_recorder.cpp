#include "simulate/event_recorder.h"

#include "simulate/errand.h"

namespace gatepost::simulate {
namespace {

constexpr std::size_t most_known = 4096;  // client-go's maxLruCacheEntries

std::string hexadecimal(std::uint64_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; value >>= 4) text[i] = digits[value & 0xf];
  return text;
}

}  // namespace

net::Task<void> EventRecorder::record(Occurrence occurrence) {
  const Item& about = *occurrence.about;
  const std::string same = about.uid + "|" + occurrence.reason + "|" + occurrence.message + "|" + occurrence.component;
  auto [known, fresh] = known_.try_emplace(same);
  const std::string now = rfc3339(deps_.now());
  std::string ns = about.key.ns.empty() ? "default" : about.key.ns;
  const auto registry = deps_.registry->snapshot();
  const kube::ResourceInfo* resource = registry->find("", "v1", "events");
  if (!resource) co_return;
  const std::string user =
      occurrence.component == "kubelet" ? "system:node:" + about.node : "system:kube-controller-manager";
  if (!fresh) {
    const std::string name = known->second.name;
    const std::string patch =
        "{\"count\":" + std::to_string(++known->second.count) + ",\"lastTimestamp\":\"" + now + "\"}";
    auto counted = co_await send_patch(&deps_, {resource->collection, ns, name}, patch, user);
    if (counted || counted.error().code != 404) co_return;
    known_.erase(same);
    known = known_.try_emplace(same).first;
  } else {
    order_.push_back(same);
    if (order_.size() > most_known) {
      known_.erase(order_.front());
      order_.pop_front();
    }
  }
  const auto stamp = std::chrono::duration_cast<std::chrono::nanoseconds>(deps_.now().time_since_epoch()).count();
  const std::string name =
      about.key.name + "." + hexadecimal(static_cast<std::uint64_t>(stamp) ^ std::hash<std::string>{}(same));
  known->second = {name, 1};
  json::Object involved{
      {"kind", occurrence.kind}, {"apiVersion", occurrence.api_version}, {"name", about.key.name}, {"uid", about.uid}};
  if (!about.key.ns.empty()) involved["namespace"] = about.key.ns;
  Write write;
  write.collection = resource->collection;
  write.ns = ns;
  write.object = json::Object{{"kind", "Event"},
                              {"apiVersion", "v1"},
                              {"metadata", json::Object{{"name", name}, {"namespace", ns}}},
                              {"involvedObject", std::move(involved)},
                              {"reason", occurrence.reason},
                              {"message", occurrence.message},
                              {"source", json::Object{{"component", occurrence.component}}},
                              {"firstTimestamp", now},
                              {"lastTimestamp", now},
                              {"count", 1},
                              {"type", occurrence.warning ? "Warning" : "Normal"},
                              {"reportingComponent", occurrence.component},
                              {"reportingInstance", ""}};
  write.user = user;
  (void)co_await send(&deps_, std::move(write));
}

}  // namespace gatepost::simulate
