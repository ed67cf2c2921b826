// ConversionReview (apiextensions.k8s.io, v1 and v1beta1): what is sent to a conversion webhook, and what its answer
// must be, with apiextensions-apiserver's texts.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace gatepost::apiserver {

// The first of a definition's conversionReviewVersions that we know; empty: none.
std::string conversion_review_version(const std::vector<std::string>& wanted);

// The body of a call for one object.
std::string conversion_review(const std::string& review_version, const std::string& uid,
                              const std::string& wanted_api_version, const json::Value& object);

// The objects of an answer.
Result<json::Array> read_conversion_answer(const std::string& body, std::string_view content_type, int status,
                                           const std::string& review_version, const std::string& uid,
                                           const json::Storage& arena);

// Judges what a webhook made of `original` and gives it the metadata that a conversion may not change: all but labels
// and annotations.
Result<void> accept_converted(json::Value& converted, const json::Value& original);

}  // namespace gatepost::apiserver
