#include "apiserver/addresses.h"

#include <arpa/inet.h>
#include <map>
#include <optional>

#include "json/parse.h"

namespace gatepost::apiserver {
namespace {

// kube-apiserver's defaults in a kubeadm cluster: --service-cluster-ip-range=10.96.0.0/12, node ports 30000-32767.
constexpr std::uint32_t first_ip = (10u << 24) | (96u << 16);
constexpr std::uint32_t ip_count = 1u << 20;
constexpr int first_port = 30000, last_port = 32767;

std::optional<std::uint32_t> parse_ip(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

std::string print_ip(std::uint32_t ip) {
  return std::to_string(ip >> 24) + "." + std::to_string(ip >> 16 & 255) + "." + std::to_string(ip >> 8 & 255) + "." +
         std::to_string(ip & 255);
}

struct Claims {
  std::vector<std::uint32_t> ips;
  std::vector<int> ports;
};

Claims claims_of(const json::Value& service) {
  Claims claims;
  if (auto ip = parse_ip(json::string_at(service, {"spec", "clusterIP"}))) claims.ips.push_back(*ip);
  if (const json::Array* ports = json::array_at(service, {"spec", "ports"}))
    for (const json::Value& port : *ports)
      if (auto number = json::int_at(port, {"nodePort"}); number > 0) claims.ports.push_back(static_cast<int>(number));
  if (auto health = json::int_at(service, {"spec", "healthCheckNodePort"}); health > 0)
    claims.ports.push_back(static_cast<int>(health));
  return claims;
}

class Allocator final : public AddressAllocator {
 public:
  explicit Allocator(storage::Storage& store) {
    for (const storage::Object& object : store.list("/services", {}).objects) count(*object.bytes, +1);
    following_ = store.on_change("/services", [this](const storage::Event& event) {
      if (event.previous) count(*event.previous, -1);
      if (event.type != storage::EventType::removed) count(*event.object.bytes, +1);
    });
  }

  std::vector<kube::FieldError> allocate(json::Value& service, const json::Value* old_service) override {
    std::vector<kube::FieldError> errors;
    std::string_view type = json::string_at(service, {"spec", "type"});
    if (type == "ExternalName") return errors;
    Claims before = old_service ? claims_of(*old_service) : Claims{};
    allocate_ip(service, before, errors);
    if (type == "NodePort" || type == "LoadBalancer") allocate_ports(service, type, before, errors);
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

  void allocate_ip(json::Value& service, const Claims& before, std::vector<kube::FieldError>& errors) {
    json::Object& spec = service.get_object()["spec"].get_object();
    std::string_view given = json::string_at(service, {"spec", "clusterIP"});
    if (given == "None") return;
    if (given.empty()) {
      std::string ip = print_ip(next_ip());
      spec["clusterIP"] = ip;
      spec["clusterIPs"] = json::Array({json::Value(ip)}, spec.storage());
      return;
    }
    auto ip = parse_ip(given);
    bool kept = ip && !before.ips.empty() && before.ips[0] == *ip;
    if (kept) return;
    auto refuse = [&](const std::string& why) {
      errors.push_back({"FieldValueInvalid", "spec.clusterIPs",
                        "Invalid value: [\"" + std::string(given) + "\"]: failed to allocate IP " + std::string(given) +
                            ": " + why});
    };
    if (!ip || *ip < first_ip || *ip >= first_ip + ip_count)
      refuse("the provided network does not match the current range");
    else if (ips_.contains(*ip))
      refuse("provided IP is already allocated");
  }

  void allocate_ports(json::Value& service, std::string_view type, const Claims& before,
                      std::vector<kube::FieldError>& errors) {
    const json::Value* wanted = json::find_path(service, {"spec", "allocateLoadBalancerNodePorts"});
    bool none = type == "LoadBalancer" && wanted && wanted->is_bool() && !wanted->get_bool();
    json::Value* ports = service.get_object()["spec"].get_object().if_contains("ports");
    if (!ports || !ports->is_array()) return;
    std::size_t index = 0;
    for (json::Value& port : ports->get_array()) {
      std::int64_t given = json::int_at(port, {"nodePort"});
      std::size_t at = index++;
      if (given == 0) {
        if (!none && port.is_object()) port.get_object()["nodePort"] = next_port();
        continue;
      }
      bool kept = std::find(before.ports.begin(), before.ports.end(), given) != before.ports.end();
      if (kept) continue;
      std::string field = "spec.ports[" + std::to_string(at) + "].nodePort";
      std::string shown = "Invalid value: " + std::to_string(given) + ": ";
      if (given < first_port || given > last_port)
        errors.push_back({"FieldValueInvalid", field,
                          shown + "provided port is not in the valid range. The range of valid ports is 30000-32767"});
      else if (ports_.contains(static_cast<int>(given)))
        errors.push_back({"FieldValueInvalid", field, shown + "provided port is already allocated"});
    }
  }

  std::uint32_t next_ip() {
    // The first addresses of the range stay for Services that ask for one, as in Kubernetes' allocator.
    constexpr std::uint32_t reserved = 256;
    for (std::uint32_t tried = 0; tried < ip_count; ++tried) {
      std::uint32_t candidate = first_ip + reserved + ip_cursor_++ % (ip_count - reserved - 1);
      if (!ips_.contains(candidate)) return candidate;
    }
    return first_ip;
  }

  int next_port() {
    for (int tried = 0; tried <= last_port - first_port; ++tried) {
      int candidate = first_port + 100 + port_cursor_++ % (last_port - first_port - 100);
      if (!ports_.contains(candidate)) return candidate;
    }
    return 0;
  }

  std::map<std::uint32_t, int> ips_;
  std::map<int, int> ports_;
  storage::Subscription following_;
  std::uint32_t ip_cursor_ = 0;
  int port_cursor_ = 0;
};

}  // namespace

std::unique_ptr<AddressAllocator> AddressAllocator::make(storage::Storage& store) {
  return std::make_unique<Allocator>(store);
}

}  // namespace gatepost::apiserver
