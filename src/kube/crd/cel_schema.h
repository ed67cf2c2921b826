// The type that rules see of a schema: apiserver's SchemaDeclType over cel::SchemaType, with the sizes that bound the
// cost of rules.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "cel/cost/estimate.h"
#include "cel/declarations.h"
#include "kube/crd/schema.h"

namespace gatepost::kube::crd {

// Owns the types of one node's rules; must outlive the programs compiled against them.
class CelTypes {
 public:
  struct Made {
    const cel::SchemaType* type = nullptr;  // null: rules cannot see it
    std::int64_t min_size = 0;              // in bytes, of the smallest value as JSON
  };
  // `root`: of a resource, so that apiVersion, kind, metadata.name and metadata.generateName are there in any case.
  Made make(const Schema& schema, bool root, const std::string& name);

 private:
  cel::SchemaType& add() { return schemas_.emplace_back(); }
  Made scalar(const cel::Type* type, cel::SchemaType::Reading reading, std::int64_t min_size,
              std::int64_t most_elements = 0);
  Made text(const Schema& schema);
  Made list(const Schema& schema, const std::string& name);
  Made object(const Schema& schema, bool root, const std::string& name);

  cel::TypePool types_;
  std::deque<cel::SchemaType> schemas_;
};

// Sizes of what expressions name below `self`.
class SchemaSizes final : public cel::SizeHints {
 public:
  explicit SchemaSizes(const cel::SchemaType& self) : self_(self) {}
  std::optional<cel::SizeEstimate> size(const std::vector<std::string>& path, const cel::Type& type) const override;

 private:
  const cel::SchemaType& self_;
};

// The identifier by which rules call a field: "max-size" is max__dash__size. Empty: it cannot be named.
std::string escaped_name(std::string_view name);

}  // namespace gatepost::kube::crd
