#include <algorithm>

#include "apiserver/handlers.h"
#include "apiserver/list_options.h"
#include "apiserver/metadata.h"
#include "apiserver/render.h"
#include "apiserver/selection.h"
#include "apiserver/stored.h"
#include "base/random.h"
#include "kube/schema/object.h"

namespace gatepost::apiserver {
namespace {

struct WatchOptions {
  storage::Revision from = 0;
  bool send_initial = false;      // the present state first, as ADDED
  bool mark_initial_end = false;  // a bookmark behind them
  bool bookmarks = false;
  net::SteadyTime until{};
};

kube::ApiResult<WatchOptions> read_options(const Call& call) {
  auto asked = read_list_options(call, Listing::watch);
  if (!asked) return fail_with(std::move(asked.error()));
  WatchOptions options;
  options.from = asked->revision;
  options.bookmarks = asked->bookmarks;
  options.send_initial = asked->send_initial_events.value_or(false);
  options.mark_initial_end = options.send_initial && options.bookmarks;
  // kube-apiserver ends a watch after a random time between its --min-request-timeout (1800 s) and twice that.
  std::uint64_t seconds = asked->timeout_seconds;
  if (seconds == 0) seconds = 1800 + static_cast<std::uint64_t>(std::hash<std::string>{}(random_uuid()) % 1800);
  options.until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  return options;
}

// Bookmarks come about once a minute, and once shortly before the end, so that the next watch starts near.
class BookmarkTimes {
 public:
  explicit BookmarkTimes(const WatchOptions& options)
      : wanted_(options.bookmarks), last_(options.until - before_end), next_(following()) {}
  // When to wake for the next one; `until` where there is none.
  net::SteadyTime next(net::SteadyTime until) const { return wanted_ ? std::min(next_, until) : until; }
  bool due() const { return wanted_ && std::chrono::steady_clock::now() >= next_; }
  void sent() { next_ = following(); }

 private:
  static constexpr auto interval = std::chrono::seconds(60), before_end = std::chrono::seconds(2);
  net::SteadyTime following() const {
    auto now = std::chrono::steady_clock::now();
    return now < last_ ? std::min(now + interval, last_) : net::SteadyTime::max();
  }

  bool wanted_;
  net::SteadyTime last_, next_;
};

// Prints events for one client, in its version and form. The bytes of the store are not copied more than once.
class EventPrinter {
 public:
  explicit EventPrinter(const Call& call) : call_(call) {}

  std::string event(std::string_view type, std::string_view object, storage::Revision revision) {
    std::string out = "{\"type\":\"";
    out.append(type).append("\",\"object\":");
    if (call_.format.form == Format::Form::table) {
      ListMeta meta;
      meta.resource_version = std::to_string(revision);
      out += render_table(*call_.resource, {object}, meta, include_object(call_.info.query), call_.deps.now(), first_);
      first_ = false;
    } else if (call_.format.form == Format::Form::partial) {
      out += render_partial(object);
    } else {
      out += object;
    }
    return out += "}\n";
  }

  // An object of the kind with nothing but the revision.
  std::string bookmark(storage::Revision revision, bool initial_end) {
    const kube::ResourceInfo& resource = *call_.resource;
    json::Storage arena = json::make_arena();
    json::Value object(json::Object(arena), arena);
    json::Object& fields = object.get_object();
    fields["kind"] = resource.kind;
    fields["apiVersion"] = kube::api_version(resource.group, resource.version);
    json::Object& metadata = metadata_of(object);
    metadata["resourceVersion"] = std::to_string(revision);
    if (initial_end) metadata["annotations"] = json::Object({{"k8s.io/initial-events-end", "true"}}, arena);
    (void)kube::decode(object, {resource.group, resource.version, resource.kind}, kube::FieldValidation::ignore);
    return event("BOOKMARK", encode(std::as_const(object)), revision);
  }

 private:
  const Call& call_;
  bool first_ = true;
};

// What a change looks like to a client that sees only what `selection` lets through.
std::string_view seen_as(const storage::Event& event, const std::string& served, const Selection& selection) {
  bool now = event.type != storage::EventType::removed && selection.matches(event.object.key, served);
  bool before =
      event.type != storage::EventType::added && event.previous && selection.matches(event.object.key, *event.previous);
  if (now) return before ? "MODIFIED" : "ADDED";
  return before ? "DELETED" : "";
}

std::string error_event(const kube::Status& status) {
  return "{\"type\":\"ERROR\",\"object\":" + kube::to_json(status) + "}\n";
}

}  // namespace

Handled<> handle_watch(Call& call) {
  auto options = read_options(call);
  if (!options) co_return fail_with(std::move(options.error()));
  auto selection = Selection::read(call);
  if (!selection) co_return fail_with(std::move(selection.error()));

  storage::Page initial;
  storage::Revision from = options->from, current = call.deps.store.revision();
  bool too_early = options->send_initial && from > current;
  if (options->send_initial) {
    storage::ListOptions scope;
    scope.ns = selection->ns();
    initial = call.deps.store.list(call.resource->collection, scope);
    from = initial.revision;
  } else if (from == 0) {
    from = current;
  }
  auto watch = call.deps.store.watch(call.resource->collection, selection->ns(), from);
  net::http::Headers headers;
  headers.add("Content-Type", "application/json");
  headers.add("Cache-Control", "no-cache, private");
  if (auto started = co_await call.writer.start(200, std::move(headers)); !started) {
    Answer gone;
    gone.sent = true;
    co_return gone;
  }
  Answer done;
  done.sent = true;
  if (too_early || !watch) {
    // The history is asked for after the head of the answer was promised, so the refusal is an event, as in Kubernetes.
    std::string refusal = error_event(too_early ? too_large_version(options->from, current)
                                                : status_of(watch.error(), *call.resource, ""));
    (void)co_await call.writer.write(refusal);
    co_return done;
  }
  EventPrinter printer(call);
  std::string buffer;
  for (const storage::Object& object : initial.objects) {
    auto bytes = co_await served_bytes(call, object);
    if (!bytes || !selection->matches(object.key, **bytes)) continue;
    buffer += printer.event("ADDED", **bytes, object.revision);
    if (buffer.size() > 64 * 1024) {
      if (!co_await call.writer.write(buffer)) co_return done;
      buffer.clear();
    }
  }
  initial = {};
  if (options->mark_initial_end) buffer += printer.bookmark(from, true);
  if (!buffer.empty() && !co_await call.writer.write(buffer)) co_return done;

  storage::Watch& events = **watch;
  call.writer.on_client_gone([&events] { events.cancel(); });
  BookmarkTimes bookmarks(*options);
  while (!call.writer.client_gone() && std::chrono::steady_clock::now() < options->until) {
    std::string line;
    if (bookmarks.due()) {
      bookmarks.sent();
      line = printer.bookmark(events.revision(), false);
      if (!co_await call.writer.write(line)) break;
    }
    bool timed_out = false;
    auto next = co_await events.next_until(bookmarks.next(options->until), &timed_out);
    if (timed_out) continue;
    if (!next) {
      line = error_event(status_of(next.error(), *call.resource, ""));
      (void)co_await call.writer.write(line);
      break;
    }
    if (!*next) break;
    const storage::Event& event = **next;
    auto bytes = co_await served_bytes(call, event.object);
    if (!bytes) continue;
    std::string_view type = seen_as(event, **bytes, *selection);
    if (type.empty()) continue;
    line = printer.event(type, **bytes, event.object.revision);
    if (!co_await call.writer.write(line)) break;
  }
  call.writer.on_client_gone(nullptr);
  co_return done;
}

}  // namespace gatepost::apiserver
