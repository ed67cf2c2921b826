#include "apiserver/owner_references.h"

#include <algorithm>

#include "apiserver/metadata.h"

namespace gatepost::apiserver {

void drop_double_owners(Call& call, json::Value& object, Admitted when) {
  if (const json::Array* owners = json::array_at(object, {"metadata", "ownerReferences"});
      !owners || owners->size() < 2)
    return;
  json::Array& owners = metadata_of(object)["ownerReferences"].get_array();
  std::string doubles;
  for (std::size_t i = 1; i < owners.size();) {
    auto end = owners.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(owners.begin(), end, owners[i]) == end) {
      ++i;
      continue;
    }
    doubles += (doubles.empty() ? "" : ", ") + std::string(json::string_at(owners[i], {"uid"}));
    owners.erase(end);
  }
  if (doubles.empty()) return;
  call.trail.warnings.push_back(
      std::string(".metadata.ownerReferences contains duplicate entries") +
      (when == Admitted::by_mutation ? " after mutating admission happens" : "") +
      "; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your "
      "requests; duplicate UID(s) observed: " +
      doubles);
}

}  // namespace gatepost::apiserver
