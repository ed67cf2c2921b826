#include "kube/validation/validate.h"

namespace gatepost::kube {

std::vector<FieldError> validate_create(const json::Value& object, const ResourceInfo&) {
  std::vector<FieldError> errors;
  if (json::string_at(object, {"metadata", "name"}).empty())
    errors.push_back({"FieldValueRequired", "metadata.name", "Required value: name or generateName is required"});
  return errors;
}

std::vector<FieldError> validate_update(const json::Value&, const json::Value&, const ResourceInfo&, std::string_view) {
  return {};
}

std::vector<std::string> warnings_for(const json::Value&, const ResourceInfo&) { return {}; }

}  // namespace gatepost::kube
