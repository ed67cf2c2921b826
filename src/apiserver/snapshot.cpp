#include "apiserver/snapshot.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace gatepost::apiserver {
namespace {

using Place = std::pair<std::string, std::string>;  // namespace and name

// What every object that changed was before; nothing for one that was not there.
using Before = std::map<Place, std::optional<storage::Bytes>>;

}  // namespace

net::Task<storage::StoreResult<std::vector<storage::Object>>> snapshot(storage::Storage& store, std::string collection,
                                                                       std::string ns, storage::Revision revision) {
  auto watch = store.watch(collection, ns, revision);
  if (!watch) co_return fail_with(std::move(watch.error()));
  // No change comes between these two: what is known is there at once, and nothing waits.
  Before before;
  for (;;) {
    bool done = false;
    auto next = co_await (*watch)->next_until(std::chrono::steady_clock::now(), &done);
    if (!next) co_return fail_with(std::move(next.error()));
    if (done || !*next) break;
    storage::Event& event = **next;
    std::optional<storage::Bytes> old;
    if (event.type != storage::EventType::added) old = event.previous;
    before.try_emplace({event.object.key.ns, event.object.key.name}, std::move(old));
  }
  storage::ListOptions scope;
  scope.ns = ns;
  std::vector<storage::Object> objects;
  for (storage::Object& object : store.list(collection, scope).objects) {
    auto changed = before.find({object.key.ns, object.key.name});
    if (changed == before.end()) objects.push_back(std::move(object));
  }
  for (auto& [place, bytes] : before) {
    if (!bytes) continue;
    storage::Object object;
    object.key = {collection, place.first, place.second};
    object.bytes = std::move(*bytes);
    objects.push_back(std::move(object));
  }
  std::sort(objects.begin(), objects.end(), [](const storage::Object& a, const storage::Object& b) {
    return std::tie(a.key.ns, a.key.name) < std::tie(b.key.ns, b.key.name);
  });
  co_return objects;
}

}  // namespace gatepost::apiserver
