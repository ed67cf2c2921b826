#include "apiserver/decode_body.h"
#include "apiserver/handlers.h"
#include "apiserver/managed_fields.h"
#include "apiserver/metadata.h"
#include "apiserver/options.h"
#include "apiserver/write.h"

namespace gatepost::apiserver {

Handled<> handle_update(Call& call) {
  auto options = read_write_options(call, "UpdateOptions");
  if (!options) co_return fail_with(std::move(options.error()));
  auto object = decode_body(call, kind_of(call), options->field_validation);
  if (!object) co_return fail_with(std::move(object.error()));
  if (auto agreed = agree_name(*object, call); !agreed) co_return fail_with(std::move(agreed.error()));
  json::Value& body = *object;
  Change put = [&call, &body, &options](const json::Value& present) -> kube::ApiResult<json::Value> {
    json::Value changed = body;
    track_fields(call, &present, changed, *options);
    return changed;
  };
  co_return co_await change_object(call, std::move(put), *options);
}

}  // namespace gatepost::apiserver
