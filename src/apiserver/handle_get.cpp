#include "apiserver/handlers.h"
#include "apiserver/list_options.h"
#include "apiserver/stored.h"

namespace gatepost::apiserver {

Handled<> handle_get(Call& call) {
  if (auto readable = check_read_version(call); !readable) co_return fail_with(std::move(readable.error()));
  auto found = call.deps.store.get(key_of(*call.resource, call.info.ns, call.info.name));
  if (!found) co_return fail_with(kube::not_found(call.resource->group, call.resource->resource, call.info.name));
  auto bytes = co_await served_bytes(call, *found);
  if (!bytes) co_return fail_with(std::move(bytes.error()));
  Answer answer;
  answer.bytes = std::move(*bytes);
  co_return answer;
}

}  // namespace gatepost::apiserver
