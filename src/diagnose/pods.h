// Why a pod is not ready, from its status and its events.
#pragma once

#include "diagnose/subject.h"

namespace gatepost::diagnose {

bool is_ready(const json::Value& pod);

// Adds what is wrong with the pod: facts pod-unschedulable, pod-crashes, pod-oom-killed, pod-image, pod-restarted,
// pod-unready, and the evidence.
void check_pod(const json::Value& pod, const Cluster& cluster, Case& out);

// Looks for pods that could not even be created (FailedCreate events of the workload's ReplicaSets): the webhooks that
// refused them.
std::vector<std::string> refusing_webhooks(const Cluster& cluster, std::string_view ns, Case& out);

}  // namespace gatepost::diagnose
