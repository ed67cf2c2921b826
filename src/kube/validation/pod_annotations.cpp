#include <charconv>

#include "kube/validation/pod.h"
#include "kube/validation/pod_security.h"

// Annotations of Pods that the API server itself reads: those of mirror pods, of the cost of deletion, and the profiles
// that later became fields.
namespace gatepost::kube {
namespace {

constexpr std::string_view mirror = "kubernetes.io/config.mirror",
                           deletion_cost = "controller.kubernetes.io/pod-deletion-cost",
                           pod_seccomp = "seccomp.security.alpha.kubernetes.io/pod",
                           container_seccomp = "container.seccomp.security.alpha.kubernetes.io/",
                           container_app_armor = "container.apparmor.security.beta.kubernetes.io/";
constexpr std::string_view runtime_default = "runtime/default", docker_default = "docker/default",
                           unconfined = "unconfined", local = "localhost/";

// Neither "+10" nor "008".
bool is_deletion_cost(std::string_view text) {
  bool starts_well = !text.empty() && (text[0] == '-' || text == "0" || (text[0] >= '1' && text[0] <= '9'));
  std::int32_t cost = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), cost);
  return starts_well && read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

void validate_seccomp_value(Errors& errors, const Field& place, std::string_view profile) {
  if (profile == runtime_default || profile == docker_default || profile == unconfined) return;
  if (profile.starts_with(local))
    validate_relative_path(errors, place, profile.substr(local.size()));
  else
    errors.invalid_text(place, profile, "must be a valid seccomp profile");
}

bool has_container(const Field& spec, std::string_view name) {
  bool found = false;
  for_each_container(spec, [&](const Field& container) { found |= container["name"].is(name); });
  return found;
}

void validate_app_armor_value(Errors& errors, const Field& place, const Field& spec, std::string_view container,
                              std::string_view profile) {
  if (!has_container(spec, container)) errors.invalid_text(place, container, "container not found");
  if (!profile.empty() && profile != runtime_default && profile != unconfined && !profile.starts_with(local))
    errors.invalid_text(place, profile, "invalid AppArmor profile name: " + shown(profile));
}

// What a profile in a field has against the annotation of the same container; `what`: seccomp or apparmor.
void agree(Errors& errors, const Field& profile, const Field& place, std::string_view annotation,
           const std::string& what) {
  Field type = profile["type"], file = profile["localhostProfile"];
  bool same_type = true;
  if (type.is("Unconfined")) same_type = annotation == unconfined;
  if (type.is("RuntimeDefault"))
    same_type = annotation == runtime_default || (what == "seccomp" && annotation == docker_default);
  if (type.is("Localhost")) same_type = annotation.starts_with(local);
  if (!same_type)
    errors.forbidden(place["type"], what + " type in annotation and field must match");
  else if (type.is("Localhost") && (!file.present() || !file.is(annotation.substr(local.size()))))
    errors.forbidden(place["localhostProfile"], what + " profile in annotation and field must match");
}

const json::Value* annotation_of(const Field& annotations, std::string_view prefix, std::string_view container) {
  return annotations.object() ? annotations.object()->if_contains(std::string(prefix) + std::string(container))
                              : nullptr;
}

}  // namespace

void validate_pod_annotations(Errors& errors, const Field& annotations, const Field& spec) {
  if (!annotations.object()) return;
  Field mirrored = annotations.key(mirror), cost = annotations.key(deletion_cost);
  if (mirrored.value() && spec["nodeName"].text().empty())
    errors.invalid(mirrored, "must set spec.nodeName if mirror pod annotation is set");
  if (cost.value() && !is_deletion_cost(cost.text())) errors.invalid(cost, "must be a 32bit integer");
  if (Field profile = annotations[pod_seccomp]; profile.value())
    validate_seccomp_value(errors, profile, profile.text());
  for (const auto& annotation : *annotations.object())
    if (std::string_view key = annotation.key(); key.starts_with(container_seccomp))
      validate_seccomp_value(errors, annotations[key], annotations[key].text());
  for (const auto& annotation : *annotations.object())
    if (std::string_view key = annotation.key(); key.starts_with(container_app_armor))
      validate_app_armor_value(errors, annotations.key(key), spec, key.substr(container_app_armor.size()),
                               annotations.key(key).text());
}

void validate_profile_annotations(Errors& errors, const Field& annotations, const Field& spec) {
  Field context = spec["securityContext"], os = spec["os"];
  if (!annotations.object()) return;
  Field pod_profile = context["seccompProfile"], pod_armor = context["appArmorProfile"];
  if (Field annotation = annotations.key(pod_seccomp); annotation.value() && pod_profile.present())
    agree(errors, pod_profile, pod_profile, annotation.text(), "seccomp");
  auto text = [](const json::Value& value) {
    return value.is_string() ? json::view(value.get_string()) : std::string_view{};
  };
  for_each_container(spec, [&](const Field& container) {
    Field own = container["securityContext"];
    Field profile = own["seccompProfile"];
    const json::Value* annotation = annotation_of(annotations, container_seccomp, container["name"].text());
    if (annotation && profile.present()) agree(errors, profile, profile, text(*annotation), "seccomp");
  });
  if (os["name"].is("windows")) return;
  for_each_container(spec, [&](const Field& container) {
    Field own = container["securityContext"];
    Field place = own["appArmorProfile"];
    const Field& profile = place.present() ? place : pod_armor;
    const json::Value* annotation = annotation_of(annotations, container_app_armor, container["name"].text());
    if (annotation && profile.present()) agree(errors, profile, place, text(*annotation), "apparmor");
  });
}

}  // namespace gatepost::kube
