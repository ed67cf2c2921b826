// Rows of Services, Endpoints, EndpointSlices and networking.k8s.io.
#include <algorithm>
#include <set>

#include "apiserver/table/cells.h"

namespace gatepost::apiserver {
namespace {

std::vector<std::string> strings(const json::Array* array) {
  std::vector<std::string> out;
  if (array)
    for (const json::Value& value : *array)
      if (value.is_string()) out.emplace_back(json::view(value.get_string()));
  return out;
}

// The first `shown` values and " + N more...".
std::string shortened(std::vector<std::string> values, std::size_t shown, std::string_view none) {
  std::size_t more = values.size() > shown ? values.size() - shown : 0;
  if (more) values.resize(shown);
  std::string out = joined(values, ",", none);
  return more ? out + " + " + std::to_string(more) + " more..." : out;
}

std::string load_balancer_addresses(const json::Value& object) {
  std::vector<std::string> out;
  if (const json::Array* entries = json::array_at(object, {"status", "loadBalancer", "ingress"}))
    for (const json::Value& entry : *entries) {
      std::string_view ip = json::string_at(entry, {"ip"}), host = json::string_at(entry, {"hostname"});
      out.emplace_back(ip.empty() ? host : ip);
    }
  return joined(out, ",", "");
}

std::string external_ip(const json::Value& object, std::string_view type) {
  std::vector<std::string> given = strings(json::array_at(object, {"spec", "externalIPs"}));
  if (type == "ExternalName") return std::string(json::string_at(object, {"spec", "externalName"}));
  if (type != "LoadBalancer") return joined(given);
  std::string of_balancer = load_balancer_addresses(object);
  if (!of_balancer.empty()) given.insert(given.begin(), of_balancer);
  return joined(given, ",", "<pending>");
}

std::string service_ports(const json::Value& object) {
  std::vector<std::string> out;
  if (const json::Array* ports = json::array_at(object, {"spec", "ports"}))
    for (const json::Value& port : *ports) {
      std::string text = std::to_string(json::int_at(port, {"port"}));
      if (auto node_port = json::int_at(port, {"nodePort"})) text += ":" + std::to_string(node_port);
      out.push_back(text + "/" + std::string(json::string_at(port, {"protocol"})));
    }
  return joined(out);
}

void service(const json::Value& object, Row& row) {
  std::string_view type = json::string_at(object, {"spec", "type"});
  std::string_view ip = json::string_at(object, {"spec", "clusterIP"});
  row.text(name_of(object));
  row.text(type);
  row.text(ip.empty() ? "<none>" : ip);
  row.text(external_ip(object, type));
  row.text(service_ports(object));
  row.age(created(object));
  row.text(labels_cell(json::object_at(object, {"spec", "selector"})));
}

void endpoints(const json::Value& object, Row& row) {
  std::vector<std::string> addresses;
  if (const json::Array* subsets = json::array_at(object, {"subsets"}))
    for (const json::Value& subset : *subsets) {
      const json::Array* ready = json::array_at(subset, {"addresses"});
      const json::Array* ports = json::array_at(subset, {"ports"});
      if (!ready) continue;
      if (!ports || ports->empty()) {
        for (const json::Value& address : *ready) addresses.emplace_back(json::string_at(address, {"ip"}));
        continue;
      }
      for (const json::Value& port : *ports)
        for (const json::Value& address : *ready)
          addresses.push_back(std::string(json::string_at(address, {"ip"})) + ":" +
                              std::to_string(json::int_at(port, {"port"})));
    }
  row.text(name_of(object));
  row.text(shortened(std::move(addresses), 3, "<none>"));
  row.age(created(object));
}

void endpoint_slice(const json::Value& object, Row& row) {
  std::vector<std::string> ports, addresses;
  if (const json::Array* list = json::array_at(object, {"ports"}))
    for (const json::Value& port : *list) {
      const json::Value* number = json::find(port, "port");
      std::string text = number && number->is_int64() ? std::to_string(number->get_int64()) : "*";
      ports.push_back(std::move(text));
    }
  if (const json::Array* list = json::array_at(object, {"endpoints"}))
    for (const json::Value& endpoint : *list)
      for (std::string& address : strings(json::array_at(endpoint, {"addresses"})))
        addresses.push_back(std::move(address));
  row.text(name_of(object));
  row.text(json::string_at(object, {"addressType"}));
  row.text(shortened(std::move(ports), 3, "<unset>"));
  row.text(shortened(std::move(addresses), 3, "<unset>"));
  row.age(created(object));
}

void ingress(const json::Value& object, Row& row) {
  std::vector<std::string> hosts;
  if (const json::Array* rules = json::array_at(object, {"spec", "rules"}))
    for (const json::Value& rule : *rules)
      if (std::string_view host = json::string_at(rule, {"host"}); !host.empty()) hosts.emplace_back(host);
  const json::Array* tls = json::array_at(object, {"spec", "tls"});
  std::string_view ingress_class = json::string_at(object, {"spec", "ingressClassName"});
  if (ingress_class.empty())
    ingress_class = json::string_at(object, {"metadata", "annotations", "kubernetes.io/ingress.class"});
  row.text(name_of(object));
  row.text(ingress_class.empty() ? "<none>" : ingress_class);
  row.text(shortened(std::move(hosts), 3, "*"));
  row.text(load_balancer_addresses(object));
  row.text(tls && !tls->empty() ? "80, 443" : "80");
  row.age(created(object));
}

void network_policy(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.text(selector_cell(json::find_path(object, {"spec", "podSelector"})));
  row.age(created(object));
}

void ingress_class(const json::Value& object, Row& row) {
  std::string parameters = "<none>";
  if (const json::Object* reference = json::object_at(object, {"spec", "parameters"}); reference) {
    parameters = json::string_at(object, {"spec", "parameters", "kind"});
    if (std::string_view group = json::string_at(object, {"spec", "parameters", "apiGroup"}); !group.empty())
      parameters += "." + std::string(group);
    parameters += "/" + std::string(json::string_at(object, {"spec", "parameters", "name"}));
  }
  row.text(name_of(object));
  row.text(json::string_at(object, {"spec", "controller"}));
  row.text(parameters);
  row.age(created(object));
}

void ip_address(const json::Value& object, Row& row) {
  std::string parent;
  for (const char* field : {"resource", "namespace", "name"}) {
    std::string_view value = json::string_at(object, {"spec", "parentRef", field});
    if (value.empty()) continue;
    parent += (parent.empty() ? "" : "/") + std::string(value);
  }
  row.text(name_of(object));
  row.text(parent);
}

void service_cidr(const json::Value& object, Row& row) {
  row.text(name_of(object));
  row.text(joined(strings(json::array_at(object, {"spec", "cidrs"})), ",", ""));
  row.age(created(object));
}

}  // namespace

std::vector<CellsEntry> network_cells() {
  return {{"/services", service},
          {"/endpoints", endpoints},
          {"discovery.k8s.io/endpointslices", endpoint_slice},
          {"networking.k8s.io/ingresses", ingress},
          {"networking.k8s.io/networkpolicies", network_policy},
          {"networking.k8s.io/ingressclasses", ingress_class},
          {"networking.k8s.io/ipaddresses", ip_address},
          {"networking.k8s.io/servicecidrs", service_cidr}};
}

}  // namespace gatepost::apiserver
