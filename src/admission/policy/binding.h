// A binding of an admission policy: where it holds, with which parameters, and what a failed validation does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admission/policy/match_resources.h"
#include "base/result.h"
#include "json/value.h"
#include "kube/selector/selector.h"

namespace gatepost::admission {

struct ParamKind {
  std::string group, version, kind;
};

struct ParamRef {
  std::string name, ns;
  std::optional<Result<kube::LabelSelector>> selector;
  bool deny_when_missing = false;  // parameterNotFoundAction
};

struct Binding {
  std::string name, policy;
  std::optional<MatchResources> match;
  std::optional<ParamRef> params;
  std::vector<std::string> actions;  // Deny, Warn, Audit; of validating policies

  // As stored.
  static Binding read(const json::Value& object);
};

}  // namespace gatepost::admission
