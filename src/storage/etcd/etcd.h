// The store in an etcd, which several servers may share: keys and revisions are etcd's own, writes are transactions
// that compare the revision, and the state in memory follows a watch. A write's task ends when the watch has brought
// it, so who wrote reads what was written; catch_up() does the same for what others wrote. While etcd is gone reads go
// on from memory, writes and catch_up() fail, and the watch comes back by itself; if etcd has dropped its history
// meanwhile, the difference is read anew.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/storage.h"

namespace gatepost::storage {

struct EtcdOptions {
  std::vector<std::string> endpoints;  // host:port
  std::string prefix = "/registry";    // of all keys
  std::size_t history = 100000;        // as OpenOptions::history
};

// Reads everything first. The error names the endpoints and the reason.
net::Task<Result<std::unique_ptr<Storage>>> open_etcd(EtcdOptions options);

}  // namespace gatepost::storage
