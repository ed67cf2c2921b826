#include <array>
#include <set>

#include "kube/validation/container.h"

namespace gatepost::kube {
namespace {

// Members of a container that one for debugging may not have, and what they are when nothing was said.
void only_allowed_members(Errors& errors, const Field& container) {
  static constexpr const char* why = "cannot be set for an Ephemeral Container";
  auto forbid = [&](std::string_view name, bool set) {
    if (set) errors.forbidden(container[name], why);
  };
  forbid("ports", container["ports"].present());
  Field resources = container["resources"];
  forbid("resources", !resources["limits"].empty() || !resources["requests"].empty() || !resources["claims"].empty());
  for (std::string_view name : {"resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe",
                                "readinessProbe", "startupProbe", "lifecycle"})
    forbid(name, container[name].present());
  Field mounts = container["volumeMounts"];
  for_each(mounts, [&](const Field& mount) {
    for (std::string_view name : {"subPath", "subPathExpr"})
      if (!mount[name].text().empty()) errors.forbidden(mount[name], why);
  });
}

}  // namespace

void validate_ephemeral_containers(Errors& errors, const Field& spec, const Volumes& volumes,
                                   const ClaimNames& claims) {
  Field ephemeral = spec["ephemeralContainers"], regular = spec["containers"], initial = spec["initContainers"];
  std::set<std::string_view> lasting, names;
  for (const Field* list : {&regular, &initial})
    for_each(*list, [&](const Field& container) { lasting.insert(container["name"].text()); });
  names = lasting;
  for_each(ephemeral, [&](const Field& container) {
    validate_any_container(errors, container, spec, volumes, claims);
    no_blanks_around_image(errors, container["image"]);
    Field name = container["name"], target = container["targetContainerName"];
    if (!names.insert(name.text()).second) errors.duplicate(name);
    if (!target.text().empty() && !lasting.contains(target.text())) errors.not_found(target, target.text());
    only_allowed_members(errors, container);
  });
}

}  // namespace gatepost::kube
