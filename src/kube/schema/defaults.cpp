#include <cstdlib>

#include "embedded/default_rules.h"
#include "kube/schema/default_rules.h"
#include "kube/schema/object.h"

namespace gatepost::kube {
namespace {

const DefaultCatalogue& catalogue() {
  static const DefaultCatalogue one = [] {
    auto parsed = DefaultCatalogue::parse(embedded::default_rules().front().bytes);
    if (!parsed) std::abort();  // the program's own data
    return std::move(*parsed);
  }();
  return one;
}

}  // namespace

void set_defaults(json::Value& object, const GroupVersionKind& kind) {
  if (!object.is_object()) return;
  if (const DefaultRules* rules = catalogue().of_kind(kind.group, kind.version, kind.kind))
    apply_defaults(object.get_object(), *rules);
}

}  // namespace gatepost::kube
