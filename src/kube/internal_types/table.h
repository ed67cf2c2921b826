// The structs kube-apiserver converts objects into before it judges them. Their Go names, order and pointers show in
// error texts that print a whole struct. Read from data/internal-types.txt when first asked for.
#pragma once

#include <string_view>
#include <vector>

#include "json/value.h"

namespace gatepost::kube {

struct InternalField {
  std::string_view name;   // as encoding/json prints it; "*": the fields of `type` stand inline
  std::string_view from;   // the versioned field; "^hostPID": of the struct around; ".": this struct; "-": none
  std::string_view older;  // the field it comes from where `from` is not set; mostly empty
  std::string_view type;   // "*io.k8s.api.core.v1.Affinity", "[]string", "map[]quantity"
  bool omit_empty = false;
  bool omit_zero = false;
  bool always = false;  // a pointer that is never nil
};

struct InternalStruct {
  std::string_view definition;  // of the versioned struct: "io.k8s.api.core.v1.PodSpec"
  std::vector<InternalField> fields;
};

std::vector<InternalStruct> read_internal_types(std::string_view text);

// By the definition of the versioned struct; null: not known.
const InternalStruct* internal_struct(std::string_view definition);

// The type of an object, by the kind and version it says it is of; empty: not known.
std::string_view internal_type_of(const json::Value& object);

// The type of a versioned field of a value of type `type`; empty: not known. Pointers are looked through.
std::string_view internal_type_of_field(std::string_view type, std::string_view name);
// The type of the items of a list or map; empty: it is none.
std::string_view internal_type_of_items(std::string_view type);

}  // namespace gatepost::kube
