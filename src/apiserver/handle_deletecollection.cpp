#include "apiserver/handlers.h"
#include "apiserver/options.h"
#include "apiserver/removal.h"
#include "apiserver/render.h"
#include "apiserver/selection.h"
#include "apiserver/stored.h"

namespace gatepost::apiserver {

// Deletes what matches, one by one, each through admission, and answers with the list of what was deleted.
Handled<> handle_deletecollection(Call& call) {
  auto selection = Selection::read(call);
  if (!selection) co_return fail_with(std::move(selection.error()));
  auto options = read_delete_options(call);
  if (!options) co_return fail_with(std::move(options.error()));
  storage::ListOptions scope;
  scope.ns = selection->ns();
  storage::Page page = call.deps.store.list(call.resource->collection, scope);
  std::vector<storage::Bytes> deleted;
  for (const storage::Object& object : page.objects) {
    auto bytes = co_await served_bytes(call, object);
    if (!bytes) co_return fail_with(std::move(bytes.error()));
    if (!selection->matches(object.key, **bytes)) continue;
    Call one{call.deps, call.http, call.peer, call.writer};
    one.info = call.info;
    one.info.ns = object.key.ns;
    one.info.name = object.key.name;
    one.user = call.user;
    one.registry = call.registry;
    one.resource = call.resource;
    one.format = call.format;
    one.deadline = call.deadline;
    one.arena = json::make_arena();
    auto removed = co_await remove_object(one, *options);
    for (std::string& warning : one.trail.warnings) call.trail.warnings.push_back(std::move(warning));
    if (!removed && removed.error().code != 404) co_return fail_with(std::move(removed.error()));
    if (removed) deleted.push_back(std::move(*bytes));
  }
  ListMeta meta;
  meta.resource_version = std::to_string(page.revision);
  co_return json_answer(200, render_list(call, deleted, meta));
}

}  // namespace gatepost::apiserver
