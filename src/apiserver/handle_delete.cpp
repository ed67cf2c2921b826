
#include "apiserver/handlers.h"
#include "apiserver/options.h"
#include "apiserver/removal.h"

namespace gatepost::apiserver {

Handled<> handle_delete(Call& call) {
  auto options = read_delete_options(call);
  if (!options) co_return fail_with(std::move(options.error()));
  co_return co_await remove_object(call, std::move(*options));
}

}  // namespace gatepost::apiserver
