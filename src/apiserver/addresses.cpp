#include "apiserver/addresses.h"

#include <algorithm>
#include <map>
#include <optional>

#include "json/parse.h"

namespace gatepost::apiserver {
namespace {

// kube-apiserver's default for node ports.
constexpr int first_port = 30000, last_port = 32767;

struct Claims {
  std::vector<std::uint32_t> ips;
  std::vector<int> ports;
};

Claims claims_of(const json::Value& service) {
  Claims claims;
  if (auto ip = parse_ipv4(json::string_at(service, {"spec", "clusterIP"}))) claims.ips.push_back(*ip);
  if (const json::Array* ports = json::array_at(service, {"spec", "ports"}))
    for (const json::Value& port : *ports)
      if (auto number = json::int_at(port, {"nodePort"}); number > 0) claims.ports.push_back(static_cast<int>(number));
  if (auto health = json::int_at(service, {"spec", "healthCheckNodePort"}); health > 0)
    claims.ports.push_back(static_cast<int>(health));
  return claims;
}

class Allocator final : public AddressAllocator {
 public:
  Allocator(storage::Storage& store, ServiceRange range) : range_(range) {
    for (const storage::Object& object : store.list("/services", {}).objects) count(*object.bytes, +1);
    following_ = store.on_change("/services", [this](const storage::Event& event) {
      if (event.previous) count(*event.previous, -1);
      if (event.type != storage::EventType::removed) count(*event.object.bytes, +1);
    });
  }

  std::vector<kube::FieldError> allocate(json::Value& service, const json::Value* old_service) override {
    std::vector<kube::FieldError> errors;
    std::string type(json::string_at(service, {"spec", "type"}));
    if (type == "ExternalName") return errors;
    Claims before = old_service ? claims_of(*old_service) : Claims{};
    // An address is given out once: to a new Service, or to one that begins to need one.
    if (!old_service || json::string_at(*old_service, {"spec", "type"}) == "ExternalName") allocate_ip(service, errors);
    if (errors.empty() && (type == "NodePort" || type == "LoadBalancer")) {
      if (old_service)
        change_ports(service, before, errors);
      else
        allocate_ports(service, errors);
    }
    if (errors.empty() && needs_health_port(service)) {
      json::Object& spec = service.get_object()["spec"].get_object();
      if (json::int_at(service, {"spec", "healthCheckNodePort"}) == 0) spec["healthCheckNodePort"] = next_port();
    }
    return errors;
  }

 private:
  void count(const std::string& bytes, int by) {
    auto parsed = json::parse(bytes, json::make_arena());
    if (!parsed) return;
    Claims claims = claims_of(*parsed);
    for (std::uint32_t ip : claims.ips) adjust(ips_, ip, by);
    for (int port : claims.ports) adjust(ports_, port, by);
  }

  template <class K>
  static void adjust(std::map<K, int>& of, K key, int by) {
    int& n = of[key];
    n += by;
    if (n <= 0) of.erase(key);
  }

  void allocate_ip(json::Value& service, std::vector<kube::FieldError>& errors) {
    json::Object& spec = service.get_object()["spec"].get_object();
    std::string given(json::string_at(service, {"spec", "clusterIP"}));
    if (given == "None") return;
    if (given.empty()) {
      const auto free = next_ip();
      if (!free) {
        errors.push_back(
            {"InternalError", "spec.clusterIPs", "Internal error: failed to allocate a serviceIP: range is full"});
        return;
      }
      std::string ip = print_ipv4(*free);
      spec["clusterIP"] = ip;
      spec["clusterIPs"] = json::Array({json::Value(ip)}, spec.storage());
      return;
    }
    auto ip = parse_ipv4(given);
    auto refuse = [&](const std::string& why) {
      errors.push_back({"FieldValueInvalid", "spec.clusterIPs",
                        "Invalid value: [\"" + given + "\"]: failed to allocate IP " + given + ": " + why});
    };
    if (!ip || !range_.contains(*ip))
      refuse("the provided network does not match the current range");
    else if (ips_.contains(*ip))
      refuse("provided IP is already allocated");
  }

