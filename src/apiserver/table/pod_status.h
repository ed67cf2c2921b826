// What `kubectl get pods` says of a pod: the word under STATUS is derived from phase, reason and containers
// (kubernetes pkg/printers printPod).
#pragma once

#include <string>

#include "base/time.h"
#include "json/value.h"

namespace gatepost::apiserver {

struct PodSummary {
  int ready = 0, total = 0;
  std::string status;    // "Running", "CrashLoopBackOff", "Init:0/1", "Terminating", ...
  std::string restarts;  // "3 (5m ago)"
  std::string readiness_gates;
};

PodSummary summarize_pod(const json::Value& pod, WallTime now);

}  // namespace gatepost::apiserver
