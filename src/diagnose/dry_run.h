// Objects with which a webhook can be tried out without any effect: made from its rules and selectors, created with
// dryRun=All so that nothing is stored, and only where the webhook says that it has no side effects then.
#pragma once

#include <string>

#include "diagnose/subject.h"

namespace gatepost::diagnose {

struct DryRun {
  std::string path, body;  // empty: none is possible or allowed
  Asked asked;
  std::string kind, ns;
  bool possible() const { return !path.empty(); }
};

// For kinds of which a small valid object is known, and where an object can be made that the webhook's selectors take.
DryRun dry_run_for(const Subject& subject, const Cluster& cluster);

// The AdmissionReview that the API server would send for it, for a call that does not go through the API server.
std::string review_of(const DryRun& run, const std::string& api_version, const std::string& uid);

// By hand.
std::string command_of(const DryRun& run);

}  // namespace gatepost::diagnose
