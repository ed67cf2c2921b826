// Advice beyond rules: for each webhook what it is there for, which failure policy fits that, and whether it needs a
// backend at all. Told with both costs; nothing of it is a finding.
#pragma once

#include <string>
#include <vector>

#include "lint/model.h"

namespace gatepost::lint {

enum class Purpose {
  injector,   // changes pods
  defaulter,  // changes other objects
  enforcer,   // judges built-in objects
  own_kind,   // looks at custom resources only
  lifeline,   // sees what the cluster itself lives on
};

Purpose purpose_of(const Model& model, const Webhook& webhook);

struct Advice {
  std::string configuration, webhook;
  std::string policy;           // "Fail" or "Ignore": what fits
  bool policy_fits = true;      // what is set is what fits
  std::string reason;           // why, with the cost of both
  std::string without_backend;  // what could take its place; empty: nothing
};

std::vector<Advice> advise(const Model& model);

// One line for people and reports.
std::string to_text(const Advice& advice);

}  // namespace gatepost::lint
