// kubectl's annotation of client-side apply, kubectl.kubernetes.io/last-applied-configuration: how manager "kubectl"
// goes over to server-side apply.
#pragma once

#include "kube/apply/ownership.h"

namespace gatepost::kube::apply {

// Takes out the conflicts about fields whose values are still those that were last applied: they were kubectl's own.
void keep_real_conflicts(FieldArena& arena, std::vector<Conflict>& conflicts, const json::Value& live, const Type& type,
                         std::string_view version);

// Sets the annotation to `applied` where there is one.
void renew_last_applied(json::Value& object, const json::Value& applied);

}  // namespace gatepost::kube::apply
