#include "apiserver/connect.h"
#include "apiserver/decode_body.h"
#include "apiserver/handlers.h"
#include "apiserver/lifecycle.h"
#include "apiserver/managed_fields.h"
#include "apiserver/metadata.h"
#include "apiserver/options.h"
#include "apiserver/removal.h"
#include "apiserver/stored.h"
#include "apiserver/write.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/apply/scale.h"
#include "kube/crd/definition.h"
#include "kube/patch/patch.h"
#include "kube/validation/validate.h"
#include "net/go_text.h"

namespace gatepost::apiserver {
namespace {

Handled<json::Value> stored_object(Call& call, storage::Object* stored = nullptr) {
  auto found = call.deps.store.get(key_of(*call.resource, call.info.ns, call.info.name));
  if (!found) co_return fail_with(kube::not_found(call.resource->group, call.resource->resource, call.info.name));
  if (stored) *stored = *found;
  co_return co_await present_object(call, *found);
}

// ---- scale

// The label selector of an object in the query's form, for status.selector.
std::string selector_text(const json::Value& object) {
  std::string out;
  auto add = [&](std::string term) { out += (out.empty() ? "" : ",") + std::move(term); };
  const json::Object* labels = json::object_at(object, {"spec", "selector", "matchLabels"});
  if (!labels && json::string_at(object, {"kind"}) == "ReplicationController")
    labels = json::object_at(object, {"spec", "selector"});
  if (labels)
    for (const auto& label : *labels)
      if (label.value().is_string())
        add(std::string(label.key()) + "=" + std::string(json::view(label.value().get_string())));
  return out;
}

// Where a custom resource keeps what Scale shows; built-in kinds keep it at the usual places.
struct ScaleValues {
  std::optional<std::int64_t> replicas;
  std::int64_t status_replicas = 0;
  std::string selector;
};

std::string dotted(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& name : path) out += "." + name;
  return out;
}

const json::Value* at_path(const json::Value& object, const std::vector<std::string>& path) {
  const json::Value* at = path.empty() ? nullptr : &object;
  for (const std::string& name : path)
    if (at) at = json::find(*at, name);
  return at;
}

ScaleValues scale_values(const json::Value& object, const kube::crd::Version* version) {
  ScaleValues out;
  if (!version) {
    out.replicas = json::int_at(object, {"spec", "replicas"});
    out.status_replicas = json::int_at(object, {"status", "replicas"});
    out.selector = selector_text(object);
    return out;
  }
  const kube::crd::Scale& scale = *version->scale;
  if (const json::Value* value = at_path(object, scale.spec_replicas); value && value->is_int64())
    out.replicas = value->get_int64();
  if (const json::Value* value = at_path(object, scale.status_replicas); value && value->is_int64())
    out.status_replicas = value->get_int64();
  if (const json::Value* value = at_path(object, scale.label_selector); value && value->is_string())
    out.selector = json::view(value->get_string());
  return out;
}

// Sets the replicas in the object itself.
void set_replicas(json::Value& object, std::int64_t replicas, const kube::crd::Version* version) {
  static const std::vector<std::string> usual{"spec", "replicas"};
  const std::vector<std::string>& path = version ? version->scale->spec_replicas : usual;
  json::Value* at = &object;
  for (const std::string& name : path) {
    if (!at->is_object()) at->emplace_object();
    at = &at->get_object()[name];
  }
  *at = replicas;
}

json::Value scale_of(const json::Value& object, const kube::crd::Version* version, const json::Storage& arena) {
  ScaleValues values = scale_values(object, version);
  json::Value scale(json::Object(arena), arena);
  json::Object& fields = scale.get_object();
  fields["kind"] = "Scale";
  fields["apiVersion"] = "autoscaling/v1";
  json::Object metadata(arena);
  for (const char* field : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"})
    if (const json::Value* value = json::find_path(object, {"metadata", field})) metadata[field] = *value;
  fields["metadata"] = std::move(metadata);
  json::Object spec(arena), status(arena);
  if (values.replicas.value_or(0) != 0) spec["replicas"] = *values.replicas;
  status["replicas"] = values.status_replicas;
  if (!version || !values.selector.empty()) status["selector"] = values.selector;
  fields["spec"] = std::move(spec);
  fields["status"] = std::move(status);
  return scale;
}

// The new scale of a PUT or PATCH.
kube::ApiResult<json::Value> wanted_scale(Call& call, const json::Value& present, const WriteOptions& options) {
  const kube::FieldValidation validation = options.field_validation;
  if (call.info.verb == "update") return decode_body(call, kind_of(call), validation);
  if (is_apply(call)) return applied_object(call, present, options);
  auto patch = json::parse(call.http.body, call.arena);
  if (!patch) return fail_with(kube::bad_request(patch.error().text));
  json::Value scale(present, call.arena);
  if (call.http.headers.get("Content-Type").starts_with("application/json-patch+json")) {
    if (auto applied = kube::apply_json_patch(scale, *patch); !applied)
      return fail_with(kube::bad_request(applied.error().text));
  } else {
    kube::apply_merge_patch(scale, *patch);
  }
  if (auto decoded = decode_object(call, scale, kind_of(call), validation); !decoded)
    return fail_with(std::move(decoded.error()));
  return scale;
}

// Nothing when the write met another one: it is to be made again on the newer state.
Handled<std::optional<Answer>> try_scale(Call& call) {
  storage::Object stored;
  auto object = co_await stored_object(call, &stored);
  if (!object) co_return fail_with(std::move(object.error()));
  const kube::crd::Version* version = call.resource->version_of_definition;
  if (version && !scale_values(*object, version).replicas)
    co_return fail_with(kube::internal_error("the spec replicas field \"" + dotted(version->scale->spec_replicas) +
                                             "\" does not exist"));
  json::Value present = scale_of(*object, version, call.arena);
  if (call.info.verb == "get") co_return json_answer(200, encode(std::as_const(present)));
  const json::Value* managed = json::find_path(*object, {"metadata", "managedFields"});
  set_managed_fields(present, kube::apply::scale_entries(managed, call.arena));
  auto options = read_write_options(call, call.info.verb == "update" ? "UpdateOptions" : "PatchOptions");
  if (!options) co_return fail_with(std::move(options.error()));
  auto scale = wanted_scale(call, present, *options);
  if (!scale) co_return fail_with(std::move(scale.error()));
  if (!is_apply(call)) track_fields(call, &present, *scale, *options);
  std::int64_t replicas = json::int_at(*scale, {"spec", "replicas"});
  if (replicas < 0)
    co_return fail_with(
        kube::invalid("autoscaling", "Scale", call.info.name,
                      {{"FieldValueInvalid", "spec.replicas",
                        "Invalid value: " + std::to_string(replicas) + ": must be greater than or equal to 0"}}));
  std::string_view wanted = json::string_at(*scale, {"metadata", "resourceVersion"});
  if (!wanted.empty() && wanted != std::to_string(stored.revision))
    co_return fail_with(
        kube::conflict(call.resource->group, call.resource->resource, call.info.name,
                       "the object has been modified; please apply your changes to the latest version and try again"));

  admission::Attributes attributes = attributes_for(call, admission::Operation::update, std::move(*scale),
                                                    std::move(present), options->as_object, options->dry_run);
  if (auto admitted = co_await call.deps.admission.mutate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  json::Value changed = *object;
  set_replicas(changed, json::int_at(attributes.object, {"spec", "replicas"}), version);
  set_managed_fields(changed, kube::apply::entries_after_scale(
                                  managed, json::find_path(attributes.object, {"metadata", "managedFields"}),
                                  kube::api_version(call.resource->group, call.resource->version), call.arena));
  kube::prepare_for_update(changed, *object, *call.resource, "");
  if (changed == *object) co_return json_answer(200, encode(scale_of(*object, version, call.arena)));
  if (version) {
    auto errors = kube::validate_update(changed, *object, *call.resource, "", &call.trail.warnings);
    if (!errors.empty())
      co_return fail_with(kube::invalid(call.resource->group, call.resource->kind, call.info.name, errors));
  }
  auto written = co_await store_change(call, std::move(changed), stored, *options);
  if (!written && written.error().reason == "Conflict") co_return std::optional<Answer>();
  if (!written) co_return fail_with(std::move(written.error()));
  auto read = json::parse(*written->bytes, call.arena);
  if (!read) co_return fail_with(kube::internal_error(read.error().text));
  json::Value answer = scale_of(*read, version, call.arena);
  co_return json_answer(200, encode(std::as_const(answer)));
}

Handled<> handle_scale(Call& call) {
  const admission::Trail before = call.trail;
  for (;;) {
    auto answer = co_await try_scale(call);
    if (!answer) co_return fail_with(std::move(answer.error()));
    if (*answer) co_return std::move(**answer);
    call.trail = before;
  }
}

// ---- eviction and binding

kube::ApiResult<admission::Attributes> posted(Call& call) {
  auto options = read_write_options(call, "CreateOptions");
  if (!options) return fail_with(std::move(options.error()));
  auto object = decode_body(call, kind_of(call), options->field_validation);
  if (!object) return fail_with(std::move(object.error()));
  if (auto agreed = agree_namespace(*object, call); !agreed) return fail_with(std::move(agreed.error()));
  if (auto agreed = agree_name(*object, call); !agreed) return fail_with(std::move(agreed.error()));
  return attributes_for(call, admission::Operation::create, std::move(*object), json::Value(), options->as_object,
                        options->dry_run);
}

Handled<bool> admit(Call& call, admission::Attributes& attributes) {
  if (auto allowed = check_namespace_lifecycle(call, attributes); !allowed)
    co_return fail_with(std::move(allowed.error()));
  if (auto admitted = co_await call.deps.admission.mutate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  co_return true;
}

Answer created() {
  return json_answer(201, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201})");
}

Handled<> handle_eviction(Call& call) {
  auto attributes = posted(call);
  if (!attributes) co_return fail_with(std::move(attributes.error()));
  auto pod = co_await stored_object(call);
  if (!pod) co_return fail_with(std::move(pod.error()));
  if (auto admitted = co_await admit(call, *attributes); !admitted) co_return fail_with(std::move(admitted.error()));
  DeleteOptions options;
  options.dry_run = attributes->dry_run;
  if (const json::Value* grace = json::find_path(attributes->object, {"deleteOptions", "gracePeriodSeconds"});
      grace && grace->is_int64())
    options.grace_period_seconds = grace->get_int64();
  // The pod's deletion is the eviction's own doing: admission has seen the Eviction.
  options.admitted = true;
  call.subresource = nullptr;
  call.info.subresource.clear();
  if (auto removed = co_await remove_object(call, std::move(options)); !removed)
    co_return fail_with(std::move(removed.error()));
  co_return created();
}

// What is wrong with the target of a binding; empty: nothing.
std::string complaint_about_target(const json::Value& binding) {
  std::string_view kind = json::string_at(binding, {"target", "kind"}),
                   name = json::string_at(binding, {"target", "name"});
  std::string wrong_kind, no_name;
  if (!kind.empty() && kind != "Node")
    wrong_kind = "target.kind: Unsupported value: " + net::go_quote(kind) + ": supported values: \"Node\", \"<empty>\"";
  if (name.empty()) no_name = "target.name: Required value";
  if (wrong_kind.empty() || no_name.empty()) return wrong_kind + no_name;
  return "[" + wrong_kind + ", " + no_name + "]";
}

Handled<> handle_binding(Call& call) {
  auto attributes = posted(call);
  if (!attributes) co_return fail_with(std::move(attributes.error()));
  if (std::string complaint = complaint_about_target(attributes->object); !complaint.empty())
    co_return fail_with(kube::plain_error(std::move(complaint)));
  if (auto admitted = co_await admit(call, *attributes); !admitted) co_return fail_with(std::move(admitted.error()));
  storage::Object stored;
  auto pod = co_await stored_object(call, &stored);
  if (!pod) co_return fail_with(std::move(pod.error()));
  std::string_view assigned = json::string_at(*pod, {"spec", "nodeName"});
  if (!assigned.empty())
    co_return fail_with(
        kube::conflict("", "pods/binding", call.info.name,
                       "pod " + call.info.name + " is already assigned to node \"" + std::string(assigned) + "\""));
  json::Value changed = *pod;
  changed.get_object()["spec"].get_object()["nodeName"] = json::string_at(attributes->object, {"target", "name"});
  WriteOptions options;
  options.dry_run = attributes->dry_run;
  if (auto written = co_await store_change(call, std::move(changed), stored, options); !written)
    co_return fail_with(std::move(written.error()));
  co_return created();
}

}  // namespace

Handled<> handle_subresource(Call& call) {
  const auto& verbs = call.subresource->verbs;
  if (std::find(verbs.begin(), verbs.end(), call.info.verb) == verbs.end()) {
    kube::Status status = kube::method_not_supported("", "", "");
    status.message = "the server does not allow this method on the requested resource";
    status.has_details = true;
    co_return fail_with(std::move(status));
  }
  const std::string& name = call.info.subresource;
  if (name == "scale") co_return co_await handle_scale(call);
  if (name == "eviction") co_return co_await handle_eviction(call);
  if (name == "binding") co_return co_await handle_binding(call);
  if (name == "token" && call.deps.tokens) co_return co_await handle_token(call);
  if (name == "log" || is_connect(call)) co_return co_await handle_kubelet(call);
  // What remains changes the object itself: namespaces/finalize, certificatesigningrequests/approval,
  // pods/ephemeralcontainers, pods/resize.
  if (call.info.verb == "get") co_return co_await handle_get(call);
  if (call.info.verb == "update") co_return co_await handle_update(call);
  if (call.info.verb == "patch") co_return co_await handle_patch(call);
  co_return fail_with(kube::not_found(call.resource->group, call.resource->resource, call.info.name));
}

}  // namespace gatepost::apiserver
