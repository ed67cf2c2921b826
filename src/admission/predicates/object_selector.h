// objectSelector: does the object as it will be, or as it was, carry the labels that the webhook asks for?
#pragma once

#include <cstdint>

#include "json/value.h"
#include "kube/selector/selector.h"
#include "kube/status.h"

namespace gatepost::admission {

// A null object matches no selector but the empty one.
kube::ApiResult<bool> matches_object(const Result<kube::LabelSelector>& selector, const json::Value& object,
                                     const json::Value& old_object);

// Label keys as a set of 64 bits: a selector some of whose keys are missing in the request's bits cannot match, and one
// comparison tells so. Different keys may share a bit, so the selector itself decides about the rest.
using LabelBits = std::uint64_t;
// The keys that must be there for the selector to match; none for a selector that is broken.
LabelBits needed_labels(const Result<kube::LabelSelector>& selector);
// The keys of both objects.
LabelBits present_labels(const json::Value& object, const json::Value& old_object);

}  // namespace gatepost::admission
