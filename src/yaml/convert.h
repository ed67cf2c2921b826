// YAML -> JSON values, as sigs.k8s.io/yaml does it for Kubernetes. Bounded: nesting by ReadOptions, aliases by the rule
// of go-yaml (they may not make most of a document).
#pragma once

#include <string>
#include <vector>

#include "json/value.h"
#include "yaml/tree.h"

namespace gatepost::yaml {

// A key that a mapping holds twice: where the second value stands.
struct Duplicate {
  std::string key;  // as Go prints it: "a" in quotes, 1, true
  std::uint32_t line = 0;
};

struct Converted {
  json::Value value;  // null for an empty document
  std::vector<Duplicate> duplicates;
};

// Keys become texts; of a key that comes twice the last value counts. The error's text is go-yaml's, or that of
// encoding/json for what JSON cannot hold ("json: unsupported value: NaN").
Result<Converted> convert(const Tree& tree, json::Storage arena);

// The first document of the text, converted.
Result<json::Value> parse(std::string_view text, json::Storage arena);

// `line 3: key "a" already set in map`
std::string complaint(const Duplicate& duplicate);

// "yaml: unmarshal errors:\n  line 3: key \"a\" already set in map"; empty if there are no duplicates.
std::string strict_complaint(const std::vector<Duplicate>& duplicates);

}  // namespace gatepost::yaml
