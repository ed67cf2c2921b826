#include <array>
#include <set>

#include "formats/names.h"
#include "kube/validation/address.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"

namespace gatepost::kube {
namespace {

void validate_policy_port(Errors& errors, const Field& port) {
  Field protocol = port["protocol"], number = port["port"], end = port["endPort"];
  if (protocol.present() && !protocol.is_one_of({"TCP", "UDP", "SCTP"}))
    errors.not_supported(protocol, {"TCP", "UDP", "SCTP"});
  if (!number.present()) {
    if (end.present()) errors.invalid(end, "may not be specified when `port` is not specified");
  } else if (number.value()->is_string()) {
    if (end.present()) errors.invalid(end, "may not be specified when `port` is non-numeric");
    errors.invalid_each(number, number.text(), formats::port_name(number.text()));
  } else {
    for (const std::string& complaint : formats::port_number(number.integer())) errors.invalid(number, complaint);
    if (!end.present()) return;
    // The value shown is the port's, as the real rule does.
    if (end.integer() < number.integer())
      errors.invalid_number(end, number.integer(), "must be greater than or equal to `port`");
    for (const std::string& complaint : formats::port_number(end.integer())) errors.invalid(end, complaint);
  }
}

void validate_ip_block(Errors& errors, const Field& block) {
  Field cidr = block["cidr"], except = block["except"];
  if (cidr.text().empty()) {
    errors.required(cidr);
    return;
  }
  validate_block(errors, cidr, cidr.text());
  auto outer = read_block(cidr.text());
  if (!outer) return;
  for_each(except, [&](const Field& hole) {
    validate_block(errors, hole, hole.text());
    auto inner = read_block(hole.text());
    if (inner && (!outer->contains(inner->masked().ip) || outer->bits >= inner->bits))
      errors.invalid(hole, "must be a strict subset of `cidr`");
  });
}

void validate_peer(Errors& errors, const Field& peer) {
  Field pods = peer["podSelector"], namespaces = peer["namespaceSelector"], block = peer["ipBlock"];
  validate_label_selector(errors, pods);
  validate_label_selector(errors, namespaces);
  if (block.present()) validate_ip_block(errors, block);
  int count = pods.present() + namespaces.present() + block.present();
  if (count == 0)
    errors.required(peer, "must specify a peer");
  else if (count > 1 && block.present())
    errors.forbidden(peer, "may not specify both ipBlock and another peer");
}

void create_network_policy(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  validate_label_selector(errors, spec["podSelector"]);
  for (auto [direction, peers] : {std::pair<std::string_view, std::string_view>{"ingress", "from"}, {"egress", "to"}}) {
    Field rules = spec[direction];
    for_each(rules, [&, peers_name = peers](const Field& rule) {
      Field ports = rule["ports"], others = rule[peers_name];
      for_each(ports, [&](const Field& port) { validate_policy_port(errors, port); });
      for_each(others, [&](const Field& peer) { validate_peer(errors, peer); });
    });
  }
  Field types = spec["policyTypes"];
  if (types.size() > 2) {
    errors.invalid(types, "may not specify more than two policyTypes");
    return;
  }
  for_each(types, [&](const Field& type) {
    if (!type.is_one_of({"Ingress", "Egress"})) errors.not_supported(type, {"Ingress", "Egress"});
  });
}

void update_network_policy(Errors& errors, const Field& object, const Field&) {
  create_network_policy(errors, object);
}

void validate_object_reference(Errors& errors, const Field& reference) {
  Field group = reference["apiGroup"];
  if (group.present()) errors.invalid_each(group, group.text(), formats::dns1123_subdomain(group.text()));
  for (std::string_view name : {"kind", "name"}) {
    Field field = reference[name];
    if (field.text().empty())
      errors.required(field);
    else
      errors.invalid_each(field, field.text(), formats::path_segment(field.text()));
  }
}

void validate_backend(Errors& errors, const Field& backend) {
  Field resource = backend["resource"], service = backend["service"];
  if (resource.present() && service.present()) {
    errors.invalid_text(backend, "", "cannot set both resource and service backends");
  } else if (resource.present()) {
    validate_object_reference(errors, resource);
  } else if (service.present()) {
    Field name = service["name"], port = service["port"];
    Field port_name = port["name"], number = port["number"];
    if (name.text().empty())
      errors.required(name);
    else
      errors.invalid_each(name, name.text(), formats::dns1123_label(name.text()));
    if (!port_name.text().empty() && number.integer() != 0)
      errors.invalid_text(backend, "", "cannot set both port name & port number");
    else if (!port_name.text().empty())
      errors.invalid_each(port_name, port_name.text(), formats::port_name(port_name.text()));
    else if (number.integer() != 0)
      for (const std::string& complaint : formats::port_number(number.integer())) errors.invalid(number, complaint);
    else
      errors.required(backend, "port name or number is required");
  } else {
    errors.invalid_text(backend, "", "resource or service backend is required");
  }
}

void validate_path(Errors& errors, const Field& item) {
  Field type = item["pathType"], path = item["path"];
  std::string_view text = path.text();
  if (!type.present()) {
    errors.required(type, "pathType must be specified");
    return;
  }
  auto absolute = [&] {
    if (!text.starts_with('/')) errors.invalid_text(path, text, "must be an absolute path");
  };
  if (type.is_one_of({"Exact", "Prefix"})) {
    absolute();
    for (std::string_view part : {"//", "/./", "/../", "%2f", "%2F"})
      if (text.find(part) != std::string_view::npos)
        errors.invalid(path, "must not contain '" + std::string(part) + "'");
    for (std::string_view end : {"/..", "/."})
      if (text.ends_with(end)) errors.invalid(path, "cannot end with '" + std::string(end) + "'");
  } else if (type.is("ImplementationSpecific")) {
    if (!text.empty()) absolute();
  } else {
    errors.not_supported(type, {"Exact", "ImplementationSpecific", "Prefix"});
  }
  Field backend = item["backend"];
  validate_backend(errors, backend);
}

void validate_host(Errors& errors, const Field& host) {
  bool wild = host.text().find('*') != std::string_view::npos;
  errors.invalid_each(
      host, host.text(),
      wild ? formats::wildcard_dns1123_subdomain(host.text()) : formats::dns1123_subdomain(host.text()));
}

void create_ingress(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field rules = spec["rules"], fallback = spec["defaultBackend"], tls = spec["tls"],
        class_name = spec["ingressClassName"];
  if (rules.empty() && !fallback.present())
    errors.invalid_shown(spec, "null", "either `defaultBackend` or `rules` must be specified");
  if (fallback.present()) validate_backend(errors, fallback);
  for_each(rules, [&](const Field& rule) {
    Field host = rule["host"], http = rule["http"];
    if (!host.text().empty()) {
      if (read_address(host.text())) errors.invalid(host, "must be a DNS name, not an IP address");
      validate_host(errors, host);
    }
    if (!http.present()) return;
    Field paths = http["paths"];
    if (paths.empty()) errors.required(paths);
    for_each(paths, [&](const Field& path) { validate_path(errors, path); });
  });
  for_each(tls, [&](const Field& entry) {
    Field hosts = entry["hosts"], secret = entry["secretName"];
    for_each(hosts, [&](const Field& host) { validate_host(errors, host); });
    if (!secret.text().empty()) errors.invalid_each(secret, secret.text(), formats::dns1123_subdomain(secret.text()));
  });
  if (class_name.present())
    errors.invalid_each(class_name, class_name.text(), formats::dns1123_subdomain(class_name.text()));
  Field metadata = object["metadata"];
  Field annotations = metadata["annotations"];
  Field annotation = annotations.key("kubernetes.io/ingress.class");
  Field place = object["annotations.kubernetes.io/ingress.class"];
  if (annotation.present() && class_name.present() && !annotation.is(class_name.text()))
    errors.invalid_text(place, annotation.text(), "must match `ingressClassName` when both are specified");
}

void validate_controller(Errors& errors, const Field& controller) {
  std::string_view text = controller.text();
  if (text.size() > 250) errors.too_long(controller, 250);
  std::size_t slash = text.find('/');
  if (text.empty()) {
    errors.required(controller);
  } else if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) {
    errors.invalid(controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
  } else {
    std::string_view host = text.substr(0, slash);
    errors.invalid_each(controller, host, formats::dns1123_subdomain(host));
  }
}

void create_ingress_class(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  validate_controller(errors, spec["controller"]);
  Field parameters = spec["parameters"];
  if (!parameters.present()) return;
  validate_object_reference(errors, parameters);
  Field scope = parameters["scope"], space = parameters["namespace"];
  if (!scope.present()) {
    errors.required(scope);
  } else if (scope.is("Namespace")) {
    if (!space.present())
      errors.required(space, "`parameters.scope` is set to 'Namespace'");
    else
      errors.invalid_each(space, space.text(), formats::dns1123_label(space.text()));
  } else if (scope.is("Cluster")) {
    if (space.present()) errors.forbidden(space, "`parameters.scope` is set to 'Cluster'");
  } else {
    errors.not_supported(scope, {"Cluster", "Namespace"});
  }
}

void update_ingress_class(Errors& errors, const Field& object, const Field& old_object) {
  Field spec = object["spec"], old_spec = old_object["spec"];
  immutable_unless_equal(errors, spec["controller"], old_spec["controller"]);
  validate_metadata(errors, object["metadata"], false, formats::dns1123_subdomain);
  create_ingress_class(errors, object);
}

}  // namespace

std::span<const KindRules> networking_rules() {
  static constexpr std::array rows = {
      KindRules{"networking.k8s.io", "NetworkPolicy", create_network_policy, update_network_policy},
      KindRules{"networking.k8s.io", "Ingress", create_ingress, nullptr, true},
      KindRules{"networking.k8s.io", "IngressClass", create_ingress_class, update_ingress_class},
  };
  return rows;
}

}  // namespace gatepost::kube
