// What somebody may have meant: a port of the Service, a port of the containers, the labels of a workload. One
// candidate is taken, none or several are not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "remedy/scene.h"

namespace gatepost::remedy {

template <class T>
struct Choice {
  std::optional<T> one;
  std::string reason;   // why this one
  std::string why_not;  // why none
};

bool has_port(const json::Value& service, int port);

// The Service's port that the webhook must mean, when it has none with the number it names.
Choice<std::int64_t> service_port_for(const json::Value& service, int wrong);

// The targetPort, by name where the containers name it.
Choice<json::Value> target_port_for(const Ill& ill);

// The selector of the one workload that the Service must mean.
Choice<json::Object> selector_for(const Scene& scene, const Ill& ill);

}  // namespace gatepost::remedy
