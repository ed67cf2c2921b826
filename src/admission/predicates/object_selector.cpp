#include "admission/predicates/object_selector.h"

namespace gatepost::admission {
namespace {

// Options of a connection (PodExecOptions) are objects without metadata: no labels can be asked of them.
bool labels_match(const kube::LabelSelector& selector, const json::Value& object) {
  return json::find(object, "metadata") && selector.matches(json::object_at(object, {"metadata", "labels"}));
}

LabelBits bit(std::string_view key) {
  return LabelBits{1} << (std::hash<std::string_view>{}(key) % 64);
}

LabelBits bits_of(const json::Value& object) {
  LabelBits bits = 0;
  if (const json::Object* labels = json::object_at(object, {"metadata", "labels"}))
    for (const auto& label : *labels) bits |= bit(label.key());
  return bits;
}

}  // namespace

LabelBits needed_labels(const Result<kube::LabelSelector>& selector) {
  using Operator = kube::LabelSelector::Operator;
  LabelBits bits = 0;
  if (!selector) return bits;
  for (const auto& requirement : selector->requirements())
    if (requirement.op != Operator::not_in && requirement.op != Operator::does_not_exist) bits |= bit(requirement.key);
  return bits;
}

LabelBits present_labels(const json::Value& object, const json::Value& old_object) {
  return bits_of(object) | bits_of(old_object);
}

kube::ApiResult<bool> matches_object(const Result<kube::LabelSelector>& selector, const json::Value& object,
                                     const json::Value& old_object) {
  if (!selector) return fail_with(kube::internal_error(selector.error().text));
  return selector->everything() || labels_match(*selector, object) || labels_match(*selector, old_object);
}

}  // namespace gatepost::admission
