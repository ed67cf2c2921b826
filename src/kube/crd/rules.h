// x-kubernetes-validations: rules in CEL at any place of a schema, compiled when a definition changes and evaluated on
// each write (apiextensions-apiserver's schema/cel).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cel/environment.h"
#include "json/value.h"
#include "kube/crd/cel_schema.h"
#include "kube/crd/schema.h"
#include "kube/status.h"

namespace gatepost::kube::crd {

struct CompiledRule {
  std::optional<cel::Program> program;  // none: the rule is empty or wrong
  std::string error;                    // "compilation failed: ERROR: ..."
  bool uses_old_self = false;
  std::uint64_t max_cost = 0;         // of one evaluation, before any value is known
  std::uint64_t max_cardinality = 0;  // how often its value can be in one request
  std::optional<cel::Program> message;
  std::string message_error;
  std::uint64_t message_cost = 0;
  std::string field_path;  // normalised
};

// The rules of one node. `types` keeps what the programs need.
std::vector<CompiledRule> compile_rules(const Schema& node, bool root, const std::shared_ptr<CelTypes>& types,
                                        const cel::SchemaType** self = nullptr);

class Rules {
 public:
  // Null: there is none in the whole schema, which must outlive the result.
  static std::unique_ptr<const Rules> make(const Schema& root, bool of_resource = true);

  // Complaints about `object` at `path`; old: before the change, null for a new one. Complaints about what did not
  // change become warnings when `warnings` is given. Evaluation ends when the budget of one request is spent.
  std::vector<FieldError> validate(const json::Value& object, const json::Value* old, const std::string& path,
                                   std::vector<std::string>* warnings) const;

 private:
  struct Node;
  class Run;
  static std::unique_ptr<Node> make_node(const Schema& schema, bool root);
  std::unique_ptr<Node> root_;

 public:
  Rules();
  ~Rules();
};

// A path such as ".spec.a['b']" into the schema: its canonical form and the schema there, or what is wrong with it.
struct FieldPath {
  std::string text;
  const Schema* schema = nullptr;
};
enum class Brackets { allowed, forbidden };
Result<FieldPath> find_field_path(std::string_view path, const Schema& schema, Brackets brackets);

}  // namespace gatepost::kube::crd
