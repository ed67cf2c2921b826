#include "apiserver/decode_body.h"
#include "apiserver/handlers.h"
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
  Change put = [&body](const json::Value&) -> kube::ApiResult<json::Value> { return body; };
  co_return co_await change_object(call, std::move(put), std::move(*options));
}

}  // namespace gatepost::apiserver
