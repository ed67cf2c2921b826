#include "admission/predicates/namespace_selector.h"

#include "json/parse.h"

namespace gatepost::admission {
namespace {

constexpr const char* kNamespaces = "/namespaces";

bool labels_in_request(const Attributes& attributes) {
  return attributes.resource.resource == "namespaces" && attributes.subresource.empty() &&
         (attributes.operation == Operation::create || attributes.operation == Operation::update);
}

const json::Object* as_object(const json::Value& labels) {
  return labels.is_object() ? &labels.get_object() : nullptr;
}

}  // namespace

NamespaceLabels::NamespaceLabels(storage::Storage& store) : store_(store) {
  following_ =
      store.on_change(kNamespaces, [this](const storage::Event& event) { known_.erase(event.object.key.name); });
}

kube::ApiResult<const json::Object*> NamespaceLabels::of(const std::string& ns) {
  if (auto known = known_.find(ns); known != known_.end()) return as_object(known->second);
  auto stored = store_.get({kNamespaces, "", ns});
  if (!stored) return fail_with(kube::not_found("", "namespaces", ns));
  auto parsed = json::parse(*stored->bytes, json::make_arena(stored->bytes->size() * 2));
  if (!parsed) return fail_with(kube::internal_error(parsed.error().text));
  const json::Value* labels = json::find_path(*parsed, {"metadata", "labels"});
  // The copy leaves the arena, which ends here.
  json::Value kept(labels ? *labels : json::Value(), json::Storage());
  return as_object(known_.emplace(ns, std::move(kept)).first->second);
}

kube::ApiResult<bool> matches_namespace(const Result<kube::LabelSelector>& selector, const Attributes& attributes,
                                        NamespaceLabels& labels) {
  if (attributes.ns.empty() && attributes.resource.resource != "namespaces") return true;
  if (!selector) return fail_with(kube::internal_error(selector.error().text));
  if (selector->everything()) return true;
  if (labels_in_request(attributes))
    return selector->matches(json::object_at(attributes.object, {"metadata", "labels"}));
  auto stored = labels.of(attributes.ns);
  if (!stored) return fail_with(std::move(stored.error()));
  return selector->matches(*stored);
}

}  // namespace gatepost::admission
