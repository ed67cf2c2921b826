// What a validating policy says of one request with one parameter (apiserver/pkg/admission/plugin/policy/validating/
// validator.go).
#pragma once

#include <string>
#include <vector>

#include "admission/expressions/inputs.h"
#include "admission/policy/policy.h"

namespace gatepost::admission {

struct Decision {
  bool admit = true;
  std::string reason;   // of a denial: "Invalid"; empty where an expression failed
  std::string message;  // of a denial
  std::string error;    // of an expression that failed, whether that denies or not
  double seconds = 0;   // of the evaluation
};

struct AnnotationResult {
  enum class Kind { publish, exclude, error } kind = Kind::exclude;
  std::string key;
  std::string text;  // the value, or the error
  double seconds = 0;
};

struct Judgement {
  std::vector<Decision> decisions;  // one a validation, or a single one when the policy as a whole failed
  std::vector<AnnotationResult> annotations;
};

Judgement judge(const Policy& policy, const Inputs& inputs);

}  // namespace gatepost::admission
