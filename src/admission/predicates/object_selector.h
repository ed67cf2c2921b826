// objectSelector: does the object as it will be, or as it was, carry the labels that the webhook asks for?
#pragma once

#include "json/value.h"
#include "kube/selector/selector.h"
#include "kube/status.h"

namespace gatepost::admission {

// A null object matches no selector but the empty one.
kube::ApiResult<bool> matches_object(const Result<kube::LabelSelector>& selector, const json::Value& object,
                                     const json::Value& old_object);

}  // namespace gatepost::admission
