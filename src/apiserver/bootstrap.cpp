#include "apiserver/bootstrap.h"

#include "apiserver/metadata.h"
#include "apiserver/stored.h"
#include "base/random.h"
#include "base/time.h"
#include "embedded/bootstrap_objects.h"
#include "embedded/rbac_bootstrap.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/apply/field_manager.h"
#include "kube/schema/object.h"
#include "net/event.h"
#include "net/loop.h"

namespace gatepost::apiserver {
namespace {

struct Seed {
  const kube::ResourceInfo* resource;
  json::Value object;
};

// How many creations are under way, and the first that failed.
struct Progress {
  std::size_t open = 0;
  net::Event done;
  std::string problem;
};

net::Task<void> create_one(storage::Storage& store, Seed& seed, Progress& progress) {
  storage::Key key = key_of(*seed.resource, json::string_at(seed.object, {"metadata", "namespace"}),
                            json::string_at(seed.object, {"metadata", "name"}));
  if (!store.get(key)) {
    storage::Encode print = [&seed](storage::Revision revision) { return encode(seed.object, revision); };
    auto created = co_await store.create(key, std::move(print));
    if (!created && created.error().kind != storage::ErrorKind::exists && progress.problem.empty())
      progress.problem = created.error().text;
  }
  if (--progress.open == 0) progress.done.fire();
}

void complete(json::Value& object, const kube::ResourceInfo& resource, WallTime now) {
  json::Object& fields = object.get_object();
  fields["kind"] = resource.kind;
  fields["apiVersion"] = kube::api_version(resource.group, resource.version);
  json::Object& metadata = metadata_of(object);
  metadata["uid"] = random_uuid();
  metadata["creationTimestamp"] = rfc3339(now);
  kube::GroupVersionKind kind{resource.group, resource.version, resource.kind};
  // The program's own data: it has every type right.
  (void)kube::decode(object, kind, kube::FieldValidation::ignore);
  kube::set_defaults(object, kind);
  kube::apply::track_update(nullptr, object, {kind, "", "kube-apiserver", now});
}

// {"clusterroles": [...], ...}: lists by resource name, all of RBAC's group.
void add_rbac(std::vector<Seed>& seeds, const kube::Registry& registry, const json::Storage& arena, WallTime now) {
  auto parsed = json::parse(embedded::rbac_bootstrap().front().bytes, arena);
  if (!parsed) return;
  for (auto& list : parsed->as_object()) {
    const kube::ResourceInfo* resource = registry.find("rbac.authorization.k8s.io", "v1", list.key());
    if (!resource) continue;
    for (json::Value& object : list.value().as_array()) {
      complete(object, *resource, now);
      seeds.push_back({resource, std::move(object)});
    }
  }
}

std::string replaced(std::string text, std::string_view from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// A list of whole objects; {{address}} and {{port}} stand for where this server is reached, {{service}} for its
// Service.
void add_objects(std::vector<Seed>& seeds, const kube::Registry& registry, const json::Storage& arena, WallTime now,
                 const std::string& address, const ServiceRange& services) {
  std::size_t colon = address.rfind(':');
  std::string text(embedded::bootstrap_objects().front().bytes);
  text = replaced(replaced(std::move(text), "{{address}}", address.substr(0, colon)), "\"{{port}}\"",
                  address.substr(colon + 1));
  text = replaced(std::move(text), "{{service}}", print_ipv4(services.server()));
  auto parsed = json::parse(text, arena);
  if (!parsed || !parsed->is_array()) return;
  for (json::Value& object : parsed->get_array()) {
    std::string api(json::string_at(object, {"apiVersion"})), group, version = api;
    if (std::size_t slash = api.find('/'); slash != std::string::npos) {
      group = api.substr(0, slash);
      version = api.substr(slash + 1);
    }
    const kube::ResourceInfo* resource = registry.find_kind(group, version, json::string_at(object, {"kind"}));
    if (!resource) continue;
    complete(object, *resource, now);
    seeds.push_back({resource, std::move(object)});
  }
}

}  // namespace

net::Task<Result<void>> bootstrap(storage::Storage& store, std::shared_ptr<const kube::Registry> registry,
                                  std::string address, ServiceRange services) {
  json::Storage arena = json::make_arena(1 << 20);
  const WallTime now = std::chrono::system_clock::now();
  std::vector<Seed> seeds;
  add_objects(seeds, *registry, arena, now, address, services);
  add_rbac(seeds, *registry, arena, now);
  Progress progress;
  progress.open = seeds.size();
  // All at once, so that they share one commit.
  for (Seed& seed : seeds) co_await net::spawn(create_one(store, seed, progress));
  while (progress.open > 0) co_await progress.done.wait();
  if (!progress.problem.empty()) co_return fail("the server's own objects cannot be stored: " + progress.problem);
  co_return Result<void>{};
}

}  // namespace gatepost::apiserver
