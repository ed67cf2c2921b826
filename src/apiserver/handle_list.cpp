#include <charconv>

#include "apiserver/continue_token.h"
#include "apiserver/handlers.h"
#include "apiserver/render.h"
#include "apiserver/selection.h"
#include "apiserver/stored.h"
#include "apiserver/warnings.h"
#include "base/random.h"

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

constexpr std::size_t kPage = 1024;  // objects read from the store at a time
constexpr std::size_t kStreamAbove =
    1u << 20;  // bytes: a longer list goes out in pieces, and others are served between
constexpr std::size_t kPiece = 256u << 10;

struct Selected {
  std::vector<storage::Bytes> objects;
  ListMeta meta;
};

// Reads pages until `limit` objects match: a selector must not make a page look like the end. Only the bytes are kept,
// shared with the store.
Handled<Selected> select(const Call& call, const Selection& selection, std::size_t limit, ContinueToken from) {
  bool with_namespace = call.resource->namespaced && selection.ns().empty();
  bool custom = call.resource->definition != nullptr;
  Selected out;
  storage::ListOptions options;
  options.ns = selection.ns();
  options.after_ns = from.ns.empty() && !from.name.empty() ? selection.ns() : from.ns;
  options.after_name = from.name;
  for (;;) {
    options.limit = limit ? limit - out.objects.size() : kPage;
    storage::Page page = call.deps.store.list(call.resource->collection, options);
    out.meta.resource_version = std::to_string(page.revision);
    for (const storage::Object& object : page.objects) {
      if (!custom && !selection.matches(object.key, *object.bytes)) continue;
      kube::ApiResult<storage::Bytes> bytes;
      if (custom)
        bytes = co_await served_bytes(call, object);
      else
        bytes = bytes_in_version(object.bytes, *call.resource);
      if (!bytes) co_return fail_with(std::move(bytes.error()));
      // Fields of custom resources are those of the request's version.
      if (custom && !selection.matches(object.key, **bytes)) continue;
      out.objects.push_back(std::move(*bytes));
    }
    if (!page.more) co_return out;
    const storage::Key& last = page.objects.back().key;
    if (limit && out.objects.size() >= limit) {
      out.meta.continue_token = encode_continue({page.revision, last.ns, last.name}, with_namespace);
      // How many follow is only known when nothing is filtered.
      if (selection.everything()) out.meta.remaining = page.remaining;
      co_return out;
    }
    options.after_ns = last.ns;
    options.after_name = last.name;
  }
}

std::size_t size_of(const std::vector<storage::Bytes>& objects) {
  std::size_t size = 0;
  for (const auto& bytes : objects) size += bytes->size();
  return size;
}

// The list as it was when it was read, whatever changes meanwhile.
Handled<> stream_list(Call& call, Selected selected) {
  Answer sent;
  sent.sent = true;
  net::http::Headers headers;
  headers.add("Audit-Id", random_uuid());
  headers.add("Cache-Control", "no-cache, private");
  headers.add("Content-Type", "application/json");
  add_warnings(call.trail.warnings, headers);
  if (auto started = co_await call.writer.start(200, std::move(headers)); !started) co_return sent;
  std::string piece;
  piece.reserve(kPiece + kPiece / 4);
  ListPrinter printer(*call.resource, selected.meta, piece);
  for (storage::Bytes& bytes : selected.objects) {
    printer.add(*bytes);
    bytes.reset();
    if (piece.size() < kPiece) continue;
    if (auto written = co_await call.writer.write(piece); !written) co_return sent;
    piece.clear();
  }
  printer.end();
  piece.push_back('\n');
  (void)co_await call.writer.write(piece);
  co_return sent;
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
      auto bytes = co_await served_bytes(call, *found);
      if (!bytes) co_return fail_with(std::move(bytes.error()));
      selected.objects.push_back(std::move(*bytes));
    }
  } else {
    auto read = co_await select(call, *selection, *limit, std::move(from));
    if (!read) co_return fail_with(std::move(read.error()));
    selected = std::move(*read);
  }
  bool plain =
      call.format.form == Format::Form::object && call.format.encoding == Format::Encoding::json && !call.format.pretty;
  if (plain && size_of(selected.objects) > kStreamAbove) co_return co_await stream_list(call, std::move(selected));
  Answer answer;
  answer.bytes = std::make_shared<const std::string>(
      encode_for(call.format, render_list(call, selected.objects, selected.meta), answer.content_type));
  answer.raw = true;
  co_return answer;
}

}  // namespace gatepost::apiserver
