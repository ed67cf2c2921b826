// What a controller of the simulated cluster is: it hears changes, names the keys they concern, and brings one key at a
// time to where it should be by writes through the API, as kube-controller-manager's do. The same controllers run on
// virtual time (virtual_cluster.h) and on the embedded server (live.h): time, names and writes come through Api.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "kube/status.h"
#include "net/task.h"
#include "simulate/cache.h"

namespace gatepost::simulate {

struct Write {
  enum class Verb { create, update, remove };
  Verb verb = Verb::create;
  std::string collection;   // as stored: "apps/replicasets"
  std::string subresource;  // "", "status", "binding", "eviction"
  std::string ns, name;     // of a creation under generateName the name is empty
  json::Value object;       // whole; null for a removal
  std::string user;         // whose request it is: "system:serviceaccount:kube-system:..." or "system:node:..."
  std::optional<std::int64_t> grace_seconds;  // of a removal
};

// One event as the controllers tell it: `about` is whom it regards.
struct Occurrence {
  ItemPtr about;
  std::string kind, api_version;  // of whom it regards
  bool warning = false;
  std::string reason, message, component;
};

class Api {
 public:
  virtual ~Api() = default;
  virtual const Cache& cache() const = 0;
  virtual WallTime now() const = 0;
  // The whole way of a request: admission, then the store. The error is the server's answer.
  virtual net::Task<kube::ApiResult<void>> write(Write write) = 0;
  virtual net::Task<void> tell(Occurrence occurrence) = 0;
  // A pause that a part of the cluster takes, such as the start of a pod: the same for the same seed and name.
  virtual std::chrono::milliseconds pause(std::string_view name, std::chrono::milliseconds least,
                                          std::chrono::milliseconds most) const = 0;
};

struct Outcome {
  enum class Kind { done, retry, again };  // retry: it failed, comes back after a growing pause; again: after `after`
  Kind kind = Kind::done;
  std::chrono::milliseconds after{0};
};
inline Outcome again(std::chrono::milliseconds after) {
  return {Outcome::Kind::again, after};
}
inline Outcome retry() {
  return {Outcome::Kind::retry, {}};
}

class Controller {
 public:
  virtual ~Controller() = default;
  virtual std::string_view name() const = 0;
  // Appends the keys ("namespace/name") that the change concerns.
  virtual void concerns(const Change& change, std::vector<std::string>& keys) = 0;
  virtual net::Task<Outcome> sync(std::string key) = 0;
  // Drops what was remembered of single objects: the cluster has been set back.
  virtual void forget() {}
};

// kube-controller-manager's controllers run with these accounts.
std::string controller_account(std::string_view name);

}  // namespace gatepost::simulate
