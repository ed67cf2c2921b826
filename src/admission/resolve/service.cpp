#include "admission/resolve/service.h"

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

#include "json/parse.h"
#include "net/host_port.h"

namespace gatepost::admission {
namespace {

constexpr const char* kServices = "/services";
constexpr const char* kSlices = "discovery.k8s.io/endpointslices";

struct ServicePort {
  std::string name;
  int port;
};

struct SlicePort {
  std::string name;
  int port;
};

struct Slice {
  std::string address_type;
  std::vector<SlicePort> ports;                       // those with a name (maybe empty) and a number
  std::vector<std::optional<std::string>> endpoints;  // the first address of each; none: not ready
};

std::mt19937& dice() {
  thread_local std::mt19937 generator{std::random_device{}()};
  return generator;
}

std::size_t below(std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(dice());
}

std::string_view service_of(const json::Value& slice) {
  return json::string_at(slice, {"metadata", "labels", "kubernetes.io/service-name"});
}

Slice read_slice(const json::Value& object) {
  Slice slice;
  slice.address_type = json::string_at(object, {"addressType"});
  if (const json::Array* ports = json::array_at(object, {"ports"})) {
    for (const json::Value& port : *ports) {
      // A port without a name is stored with an empty one; one without a number stands for all ports.
      if (std::int64_t number = json::int_at(port, {"port"}, -1); number >= 0)
        slice.ports.push_back({std::string(json::string_at(port, {"name"})), static_cast<int>(number)});
    }
  }
  if (const json::Array* endpoints = json::array_at(object, {"endpoints"})) {
    for (const json::Value& endpoint : *endpoints) {
      const json::Array* addresses = json::array_at(endpoint, {"addresses"});
      bool ready = json::bool_at(endpoint, {"conditions", "ready"}, true);
      bool usable = ready && addresses && !addresses->empty() && addresses->front().is_string();
      slice.endpoints.push_back(usable ? std::optional<std::string>(json::view(addresses->front().get_string()))
                                       : std::nullopt);
    }
  }
  return slice;
}

std::optional<std::string> ready_endpoint(const Slice& slice) {
  std::size_t count = slice.endpoints.size();
  std::size_t start = count ? below(count) : 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto& address = slice.endpoints[(start + i) % count]) return address;
  }
  return std::nullopt;
}

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

}  // namespace

struct ServiceResolver::Known {
  bool exists = false;
  std::string type, first_family;
  std::vector<ServicePort> ports;
  std::vector<Slice> slices;
};

ServiceResolver::ServiceResolver(storage::Storage& store, std::string own_address)
    : store_(store), own_address_(std::move(own_address)) {
  services_ = store.on_change(kServices, [this](const storage::Event& event) {
    known_.erase(event.object.key.ns + "/" + event.object.key.name);
  });
  slices_ = store.on_change(kSlices, [this](const storage::Event& event) {
    if (event.object.bytes) slice_changed(event.object.key.ns, *event.object.bytes);
    if (event.previous) slice_changed(event.object.key.ns, *event.previous);
  });
}

ServiceResolver::~ServiceResolver() = default;

void ServiceResolver::slice_changed(const std::string& ns, std::string_view bytes) {
  if (known_.empty()) return;
  if (auto slice = json::parse(bytes, json::make_arena(bytes.size() * 2)))
    known_.erase(ns + "/" + std::string(service_of(*slice)));
}

const ServiceResolver::Known& ServiceResolver::look_up(const std::string& ns, const std::string& name) {
  auto& slot = known_[ns + "/" + name];
  if (slot) return *slot;
  slot = std::make_unique<Known>();
  auto stored = store_.get({kServices, ns, name});
  if (!stored) return *slot;
  auto service = json::parse(*stored->bytes, json::make_arena(stored->bytes->size() * 2));
  if (!service) return *slot;
  slot->exists = true;
  slot->type = json::string_at(*service, {"spec", "type"});
  if (const json::Array* families = json::array_at(*service, {"spec", "ipFamilies"});
      families && !families->empty() && families->front().is_string())
    slot->first_family = json::view(families->front().get_string());
  if (const json::Array* ports = json::array_at(*service, {"spec", "ports"})) {
    for (const json::Value& port : *ports)
      slot->ports.push_back(
          {std::string(json::string_at(port, {"name"})), static_cast<int>(json::int_at(port, {"port"}))});
  }
  storage::ListOptions in_namespace;
  in_namespace.ns = ns;
  for (const storage::Object& object : store_.list(kSlices, in_namespace).objects) {
    auto slice = json::parse(*object.bytes, json::make_arena(object.bytes->size() * 2));
    if (slice && service_of(*slice) == name) slot->slices.push_back(read_slice(*slice));
  }
  return *slot;
}

Result<Address> ServiceResolver::resolve(const std::string& ns, const std::string& name, int port) {
  if (ns == "default" && name == "kubernetes" && port == 443 && !own_address_.empty()) {
    std::size_t colon = own_address_.rfind(':');
    return Address{own_address_.substr(0, colon), own_address_.substr(colon + 1)};
  }
  const Known& service = look_up(ns, name);
  if (!service.exists) return fail("service " + quoted(name) + " not found");
  if (service.type != "ClusterIP" && service.type != "LoadBalancer" && service.type != "NodePort")
    return fail("unsupported service type " + quoted(service.type));
  auto service_port = std::find_if(service.ports.begin(), service.ports.end(),
                                   [&](const ServicePort& candidate) { return candidate.port == port; });
  if (service_port == service.ports.end())
    return fail("no service port " + std::to_string(port) + " found for service " + quoted(name));

  // Slices of the Service's first address family come first, otherwise in random order.
  std::vector<const Slice*> slices;
  for (const Slice& slice : service.slices) slices.push_back(&slice);
  if (!service.first_family.empty()) {
    std::shuffle(slices.begin(), slices.end(), dice());
    std::stable_partition(slices.begin(), slices.end(),
                          [&](const Slice* slice) { return slice->address_type == service.first_family; });
  }
  for (const Slice* slice : slices) {
    for (const SlicePort& slice_port : slice->ports) {
      if (slice_port.name != service_port->name) continue;
      if (auto address = ready_endpoint(*slice)) return Address{*address, std::to_string(slice_port.port)};
    }
  }
  return fail("no endpoints available for service " + quoted(name));
}

}  // namespace gatepost::admission
