#include <charconv>

#include "apiserver/continue_token.h"
#include "apiserver/handlers.h"
#include "apiserver/render.h"
#include "apiserver/selection.h"
#include "apiserver/stored.h"

namespace gatepost::apiserver {
namespace {

kube::ApiResult<std::size_t> read_limit(const Query& query) {
  std::string_view text = query.get("limit");
  if (text.empty()) return 0;
  std::int64_t limit = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size())
    return fail_with(kube::bad_request("strconv.ParseInt: parsing \"" + std::string(text) + "\": invalid syntax"));
  return limit < 0 ? 0 : static_cast<std::size_t>(limit);
}

struct Selected {
  std::vector<storage::Bytes> objects;
  ListMeta meta;
};

// Reads pages until `limit` objects match: a selector must not make a page look like the end.
kube::ApiResult<Selected> select(const Call& call, const Selection& selection, std::size_t limit, ContinueToken from) {
  bool with_namespace = call.resource->namespaced && selection.ns().empty();
  Selected out;
  storage::ListOptions options;
  options.ns = selection.ns();
  options.after_ns = from.ns.empty() && !from.name.empty() ? selection.ns() : from.ns;
  options.after_name = from.name;
  for (;;) {
    options.limit = limit ? limit - out.objects.size() : 0;
    storage::Page page = call.deps.store.list(call.resource->collection, options);
    out.meta.resource_version = std::to_string(page.revision);
    for (const storage::Object& object : page.objects) {
      if (!selection.matches(object.key, *object.bytes)) continue;
      auto bytes = bytes_in_version(object.bytes, *call.resource);
      if (!bytes) return fail_with(std::move(bytes.error()));
      out.objects.push_back(std::move(*bytes));
    }
    if (!page.more) return out;
    const storage::Key& last = page.objects.back().key;
    if (out.objects.size() >= limit) {
      out.meta.continue_token = encode_continue({page.revision, last.ns, last.name}, with_namespace);
      // How many follow is only known when nothing is filtered.
      if (selection.everything()) out.meta.remaining = page.remaining;
      return out;
    }
    options.after_ns = last.ns;
    options.after_name = last.name;
  }
}

}  // namespace

Handled<> handle_list(Call& call) {
  auto selection = Selection::read(call);
  if (!selection) co_return fail_with(std::move(selection.error()));
  auto limit = read_limit(call.info.query);
  if (!limit) co_return fail_with(std::move(limit.error()));
  ContinueToken from;
  if (std::string_view token = call.info.query.get("continue"); !token.empty()) {
    auto decoded = decode_continue(token, call.resource->namespaced && selection->ns().empty());
    if (!decoded) co_return fail_with(std::move(decoded.error()));
    from = std::move(*decoded);
  }

  Selected selected;
  std::string name;
  if (selection->by_name_only(name)) {
    selected.meta.resource_version = std::to_string(call.deps.store.revision());
    if (auto found = call.deps.store.get(key_of(*call.resource, selection->ns(), name))) {
      auto bytes = bytes_in_version(found->bytes, *call.resource);
      if (!bytes) co_return fail_with(std::move(bytes.error()));
      selected.objects.push_back(std::move(*bytes));
    }
  } else {
    auto read = select(call, *selection, *limit, std::move(from));
    if (!read) co_return fail_with(std::move(read.error()));
    selected = std::move(*read);
  }
  Answer answer;
  answer.bytes = std::make_shared<const std::string>(
      encode_for(call.format, render_list(call, selected.objects, selected.meta), answer.content_type));
  answer.raw = true;
  co_return answer;
}

}  // namespace gatepost::apiserver
