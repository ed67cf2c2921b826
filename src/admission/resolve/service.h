// Service -> EndpointSlice -> address, as kube-apiserver resolves it with --enable-aggregator-routing: by the Service's
// port number, the slice port of the same name, and a ready endpoint of the slice, picked at random. What was read is
// kept until the Service or one of its slices changes.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "storage/storage.h"

namespace gatepost::admission {

struct Address {
  std::string host, port;
  bool operator==(const Address&) const = default;
};

class ServiceResolver {
 public:
  // `store` outlives us. `own_address` answers for default/kubernetes, port 443.
  ServiceResolver(storage::Storage& store, std::string own_address);
  ~ServiceResolver();

  // The error is the text that stands behind `Post "https://...": `, such as `service "x" not found`.
  Result<Address> resolve(const std::string& ns, const std::string& name, int port);

 private:
  struct Known;  // a Service with its slices
  const Known& look_up(const std::string& ns, const std::string& name);
  void slice_changed(const std::string& ns, std::string_view bytes);

  storage::Storage& store_;
  std::string own_address_;
  std::unordered_map<std::string, std::unique_ptr<Known>> known_;  // by namespace/name; also those that are not there
  storage::Subscription services_, slices_;
};

}  // namespace gatepost::admission
