// A custom object between the wire and the store, by its definition: what kube/schema/object.h and
// kube/validation/validate.h do for built-in kinds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "kube/registry/registry.h"
#include "kube/schema/object.h"
#include "kube/status.h"

namespace gatepost::kube::crd {

// Types of metadata, unknown fields (dropped, or refused by `validation`), nulls, defaults.
Result<DecodeResult> decode(json::Value& object, const ResourceInfo& resource, FieldValidation validation,
                            const DecodeSource& source = {});

// As decoding of what was stored, or converted by a webhook: nothing is refused but wrong metadata.
void settle(json::Value& object, const Definition& definition, const Version& version);

// What is stored has no fields that the schema does not know, whoever added them since the object was decoded.
void prune_for_storage(json::Value& object, const ResourceInfo& resource);

// They come after mutating admission, whose changes get their defaults here.
void prepare_for_create(json::Value& object, const ResourceInfo& resource);
void prepare_for_update(json::Value& object, const json::Value& old_object, const ResourceInfo& resource,
                        std::string_view subresource);

std::vector<FieldError> validate_create(const json::Value& object, const ResourceInfo& resource);
// Complaints of rules about what did not change go to `warnings`.
std::vector<FieldError> validate_update(const json::Value& object, const json::Value& old_object,
                                        const ResourceInfo& resource, std::string_view subresource,
                                        std::vector<std::string>* warnings = nullptr);

// What is said of finalizers that the object has and `old_object` (null: none) had not.
std::vector<std::string> warnings_for(const json::Value& object, const json::Value* old_object);

}  // namespace gatepost::kube::crd