  // Ports of one number (TCP and UDP) share their port on the nodes.
  void allocate_ports(json::Value& service, std::vector<kube::FieldError>& errors) {
    json::Array* ports = ports_of(service);
    if (!ports) return;
    std::map<std::int64_t, std::int64_t> given_out;
    for (std::size_t i = 0; i < ports->size() && errors.empty(); ++i) {
      json::Value& port = (*ports)[i];
      std::int64_t node_port = json::int_at(port, {"nodePort"});
      if (node_port == 0 && !wants_node_ports(service)) continue;
      std::int64_t number = json::int_at(port, {"port"});
      std::int64_t& shared = given_out[number];
      if (shared == 0) {
        shared = requested_port(*ports, number);
        if (shared != 0)
          claim_port(shared, i, errors);
        else
          shared = next_port();
        port.get_object()["nodePort"] = shared;
      } else if (node_port == 0) {
        port.get_object()["nodePort"] = shared;
      } else if (node_port != shared) {
        claim_port(node_port, i, errors);
      }
    }
  }

  void change_ports(json::Value& service, const Claims& before, std::vector<kube::FieldError>& errors) {
    json::Array* ports = ports_of(service);
    if (!ports) return;
    std::vector<std::int64_t> claimed(before.ports.begin(), before.ports.end());
    for (std::size_t i = 0; i < ports->size() && errors.empty(); ++i) {
      json::Value& port = (*ports)[i];
      std::int64_t node_port = json::int_at(port, {"nodePort"});
      if (node_port == 0) {
        if (wants_node_ports(service)) port.get_object()["nodePort"] = next_port();
        continue;
      }
      if (std::find(claimed.begin(), claimed.end(), node_port) != claimed.end()) continue;
      claim_port(node_port, i, errors);
      claimed.push_back(node_port);
    }
  }

  static json::Array* ports_of(json::Value& service) {
    json::Value* ports = service.get_object()["spec"].get_object().if_contains("ports");
    return ports ? ports->if_array() : nullptr;
  }

  static bool wants_node_ports(const json::Value& service) {
    const json::Value* wanted = json::find_path(service, {"spec", "allocateLoadBalancerNodePorts"});
    bool balanced = json::string_at(service, {"spec", "type"}) == "LoadBalancer";
    return !balanced || !wanted || !wanted->is_bool() || wanted->get_bool();
  }

  static bool needs_health_port(const json::Value& service) {
    return json::string_at(service, {"spec", "type"}) == "LoadBalancer" &&
           json::string_at(service, {"spec", "externalTrafficPolicy"}) == "Local";
  }

  static std::int64_t requested_port(const json::Array& ports, std::int64_t number) {
    for (const json::Value& port : ports)
      if (json::int_at(port, {"port"}) == number)
        if (std::int64_t node_port = json::int_at(port, {"nodePort"}); node_port != 0) return node_port;
    return 0;
  }

  void claim_port(std::int64_t port, std::size_t index, std::vector<kube::FieldError>& errors) const {
    const char* why = nullptr;
    if (port < first_port || port > last_port)
      why = "provided port is not in the valid range. The range of valid ports is 30000-32767";
    else if (ports_.contains(static_cast<int>(port)))
      why = "provided port is already allocated";
    if (why)
      errors.push_back({"FieldValueInvalid", "spec.ports[" + std::to_string(index) + "].nodePort",
                        "Invalid value: " + std::to_string(port) + ": " + why});
  }

  std::optional<std::uint32_t> next_ip() {
    // The first addresses of the range stay for Services that ask for one, as in Kubernetes' allocator; then they go
    // too.
    const std::uint32_t reserved = std::max(range_.reserved(), 1u), free = range_.count - reserved - 1;
    for (std::uint32_t tried = 0; tried < free; ++tried) {
      const std::uint32_t candidate = range_.first + reserved + ip_cursor_++ % free;
      if (!ips_.contains(candidate)) return candidate;
    }
    for (std::uint32_t candidate = range_.first + 1; candidate < range_.first + reserved; ++candidate)
      if (!ips_.contains(candidate)) return candidate;
    return std::nullopt;
  }

  int next_port() {
    for (int tried = 0; tried <= last_port - first_port; ++tried) {
      int candidate = first_port + 100 + port_cursor_++ % (last_port - first_port - 100);
      if (!ports_.contains(candidate)) return candidate;
    }
    return 0;
  }

  ServiceRange range_;
  std::map<std::uint32_t, int> ips_;
  std::map<int, int> ports_;
  storage::Subscription following_;
  std::uint32_t ip_cursor_ = 0;
  int port_cursor_ = 0;
};

}  // namespace

std::unique_ptr<AddressAllocator> AddressAllocator::make(storage::Storage& store, ServiceRange range) {
  return std::make_unique<Allocator>(store, range);
}

}  // namespace gatepost::apiserver
