// Selectors that no labels can match together, such as those of an injector's several entries.
#pragma once

#include "base/result.h"
#include "kube/selector/selector.h"
#include "lint/webhook.h"

namespace gatepost::lint {

bool are_apart(const Result<kube::LabelSelector>& a, const Result<kube::LabelSelector>& b);

// Whether their selectors never let both be called for one object.
bool exclude_each_other(const Webhook& a, const Webhook& b);

}  // namespace gatepost::lint
