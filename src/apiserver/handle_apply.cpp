#include "apiserver/decode_body.h"
#include "apiserver/managed_fields.h"
#include "apiserver/metadata.h"
#include "apiserver/stored.h"
#include "apiserver/write.h"
#include "kube/apply/field_manager.h"
#include "kube/patch/go_print.h"
#include "yaml/convert.h"

namespace gatepost::apiserver {
namespace {

// The configuration that the client applies, and the keys that it holds twice.
struct Configuration {
  json::Value object;
  std::vector<yaml::Duplicate> duplicates;
};

kube::ApiResult<Configuration> read_configuration(Call& call) {
  constexpr const char* undecodable = "error decoding YAML: ";
  constexpr const char* not_json = "error converting YAML to JSON: ";
  auto tree = yaml::read(call.http.body);
  if (!tree) return fail_with(kube::bad_request(undecodable + (not_json + tree.error().text)));
  auto converted = yaml::convert(*tree, call.arena);
  if (!converted) return fail_with(kube::bad_request(undecodable + (not_json + converted.error().text)));
  Configuration configuration{std::move(converted->value), std::move(converted->duplicates)};
  if (configuration.object.is_null()) configuration.object.emplace_object();
  if (!configuration.object.is_object())
    return fail_with(kube::bad_request(
        std::string(undecodable) + "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " +
        kube::json_type_name(configuration.object) + " into Go value of type map[string]interface {}"));
  return configuration;
}

kube::ApiResult<json::Value> applied_to(Call& call, const json::Value* live, const Configuration& configuration,
                                        const WriteOptions& options) {
  kube::apply::Writer writer{typed_kind_of(call), call.info.subresource, options.field_manager, call.deps.now()};
  auto force = options.force ? kube::apply::Force::yes : kube::apply::Force::no;
  auto applied = kube::apply::apply(live, configuration.object, writer, force);
  if (!applied) return applied;
  json::Value object(std::move(*applied), call.arena);
  // Unknown fields were refused above, by the schema.
  if (auto decoded = decode_object(call, object, kind_of(call), kube::FieldValidation::ignore); !decoded)
    return fail_with(std::move(decoded.error()));
  if (!configuration.duplicates.empty() && options.field_validation == kube::FieldValidation::strict)
    return fail_with(kube::bad_request("error strict decoding YAML: error converting YAML to JSON: " +
                                       yaml::strict_complaint(configuration.duplicates)));
  if (options.field_validation == kube::FieldValidation::warn)
    for (const yaml::Duplicate& duplicate : configuration.duplicates)
      call.trail.warnings.push_back(yaml::complaint(duplicate));
  std::string_view uid = json::string_at(object, {"metadata", "uid"});
  if (!live && !uid.empty())
    return fail_with(kube::conflict(
        call.resource->group, call.resource->resource, call.info.name,
        "uid mismatch: the provided object specified uid " + std::string(uid) + ", and no existing object was found"));
  if (auto agreed = agree_namespace(object, call); !agreed) return fail_with(std::move(agreed.error()));
  if (auto agreed = check_name(object, call); !agreed) return fail_with(std::move(agreed.error()));
  return object;
}

// What webhooks see of the options.
WriteOptions shown_as(const char* kind, const WriteOptions& options) {
  WriteOptions out = options;
  json::Object& object = out.as_object.get_object();
  object["kind"] = kind;
  object.erase("force");
  return out;
}

Handled<> create_by_apply(Call& call, const Configuration& configuration, const WriteOptions& options) {
  auto object = applied_to(call, nullptr, configuration, options);
  if (!object) co_return fail_with(std::move(object.error()));
  RequestInfo asked = call.info;
  asked.verb = "create";
  if (auto allowed = call.deps.authorizer.authorize(call.user, asked); !allowed)
    co_return fail_with(std::move(allowed.error()));
  co_return co_await create_object(call, std::move(*object), shown_as("CreateOptions", options));
}

bool exists(const Call& call) {
  return call.deps.store.get(key_of(*call.resource, call.info.ns, call.info.name)).has_value();
}

}  // namespace

bool is_apply(const Call& call) {
  return call.info.verb == "patch" && call.http.headers.get("Content-Type").starts_with("application/apply-patch");
}

kube::ApiResult<json::Value> applied_object(Call& call, const json::Value& present, const WriteOptions& options) {
  auto configuration = read_configuration(call);
  if (!configuration) return fail_with(std::move(configuration.error()));
  return applied_to(call, &present, *configuration, options);
}

Handled<> handle_apply(Call& call, WriteOptions options) {
  auto configuration = read_configuration(call);
  if (!configuration) co_return fail_with(std::move(configuration.error()));
  const Configuration& applied = *configuration;
  // An object that comes or goes in between makes it another kind of write.
  constexpr int attempts = 5;
  for (int attempt = 1;; ++attempt) {
    bool creates = call.info.subresource.empty() && !exists(call);
    Change change = [&call, &applied, &options](const json::Value& present) {
      return applied_to(call, &present, applied, options);
    };
    auto answer = creates ? co_await create_by_apply(call, applied, options)
                          : co_await change_object(call, std::move(change), shown_as("UpdateOptions", options));
    bool raced = !answer && answer.error().reason == (creates ? "AlreadyExists" : "NotFound");
    if (!raced || attempt == attempts) co_return answer;
    call.trail = {};
  }
}

}  // namespace gatepost::apiserver
