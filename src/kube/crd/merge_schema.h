// How objects of a custom resource merge: its structural schema as field management and server-side apply look at
// types. Made once, when the definition changes.
#pragma once

#include <deque>
#include <memory>

#include "kube/crd/schema.h"
#include "kube/schema/types.h"

namespace gatepost::kube::crd {

enum class UnknownFields { pruned, preserved };  // spec.preserveUnknownFields

class MergeSchema {
 public:
  // `schema` outlives it: defaults of keys are its own.
  static std::unique_ptr<const MergeSchema> make(const Schema& schema, UnknownFields unknown);

  const kube::Schema& root() const { return *root_; }

 private:
  const kube::Schema* convert(const Schema& schema);
  const kube::Schema* structure(const Schema& schema, bool is_object);
  const kube::Schema* scalar(SchemaType type);
  const kube::Schema* open();  // known by its values alone

  std::deque<kube::Schema> nodes_;
  const kube::Schema* root_ = nullptr;
  UnknownFields unknown_ = UnknownFields::pruned;
};

}  // namespace gatepost::kube::crd
