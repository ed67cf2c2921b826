// What the warnings of all kinds are written with, and those of the kinds that hold no pods.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kube/registry/registry.h"
#include "kube/validation/field.h"

namespace gatepost::kube {

using Warnings = std::vector<std::string>;

void warn(Warnings& out, const Field& field, std::string_view text);
// What is said of a label of nodes that has a new name; empty for all others.
std::string_view node_label_message(std::string_view label);

void warn_of_kind(Warnings& out, const Field& object, const ResourceInfo& resource);

}  // namespace gatepost::kube
