#include "apiserver/decode_body.h"
#include "apiserver/handlers.h"
#include "apiserver/managed_fields.h"
#include "apiserver/metadata.h"
#include "apiserver/options.h"
#include "apiserver/owner_references.h"
#include "apiserver/stored.h"
#include "apiserver/write.h"
#include "kube/schema/object.h"

namespace gatepost::apiserver {
namespace {

// Who may not create may not do it with a PUT either.
kube::ApiResult<std::string> may_create(const Call& call) {
  RequestInfo create = call.info;
  create.verb = "create";
  return call.deps.authorizer.authorize(call.user, create);
}

}  // namespace

Handled<> handle_update(Call& call) {
  auto options = read_write_options(call, "UpdateOptions");
  if (!options) co_return fail_with(std::move(options.error()));
  auto object = decode_body(call, kind_of(call), options->field_validation);
  if (!object) co_return fail_with(std::move(object.error()));
  if (auto agreed = agree_namespace(*object, call); !agreed) co_return fail_with(std::move(agreed.error()));
  if (auto agreed = check_name(*object, call); !agreed) co_return fail_with(std::move(agreed.error()));
  drop_double_owners(call, *object, Admitted::not_yet);
  options->precondition_uid = json::string_at(*object, {"metadata", "uid"});

  bool creates = call.info.subresource.empty() && kube::update_creates(*call.resource);
  if (creates && !call.deps.store.get(key_of(*call.resource, call.info.ns, call.info.name))) {
    if (auto allowed = may_create(call); !allowed) co_return fail_with(std::move(allowed.error()));
    WriteOptions create = *options;
    create.as_object = options_as("CreateOptions", options->as_object);
    json::Value fresh(*object, call.arena);
    track_fields(call, nullptr, fresh, *options);
    auto made = co_await create_object(call, std::move(fresh), std::move(create));
    // Somebody else may have made it meanwhile: then it is an update after all.
    if (made || made.error().reason != "AlreadyExists") co_return made;
  }
  json::Value& body = *object;
  Change put = [&call, &body, &options](const json::Value& present) -> kube::ApiResult<json::Value> {
    json::Value changed = body;
    track_fields(call, &present, changed, *options);
    return changed;
  };
  co_return co_await change_object(call, std::move(put), *options);
}

}  // namespace gatepost::apiserver
