#include "apiserver/decode_body.h"
#include "apiserver/handlers.h"
#include "apiserver/metadata.h"
#include "apiserver/options.h"
#include "apiserver/write.h"

namespace gatepost::apiserver {

Handled<> handle_virtual(Call& call) {
  auto options = read_write_options(call, "CreateOptions");
  if (!options) co_return fail_with(std::move(options.error()));
  auto object = decode_body(call, kind_of(call), options->field_validation);
  if (!object) co_return fail_with(std::move(object.error()));
  if (call.resource->namespaced)
    if (auto agreed = agree_namespace(*object, call); !agreed) co_return fail_with(std::move(agreed.error()));
  admission::Attributes attributes = attributes_for(call, admission::Operation::create, std::move(*object),
                                                    json::Value(), options->as_object, options->dry_run);
  if (auto admitted = co_await call.deps.admission.mutate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  if (auto reviewed = call.deps.authorizer.review(call.user, call.resource->kind, attributes.object); !reviewed)
    co_return fail_with(std::move(reviewed.error()));
  co_return json_answer(201, encode(std::as_const(attributes.object)));
}

}  // namespace gatepost::apiserver
