// Cluster IPs and node ports of Services, given out as kube-apiserver does within its ranges. What is taken is
// read from the stored Services and followed.
#pragma once

#include <memory>

#include "apiserver/service_range.h"
#include "json/value.h"
#include "kube/status.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

class AddressAllocator {
 public:
  static std::unique_ptr<AddressAllocator> make(storage::Storage& store, ServiceRange range = {});
  virtual ~AddressAllocator() = default;
  // Fills in spec.clusterIP(s) and nodePorts of a Service that is about to be stored, or refuses those it names.
  // `old_service` is null on a create. What is given out is taken at once and released when no Service holds it.
  virtual std::vector<kube::FieldError> allocate(json::Value& service, const json::Value* old_service) = 0;
};

}  // namespace gatepost::apiserver
