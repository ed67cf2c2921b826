// What a Service's selector leads to: its pods with their readiness, and its ports as numbers.
#pragma once

#include <string>
#include <vector>

#include "simulate/controller.h"

namespace gatepost::simulate {

struct Endpoint {
  ItemPtr pod;
  std::string address;
  bool ready = false, serving = false, terminating = false;
};

struct EndpointPort {
  std::string name, protocol = "TCP", app_protocol;
  std::int64_t port = 0;
};

struct Reach {
  std::vector<Endpoint> endpoints;  // pods with an address, in the order of their names
  std::vector<EndpointPort> ports;
};

bool has_selector(const Item& service);
Reach reach_of(const Item& service, const Cache& cache);

// Appends the Services whose endpoints the change of a pod or of a Service concerns.
void services_concerned(const Change& change, const Cache& cache, std::vector<std::string>& keys);

}  // namespace gatepost::simulate
