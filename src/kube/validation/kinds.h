// The hand rules of the kinds, one function a kind and occasion, gathered into one table. A kind without rules of its
// own gets those of metadata.
#pragma once

#include "kube/validation/field.h"

namespace gatepost::kube {

struct KindRules {
  std::string_view group, kind;
  // Rules of a new object, metadata left out: the caller has judged it.
  void (*create)(Errors& errors, const Field& object) = nullptr;
  // Rules of a change, metadata left out.
  void (*update)(Errors& errors, const Field& object, const Field& old_object) = nullptr;
  // A changed object is judged as a new one too, its metadata included, before `update`.
  bool update_judges_whole = false;
  // The kind's own rules judge the change of metadata again, as most do: each complaint comes twice.
  bool update_judges_metadata = true;
  // Rules of a new object whose complaints come before those of metadata; where there are no others, metadata is
  // judged only when they have none.
  void (*before_metadata)(Errors& errors, const Field& object) = nullptr;
};

std::span<const KindRules> webhook_rules();
std::span<const KindRules> policy_rules();
std::span<const KindRules> pod_rules();
std::span<const KindRules> service_rules();
std::span<const KindRules> core_rules();
std::span<const KindRules> quota_rules();
std::span<const KindRules> node_rules();
std::span<const KindRules> event_rules();
std::span<const KindRules> storage_rules();
std::span<const KindRules> storage_class_rules();
std::span<const KindRules> flow_rules();
std::span<const KindRules> certificate_rules();
std::span<const KindRules> service_network_rules();
std::span<const KindRules> apps_rules();
std::span<const KindRules> batch_rules();
std::span<const KindRules> networking_rules();
std::span<const KindRules> autoscaling_rules();
std::span<const KindRules> rbac_rules();
std::span<const KindRules> cluster_rules();
std::span<const KindRules> custom_resource_rules();

}  // namespace gatepost::kube
