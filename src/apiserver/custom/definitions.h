// The stored CustomResourceDefinitions as the server serves them: the registry follows their changes at once, their
// status is settled by the server, and those being deleted take their objects along (the work of
// apiextensions-apiserver's controllers, done within the write that causes it).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/time.h"
#include "kube/crd/definition.h"
#include "net/task.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

class Definitions {
 public:
  // Reads what is stored and follows its changes. `store` outlives us.
  Definitions(storage::Storage& store, std::shared_ptr<kube::LiveRegistry> registry, std::function<WallTime()> now);

  // Accepted names and conditions of all definitions, and the end of those being deleted. Called after a write of a
  // definition, and of an object whose definition is going away.
  net::Task<void> settle();

 private:
  void put(const storage::Object& object);
  void publish();
  net::Task<bool> settle_one(const std::string& name);
  net::Task<bool> finish_deletion(storage::Object present, json::Value object);
  net::Task<bool> remove_objects(std::string collection);

  storage::Storage& store_;
  std::shared_ptr<kube::LiveRegistry> registry_;
  std::shared_ptr<const kube::Registry> builtin_;
  std::function<WallTime()> now_;
  std::map<std::string, std::shared_ptr<const kube::crd::Definition>> established_;
  storage::Subscription changes_;
};

// What a deletion of a definition adds to it: the finalizer that holds it while its objects go, and a condition.
void mark_definition_deleted(json::Value& object, WallTime now);

}  // namespace gatepost::apiserver
