#include "kube/schema/object.h"

namespace gatepost::kube {

void prepare_for_create(json::Value&, const ResourceInfo&) {}
void prepare_for_update(json::Value&, const json::Value&, const ResourceInfo&, std::string_view) {}

}  // namespace gatepost::kube
