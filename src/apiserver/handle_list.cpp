#include <algorithm>
#include <tuple>

#include "apiserver/audit/record.h"
#include "apiserver/continue_token.h"
#include "apiserver/handlers.h"
#include "apiserver/list_options.h"
#include "apiserver/render.h"
#include "apiserver/selection.h"
#include "apiserver/snapshot.h"
#include "apiserver/stored.h"
#include "apiserver/warnings.h"
#include "base/random.h"
#include "json/write.h"

namespace gatepost::apiserver {
namespace {

constexpr std::size_t kPage = 1024;  // objects read from the store at a time
constexpr std::size_t kStreamAbove =
    1u << 20;  // bytes: a longer list goes out in pieces, and others are served between
constexpr std::size_t kPiece = 256u << 10;

struct Selected {
  std::vector<storage::Bytes> objects;
  ListMeta meta;
};

// Where pages of a list come from: the present state, or a whole earlier one.
struct Source {
  const Call& call;
  const Selection& selection;
  storage::Revision revision;                             // that the list tells
  const std::vector<storage::Object>* earlier = nullptr;  // in key order; null: the present state

  storage::Page page(const storage::ListOptions& options) const {
    if (!earlier) return call.deps.store.list(call.resource->collection, options);
    storage::Page page;
    auto begin = earlier->begin();
    if (!options.after_name.empty())
      begin = std::upper_bound(earlier->begin(), earlier->end(), std::tie(options.after_ns, options.after_name),
                               [](const auto& after, const storage::Object& object) {
                                 return after < std::tie(object.key.ns, object.key.name);
                               });
    std::size_t left = static_cast<std::size_t>(earlier->end() - begin);
    std::size_t count = options.limit ? std::min(options.limit, left) : left;
    page.objects.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
    page.remaining = left - count;
    page.more = page.remaining > 0;
    return page;
  }
};

// Reads pages until `limit` objects match: a selector must not make a page look like the end. Only the bytes are kept,
// shared with the store.
Handled<Selected> select(Source source, std::size_t limit, ContinueToken from) {
  const Call& call = source.call;
  const Selection& selection = source.selection;
  bool with_namespace = call.resource->namespaced && selection.ns().empty();
  bool custom = call.resource->definition != nullptr;
  Selected out;
  out.meta.resource_version = std::to_string(source.revision);
  storage::ListOptions options;
  options.ns = selection.ns();
  options.after_ns = from.ns.empty() && !from.name.empty() ? selection.ns() : from.ns;
  options.after_name = from.name;
  for (;;) {
    options.limit = limit ? limit - out.objects.size() : kPage;
    storage::Page page = source.page(options);
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
      out.meta.continue_token = encode_continue({source.revision, last.ns, last.name}, with_namespace);
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
  headers.add("Audit-Id", call.record ? call.record->id : random_uuid());
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

// 410: the list that was begun cannot be gone on with as it was; the answer says how to go on with it as it is now.
Answer token_expired(const ContinueToken& from, bool with_namespace) {
  std::string out = R"({"kind":"Status","apiVersion":"v1","metadata":{"continue":)";
  json::write_string(encode_continue({ContinueToken::newest, from.ns, from.name}, with_namespace), out);
  out += R"(},"status":"Failure","message":)";
  json::write_string(
      "The provided continue parameter is too old to display a consistent list result. You can start a new list "
      "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
      "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
      "modified, or deleted between the time the first chunk was returned and now may show up in the list.",
      out);
  return json_answer(410, out + R"(,"reason":"Expired","code":410})");
}

Answer rendered(const Call& call, const Selected& selected) {
  Answer answer;
  answer.bytes = std::make_shared<const std::string>(
      encode_for(call.format, render_list(call, selected.objects, selected.meta), answer.content_type));
  answer.raw = true;
  return answer;
}

// One name can match: no list is read for it.
Handled<> list_one(Call& call, const Selection& selection, std::string name) {
  Selected selected;
  selected.meta.resource_version = std::to_string(call.deps.store.revision());
  auto found = call.deps.store.get(key_of(*call.resource, selection.ns(), name));
  if (found) {
    auto bytes = co_await served_bytes(call, *found);
    if (!bytes) co_return fail_with(std::move(bytes.error()));
    selected.objects.push_back(std::move(*bytes));
  }
  co_return rendered(call, selected);
}

}  // namespace

Handled<> handle_list(Call& call) {
  auto options = read_list_options(call, Listing::list);
  if (!options) co_return fail_with(std::move(options.error()));
  auto selection = Selection::read(call);
  if (!selection) co_return fail_with(std::move(selection.error()));
  bool with_namespace = call.resource->namespaced && selection->ns().empty();
  ContinueToken from;
  if (!options->continue_token.empty()) {
    auto decoded = decode_continue(options->continue_token, with_namespace);
    if (!decoded) co_return fail_with(std::move(decoded.error()));
    from = std::move(*decoded);
  }
  storage::Revision current = call.deps.store.revision();
  if (options->revision > current) co_return fail_with(too_large_version(options->revision, current));
  if (std::string name; selection->by_name_only(name)) co_return co_await list_one(call, *selection, name);

  storage::Revision wanted = current;
  if (from.revision != 0 && from.revision != ContinueToken::newest) wanted = from.revision;
  // With a limit the real server takes the version as exact too, unless it is told otherwise.
  bool exactly = options->resource_version_match == "Exact" ||
                 (options->resource_version_match.empty() && options->limit > 0 && options->revision > 0);
  if (exactly) wanted = options->revision;

  Source source{call, *selection, wanted};
  std::vector<storage::Object> earlier;
  if (wanted < current) {
    auto read = co_await snapshot(call.deps.store, call.resource->collection, selection->ns(), wanted);
    if (!read && !options->continue_token.empty()) co_return token_expired(from, with_namespace);
    if (!read) co_return fail_with(kube::gone("The resourceVersion for the provided list is too old."));
    earlier = std::move(*read);
    source.earlier = &earlier;
  }
  auto selected = co_await select(source, options->limit, from);
  if (!selected) co_return fail_with(std::move(selected.error()));
  bool plain =
      call.format.form == Format::Form::object && call.format.encoding == Format::Encoding::json && !call.format.pretty;
  // Who can unpack it gets it whole and packed.
  bool packs = accepts_gzip(call.http.headers.get("Accept-Encoding"));
  if (plain && !packs && size_of(selected->objects) > kStreamAbove)
    co_return co_await stream_list(call, std::move(*selected));
  co_return rendered(call, *selected);
}

}  // namespace gatepost::apiserver
