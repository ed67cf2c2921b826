// VirtualCluster: a cluster on virtual time, in memory. Every write of its controllers goes through the real admission
// path and then into the store; backends of webhooks are stand-ins (stand_in.h) whose faults a scenario sets. An hour
// passes as fast as its events can be worked off. What a scenario changed can be taken back whole, so that many can be
// played on one cluster. One thread; the same seed gives the same run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kube/registry/registry.h"
#include "simulate/controller.h"
#include "simulate/fault.h"

namespace gatepost::simulate {

// A write that the API server refused, or one that a failing webhook let pass.
struct Refusal {
  WallTime time;
  Write::Verb verb = Write::Verb::create;
  std::string collection, subresource, ns, name;  // of the object; the name is empty under generateName
  std::string owner_kind, owner_name;             // of a pod that was to be made
  std::string text;                               // the server's
  kube::Status answer;
  // When it was given: the state that admission looked at, and the owner's generation.
  std::uint64_t state = 0;
  std::string generation;
  std::chrono::nanoseconds spent{0};  // waiting for slow backends
};

class VirtualCluster : public Api {
 public:
  struct Options {
    std::uint64_t seed = 1;
    WallTime start;
  };
  static std::unique_ptr<VirtualCluster> make(Options options);

  // ---- its contents: past admission and controllers' eyes, as the state a scenario starts from
  virtual net::Task<void> put(const kube::ResourceInfo& resource, json::Value object) = 0;
  virtual net::Task<void> drop(storage::Key key) = 0;
  virtual const kube::Registry& registry() const = 0;
  virtual const kube::ResourceInfo* resource(std::string_view collection) const = 0;
  virtual storage::Storage& store() = 0;

  // ---- time
  // Works until `until`, or until `stop` (asked after every step) says so. True when it did.
  virtual net::Task<bool> run(WallTime until, std::function<bool()> stop) = 0;
  // Every controller looks at everything it is responsible for.
  virtual void look_at_all() = 0;
  // Where no event waits any more the cluster is at rest.
  virtual bool at_rest() const = 0;

  // ---- faults
  // `backend`: "namespace/name" of a Service, or the host of a URL. Every call to it then fails so.
  virtual void set_fault(const std::string& backend, Fault fault) = 0;

  // ---- what happened
  // By webhook name: calls that failed and were let through (failurePolicy Ignore), and that refused a request.
  virtual const std::map<std::string, std::int64_t>& failed_open() const = 0;
  virtual const std::map<std::string, std::int64_t>& failed_closed() const = 0;
  // The last refusal of each object (by its owner under generateName) for which no later request has passed.
  virtual const std::map<std::string, Refusal>& refusals() const = 0;
  virtual std::int64_t writes() const = 0;  // requests since begin()
  // Counts up with every change of an EndpointSlice: whether a backend can be reached may be another matter now.
  virtual std::uint64_t slice_changes() const = 0;

  // Admission alone: what would be the answer to this write.
  virtual net::Task<kube::ApiResult<void>> ask(Write write) = 0;

  // ---- scenarios
  virtual void begin() = 0;                 // from here on changes are remembered
  virtual net::Task<void> take_back() = 0;  // everything is as it was at begin()
};

}  // namespace gatepost::simulate
