// What Go's struct definitions say of the built-in kinds' fields and OpenAPI does not: pointer or value, omitempty, the
// order, the names of named types, protobuf field numbers. Read from data/go-types.txt.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace gatepost::kube {

struct GoField {
  std::string_view name;  // in JSON
  std::string_view type;  // "*v1.ScopeType=string": as data/go-types.txt writes it
  bool omit_empty = false;
  bool omit_zero = false;
  std::vector<std::uint32_t> numbers;  // protobuf: of the field, after those of embedded messages; empty for none
  std::string_view embedded_in;        // "RuleWithOperations.Rule": the embedded structs on the way; mostly empty
};

struct GoType {
  std::string_view definition;  // "io.k8s.api.core.v1.Pod"
  std::vector<GoField> fields;  // in the struct's order
};

std::vector<GoType> read_go_types(std::string_view text);

}  // namespace gatepost::kube
