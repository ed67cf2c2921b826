#include "apiserver/decode_body.h"
#include "apiserver/handlers.h"
#include "apiserver/managed_fields.h"
#include "apiserver/options.h"
#include "apiserver/write.h"

namespace gatepost::apiserver {

Handled<> handle_create(Call& call) {
  if (call.resource->namespaced && call.info.ns.empty())
    co_return fail_with(kube::method_not_supported(call.resource->group, call.resource->resource, "create"));
  auto options = read_write_options(call, "CreateOptions");
  if (!options) co_return fail_with(std::move(options.error()));
  auto object = decode_body(call, kind_of(call), options->field_validation);
  if (!object) co_return fail_with(std::move(object.error()));
  track_fields(call, nullptr, *object, *options);
  co_return co_await create_object(call, std::move(*object), std::move(*options));
}

}  // namespace gatepost::apiserver
