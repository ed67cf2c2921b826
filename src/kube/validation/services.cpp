#include <array>
#include <set>

#include "formats/names.h"
#include "kube/validation/address.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"
#include "kube/validation/service.h"

namespace gatepost::kube {
namespace {

constexpr Choices protocols = {"SCTP", "TCP", "UDP"};

bool is_headless(const Field& spec) {
  Field ips = spec["clusterIPs"];
  return ips.size() == 1 && ips.item(0).is("None");
}

// Reached from outside: by a port of nodes, a load balancer or external addresses.
bool is_external(const Field& spec) {
  return spec["type"].is_one_of({"NodePort", "LoadBalancer"}) ||
         (spec["type"].is("ClusterIP") && !spec["externalIPs"].empty());
}

bool needs_health_check(const Field& spec) {
  return spec["type"].is("LoadBalancer") && spec["externalTrafficPolicy"].is("Local");
}

void validate_type(Errors& errors, const Field& spec) {
  Field ips = spec["clusterIPs"];
  if (spec["type"].is_one_of({"LoadBalancer", "NodePort"}) && is_headless(spec))
    errors.invalid(ips.item(0), "may not be set to 'None' for " + std::string(spec["type"].text()) + " services");
  if (!spec["type"].is("ExternalName")) return;
  for (std::string_view name : {"clusterIPs", "ipFamilies"})
    if (!spec[name].empty()) errors.forbidden(spec[name], "may not be set for ExternalName services");
  if (spec["ipFamilyPolicy"].present())
    errors.forbidden(spec["ipFamilyPolicy"], "may not be set for ExternalName services");
  Field target = spec["externalName"];
  std::string_view name = target.text();
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty())
    errors.required(target);
  else
    errors.invalid_each(target, name, formats::dns1123_subdomain(name));
}

void validate_port(Errors& errors, const Field& port, bool needs_name, std::set<std::string_view>& names) {
  Field name = port["name"], number = port["port"], app_protocol = port["appProtocol"];
  if (needs_name && name.text().empty()) {
    errors.required(name);
  } else if (!name.text().empty()) {
    errors.invalid_each(name, name.text(), formats::dns1123_label(name.text()));
    if (!names.insert(name.text()).second) errors.duplicate(name);
  }
  for (const std::string& complaint : formats::port_number(number.integer()))
    errors.invalid_number(number, number.integer(), complaint);
  errors.choice(port["protocol"], protocols);
  validate_port_or_name(errors, port["targetPort"]);
  if (app_protocol.present())
    errors.invalid_each(app_protocol, app_protocol.text(), formats::label_key(app_protocol.text()));
}

void validate_affinity(Errors& errors, const Field& spec) {
  Field affinity = spec["sessionAffinity"], config = spec["sessionAffinityConfig"];
  errors.choice(affinity, {"ClientIP", "None"});
  if (affinity.is("None") && config.present())
    errors.forbidden(config, "must not be set when session affinity is None");
  if (!affinity.is("ClientIP")) return;
  static constexpr const char* why = "when session affinity type is ClientIP";
  Field client = config["clientIP"];
  Field seconds = client["timeoutSeconds"];
  if (!config.present())
    errors.required(config, why);
  else if (!client.present())
    errors.required(client, why);
  else if (!seconds.present())
    errors.required(seconds, why);
  else if (seconds.integer() <= 0 || seconds.integer() > 86400)
    errors.invalid(seconds, "must be greater than 0 and less than 86400");
}

// Whether the families and addresses were read; the rest of the rules needs them.
bool validate_cluster_ips(Errors& errors, const Field& spec) {
  Field ip = spec["clusterIP"], ips = spec["clusterIPs"];
  if (!ip.text().empty()) {
    if (ips.empty())
      errors.required(ips);
    else if (!ips.item(0).is(ip.text()))
      errors.invalid(ips, "first value must match `clusterIP`");
  } else if (!ips.empty()) {
    errors.invalid(ips, "must be empty when `clusterIP` is not specified");
  }
  Field families = spec["ipFamilies"], policy = spec["ipFamilyPolicy"];
  std::set<std::string_view> seen;
  for_each(families, [&](const Field& family) {
    if (!family.is_one_of({"IPv4", "IPv6"})) errors.not_supported(family, {"IPv4", "IPv6"});
    if (!seen.insert(family.text()).second) errors.duplicate(family);
  });
  static constexpr Choices policies = {"PreferDualStack", "RequireDualStack", "SingleStack"};
  if (policy.present() && !policy.is_one_of(policies)) errors.not_supported(policy, policies);
  bool all_read = true;
  for (std::size_t i = 0; i < ips.size(); ++i) {
    Field one = ips.item(i);
    if (i == 0 && one.is("None")) {
      if (ips.size() > 1) {
        errors.invalid(ips, "'None' must be the first and only value");
        all_read = false;
      }
      continue;
    }
    all_read &= validate_address(errors, one, one.text());
  }
  if (ips.size() > 2) errors.invalid(ips, "may only hold up to 2 values");
  return all_read;
}

void validate_families(Errors& errors, const Field& spec) {
  Field ips = spec["clusterIPs"], families = spec["ipFamilies"];
  auto is_v6 = [&](std::size_t i) {
    auto ip = read_address(ips.item(i).text());
    return ip && ip->v6;
  };
  if (ips.size() > 1 && is_v6(0) == is_v6(1)) errors.invalid(ips, "may specify no more than one IP for each IP family");
  if (is_headless(spec)) return;
  for (std::size_t i = 0; i < ips.size() && i < families.size(); ++i) {
    Field ip = ips.item(i), family = families.item(i);
    std::string by = " value as indicated by `ipFamilies[" + std::to_string(i) + "]`";
    if (family.is("IPv4") && is_v6(i)) errors.invalid(ip, "expected an IPv4" + by);
    if (family.is("IPv6") && !is_v6(i)) errors.invalid(ip, "expected an IPv6" + by);
  }
}

// As the server's own type prints it; only protocol and number are set.
std::string shown_port_key(const Field& port) {
  return "{\"Name\":\"\",\"Protocol\":" + shown(port["protocol"].text()) +
         ",\"AppProtocol\":null,\"Port\":" + shown(port["port"].integer()) + ",\"TargetPort\":0,\"NodePort\":0}";
}

void no_port_twice(Errors& errors, const Field& spec) {
  Field ports = spec["ports"];
  if (spec["type"].is("ClusterIP"))
    for_each(ports, [&](const Field& port) {
      if (port["nodePort"].integer() != 0)
        errors.forbidden(port["nodePort"], "may not be used when `type` is 'ClusterIP'");
    });
  std::set<std::pair<std::string_view, std::int64_t>> node_ports, service_ports;
  for_each(ports, [&](const Field& port) {
    Field node = port["nodePort"];
    if (node.integer() != 0 && !node_ports.emplace(port["protocol"].text(), node.integer()).second)
      errors.duplicate(node);
  });
  for_each(ports, [&](const Field& port) {
    if (!service_ports.emplace(port["protocol"].text(), port["port"].integer()).second)
      errors.duplicate_shown(port, shown_port_key(port));
  });
}

void validate_load_balancer(Errors& errors, const Field& spec) {
  bool balanced = spec["type"].is("LoadBalancer");
  Field ranges = spec["loadBalancerSourceRanges"], allocate = spec["allocateLoadBalancerNodePorts"],
        class_name = spec["loadBalancerClass"];
  if (!ranges.empty()) {
    Field place = spec["LoadBalancerSourceRanges"].with(ranges.value());
    if (!balanced) errors.forbidden(place, "may only be used when `type` is 'LoadBalancer'");
    for_each(place, [&](const Field& range) { validate_block(errors, range, range.text()); });
  }
  if (allocate.present() && !balanced) errors.forbidden(allocate, "may only be used when `type` is 'LoadBalancer'");
  if (!class_name.present()) return;
  if (!balanced)
    errors.forbidden(class_name, "may only be used when `type` is 'LoadBalancer'");
  else
    errors.invalid_each(class_name, class_name.text(), formats::label_key(class_name.text()));
}

void validate_traffic(Errors& errors, const Field& spec) {
  Field external = spec["externalTrafficPolicy"], internal = spec["internalTrafficPolicy"],
        check = spec["healthCheckNodePort"], distribution = spec["trafficDistribution"];
  if (!is_external(spec)) {
    if (!external.text().empty()) errors.invalid(external, "may only be set for externally-accessible services");
  } else {
    errors.choice(external, {"Cluster", "Local"});
  }
  if (!needs_health_check(spec)) {
    if (check.integer() != 0)
      errors.invalid(check, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  } else if (check.integer() != 0) {
    for (const std::string& complaint : formats::port_number(check.integer())) errors.invalid(check, complaint);
  }
  if (!internal.present()) {
    if (spec["type"].is_one_of({"NodePort", "LoadBalancer", "ClusterIP"})) errors.required(internal);
  } else if (!internal.is_one_of({"Cluster", "Local"})) {
    errors.not_supported(internal, {"Cluster", "Local"});
  }
  static constexpr Choices distributions = {"PreferClose", "PreferSameZone", "PreferSameNode"};
  if (distribution.present() && !distribution.is_one_of(distributions))
    errors.not_supported(distribution, distributions);
}

void create_service(Errors& errors, const Field& service) {
  Field spec = service["spec"];
  Field ports = spec["ports"], external = spec["externalIPs"];
  if (ports.empty() && !is_headless(spec) && !spec["clusterIP"].is("None") && !spec["type"].is("ExternalName"))
    errors.required(ports);
  validate_type(errors, spec);
  std::set<std::string_view> names;
  for_each(ports, [&](const Field& port) { validate_port(errors, port, ports.size() > 1, names); });
  validate_labels(errors, spec["selector"]);
  validate_affinity(errors, spec);
  validate_cluster_addresses(errors, spec);
  for_each(external, [&](const Field& ip) {
    if (validate_address(errors, ip, ip.text())) validate_endpoint_address(errors, ip, ip.text());
  });
  errors.choice(spec["type"], {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
  no_port_twice(errors, spec);
  validate_load_balancer(errors, spec);
  validate_traffic(errors, spec);
}

constexpr const char* may_not_change = "may not change once set";

// A list whose first value stays while the service has one; `what` is its name in texts.
void validate_list_kept(Errors& errors, const Field& spec, const Field& old_spec, std::string_view name,
                        std::string_view what) {
  Field list = spec[name], old_list = old_spec[name], policy = spec["ipFamilyPolicy"];
  auto complain = [&](std::size_t at, std::string detail) {
    errors.invalid_shown(list.item(at), shown(list.value()), std::move(detail));
  };
  if (list.size() == old_list.size()) {
    for (std::size_t i = 0; i < list.size(); ++i)
      if (!list.item(i).is(old_list.item(i).text())) complain(name == "clusterIPs" ? i : 0, may_not_change);
    return;
  }
  bool fewer = list.size() < old_list.size();
  if (list.empty()) complain(0, "primary " + std::string(what) + " can not be unset");
  if (!list.empty() && !old_list.empty() && !list.item(0).is(old_list.item(0).text())) complain(0, may_not_change);
  if (fewer && list.size() == 1 && !policy.is("SingleStack"))
    errors.invalid(policy, "must be set to 'SingleStack' when releasing the secondary " + std::string(what));
}

void update_service(Errors& errors, const Field& service, const Field& old_service) {
  Field spec = service["spec"], old_spec = old_service["spec"];
  bool headless = is_headless(spec), was_headless = is_headless(old_spec);
  if (!spec["type"].is("ExternalName") && !old_spec["type"].is("ExternalName")) {
    if (!headless || !was_headless) validate_list_kept(errors, spec, old_spec, "clusterIPs", "clusterIP");
    if (!headless && !was_headless) validate_list_kept(errors, spec, old_spec, "ipFamilies", "ipFamily");
  }
  Field class_name = spec["loadBalancerClass"];
  if (spec["type"].is("LoadBalancer") && old_spec["type"].is("LoadBalancer") &&
      !equal(class_name, old_spec["loadBalancerClass"]))
    errors.invalid(class_name, "may not change once set");
  if (needs_health_check(spec) && needs_health_check(old_spec) &&
      !equal(spec["healthCheckNodePort"], old_spec["healthCheckNodePort"]))
    errors.forbidden(spec["healthCheckNodePort"], "field is immutable");
  create_service(errors, service);
}

void validate_endpoints_address(Errors& errors, const Field& address) {
  Field ip = address["ip"], host = address["hostname"], node = address["nodeName"];
  validate_address(errors, ip, ip.text());
  if (!host.text().empty()) errors.invalid_each(host, host.text(), formats::dns1123_label(host.text()));
  if (node.present()) errors.invalid_each(node, node.text(), formats::dns1123_subdomain(node.text()));
  validate_endpoint_address(errors, ip, ip.text());
}

void create_endpoints(Errors& errors, const Field& endpoints) {
  Field subsets = endpoints["subsets"];
  for_each(subsets, [&](const Field& subset) {
    Field ready = subset["addresses"], not_ready = subset["notReadyAddresses"], ports = subset["ports"];
    if (ready.empty() && not_ready.empty()) errors.required(subset, "must specify `addresses` or `notReadyAddresses`");
    for_each(ready, [&](const Field& address) { validate_endpoints_address(errors, address); });
    for_each(not_ready, [&](const Field& address) { validate_endpoints_address(errors, address); });
    for_each(ports, [&](const Field& port) {
      Field name = port["name"], number = port["port"], app_protocol = port["appProtocol"];
      if (ports.size() > 1 && name.text().empty())
        errors.required(name);
      else if (!name.text().empty())
        errors.invalid_each(name, name.text(), formats::dns1123_label(name.text()));
      for (const std::string& complaint : formats::port_number(number.integer()))
        errors.invalid_number(number, number.integer(), complaint);
      errors.choice(port["protocol"], protocols);
      if (app_protocol.present())
        errors.invalid_each(app_protocol, app_protocol.text(), formats::label_key(app_protocol.text()));
    });
  });
}

void validate_slice_address(Errors& errors, const Field& address, const Field& list, std::string_view type) {
  std::string_view text = address.text();
  if (type == "FQDN") {
    std::string_view name = text;
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty())
      errors.required(address);
    else if (auto complaints = formats::dns1123_subdomain(name); !complaints.empty())
      errors.invalid_text(address, name, formats::joined(complaints, ","));
    else if (name.find('.') == std::string_view::npos)
      errors.invalid_text(address, name, "should be a domain with at least two segments separated by dots");
    return;
  }
  bool v6 = type == "IPv6";
  if (!v6 && type != "IPv4") return;
  if (!(v6 ? validate_canonical_address(errors, address, text) : validate_address(errors, address, text))) return;
  if (read_address(text)->v6 != v6)
    errors.invalid_text(list, text, v6 ? "must be an IPv6 address" : "must be an IPv4 address");
  validate_endpoint_address(errors, address, text);
}

void create_endpoint_slice(Errors& errors, const Field& slice) {
  Field type = slice["addressType"], ports = slice["ports"], endpoints = slice["endpoints"];
  errors.choice(type, {"FQDN", "IPv4", "IPv6"});
  std::set<std::string_view> names;
  for_each(ports, [&](const Field& port) {
    Field name = port["name"], app_protocol = port["appProtocol"];
    if (!name.text().empty()) errors.invalid_each(name, name.text(), formats::dns1123_label(name.text()));
    if (!names.insert(name.text()).second) errors.duplicate_shown(name, shown(name.text()));
    errors.choice(port["protocol"], protocols);
    if (app_protocol.present())
      errors.invalid_each(app_protocol, app_protocol.text(), formats::label_key(app_protocol.text()));
  });
  if (endpoints.size() > 1000) {
    errors.too_many(endpoints, endpoints.size(), 1000);
    return;
  }
  for_each(endpoints, [&](const Field& endpoint) {
    Field addresses = endpoint["addresses"], node = endpoint["nodeName"], host = endpoint["hostname"],
          topology = endpoint["deprecatedTopology"];
    if (addresses.empty()) errors.required(addresses, "must contain at least 1 address");
    if (addresses.size() > 100) errors.too_many(addresses, addresses.size(), 100);
    for_each(addresses, [&](const Field& address) { validate_slice_address(errors, address, addresses, type.text()); });
    if (node.present()) errors.invalid_each(node, node.text(), formats::dns1123_subdomain(node.text()));
    if (topology.size() > 16) errors.too_many(topology, topology.size(), 16);
    validate_labels(errors, topology);
    if (host.present()) errors.invalid_each(host, host.text(), formats::dns1123_label(host.text()));
  });
}

void update_endpoint_slice(Errors& errors, const Field& slice, const Field& old_slice) {
  immutable_unless_equal(errors, slice["addressType"], old_slice["addressType"]);
}

}  // namespace

void validate_cluster_addresses(Errors& errors, const Field& spec) {
  if (!spec["type"].is("ExternalName") && validate_cluster_ips(errors, spec)) validate_families(errors, spec);
}

std::span<const KindRules> service_rules() {
  static constexpr std::array rows = {
      KindRules{"", "Service", create_service, update_service},
      KindRules{"", "Endpoints", create_endpoints, nullptr, true},
      KindRules{"discovery.k8s.io", "EndpointSlice", create_endpoint_slice, update_endpoint_slice, true, false},
  };
  return rows;
}

}  // namespace gatepost::kube
