#include <array>

#include "formats/names.h"
#include "kube/validation/address.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"

// Where services get their addresses from (ServiceCIDR), and whose an address is (IPAddress).
namespace gatepost::kube {
namespace {

void create_network(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field blocks = spec["cidrs"];
  if (blocks.empty()) return errors.required(blocks, "at least one CIDR required");
  if (blocks.size() > 2)
    return errors.invalid_shown(blocks, "{\"CIDRs\":" + shown(blocks.value()) + "}", "may only hold up to 2 values");
  std::array<int, 2> of_family{};
  for_each(blocks, [&](const Field& block) {
    auto read = read_block(block.text());
    if (read) ++of_family[read->ip.v6 ? 1 : 0];
    if (!validate_block(errors, block, block.text())) return;
    if (std::string canonical = formats::prefix_text(*read); canonical != block.text())
      errors.invalid(block, "must be in canonical form (" + shown(std::string_view(canonical)) + ")");
  });
  if (of_family[0] == 2 || of_family[1] == 2)
    errors.invalid(blocks, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
}

void validate_parent(Errors& errors, const Field& parent) {
  if (!parent.present()) return errors.required(parent);
  Field group = parent["group"];
  if (!group.text().empty()) errors.invalid_each(group, group.text(), formats::dns1123_subdomain(group.text()));
  for (std::string_view name : {"resource", "name", "namespace"}) {
    Field field = parent[name];
    if (!field.text().empty())
      errors.invalid_each(field, field.text(), formats::path_segment(field.text()));
    else if (name != "namespace")
      errors.required(field);
  }
}

void create_address(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  validate_parent(errors, spec["parentRef"]);
}

void update_address(Errors& errors, const Field& object, const Field& old_object) {
  Field spec = object["spec"], old_spec = old_object["spec"];
  immutable_unless_equal(errors, spec["parentRef"], old_spec["parentRef"]);
}

}  // namespace

formats::Complaints address_name(std::string_view name) {
  Errors errors;
  validate_canonical_address(errors, Field(nullptr), name);
  std::string shown_name = "Invalid value: " + shown(name) + ": ";
  formats::Complaints out;
  for (const FieldError& error : errors.take()) out.push_back(error.message.substr(shown_name.size()));
  return out;
}

std::span<const KindRules> service_network_rules() {
  static constexpr std::array rows = {
      KindRules{"networking.k8s.io", "ServiceCIDR", create_network},
      KindRules{"networking.k8s.io", "IPAddress", create_address, update_address},
  };
  return rows;
}

}  // namespace gatepost::kube
