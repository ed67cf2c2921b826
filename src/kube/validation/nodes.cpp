#include <array>
#include <set>

#include "formats/names.h"
#include "kube/validation/address.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"
#include "kube/validation/pod_resources.h"
#include "kube/validation/structure.h"

// Nodes and the classes of what runs on them.
namespace gatepost::kube {
namespace {

constexpr std::array taint_members = {Member{"Key", "key", "\"\""}, Member{"Value", "value", "\"\""},
                                      Member{"Effect", "effect", "\"\""}, Member{"TimeAdded", "timeAdded"}};
constexpr std::array toleration_members = {Member{"Key", "key", "\"\""}, Member{"Operator", "operator", "\"\""},
                                           Member{"Value", "value", "\"\""}, Member{"Effect", "effect", "\"\""},
                                           Member{"TolerationSeconds", "tolerationSeconds"}};

// The real paths place taints in the metadata.
void validate_taints(Errors& errors, const Field& taints) {
  std::set<std::string> seen;
  for_each(taints, [&](const Field& taint) {
    Field key = taint["key"], value = taint["value"], effect = taint["effect"];
    errors.invalid_each(key, key.text(), formats::label_key(key.text()));
    if (auto complaints = formats::label_value(value.text()); !complaints.empty())
      errors.invalid(value, formats::joined(complaints, ";"));
    errors.choice(effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    if (!seen.insert(std::string(effect.text()) + ":" + std::string(key.text())).second)
      errors.duplicate_shown(taint, shown_structure(taint, taint_members),
                             "taints must be unique by key and effect pair");
  });
}

void validate_amounts(Errors& errors, const Field& amounts) {
  if (!amounts.object()) return;
  for (const auto& entry : *amounts.object()) validate_quantity(errors, amounts[entry.key()], entry.key());
}

void validate_pod_blocks(Errors& errors, const Field& blocks) {
  std::array<int, 2> of_family{};
  for_each(blocks, [&](const Field& block) {
    validate_block(errors, block, block.text());
    if (auto read = read_block(block.text())) ++of_family[read->ip.v6 ? 1 : 0];
  });
  if (blocks.size() > 1 && (of_family[0] != 1 || of_family[1] != 1 || blocks.size() > 2))
    errors.invalid(blocks, "may specify no more than one CIDR for each IP family");
}

void create_node(Errors& errors, const Field& object) {
  Field spec = object["spec"], metadata = object["metadata"], status = object["status"];
  validate_taints(errors, metadata["taints"].with(spec["taints"].value()));
  validate_amounts(errors, status["capacity"]);
  validate_amounts(errors, status["allocatable"]);
  validate_pod_blocks(errors, spec["podCIDRs"]);
}

void create_runtime_class(Errors& errors, const Field& object) {
  Field handler = object["handler"], overhead = object["overhead"], scheduling = object["scheduling"];
  if (handler.text().empty())
    errors.required(handler);
  else
    errors.invalid_each(handler, handler.text(), formats::dns1123_label(handler.text()));
  validate_overhead(errors, overhead.with(overhead["podFixed"].value()));
  validate_labels(errors, scheduling["nodeSelector"]);
  Field tolerations = scheduling["tolerations"];
  validate_tolerations(errors, tolerations);
  std::set<std::string> seen;
  for_each(tolerations, [&](const Field& toleration) {
    std::string key;
    for (std::string_view name : {"key", "operator", "value", "effect"}) (key += toleration[name].text()) += '\0';
    if (!seen.insert(key).second) errors.duplicate_shown(toleration, shown_structure(toleration, toleration_members));
  });
}

void update_runtime_class(Errors& errors, const Field& object, const Field& old_object) {
  immutable_unless_equal(errors, object["handler"], old_object["handler"]);
}

}  // namespace

std::span<const KindRules> node_rules() {
  static constexpr std::array rows = {
      KindRules{"", "Node", create_node, nullptr},
      KindRules{"node.k8s.io", "RuntimeClass", create_runtime_class, update_runtime_class},
  };
  return rows;
}

}  // namespace gatepost::kube
