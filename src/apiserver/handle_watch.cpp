#include <charconv>

#include "apiserver/handlers.h"
#include "apiserver/render.h"
#include "apiserver/selection.h"
#include "apiserver/stored.h"
#include "base/random.h"

namespace gatepost::apiserver {
namespace {

struct WatchOptions {
  storage::Revision from = 0;
  bool send_initial = false;      // the present state first, as ADDED
  bool mark_initial_end = false;  // sendInitialEvents: a bookmark behind them
  bool bookmarks = false;
  net::SteadyTime until{};
};

kube::ApiResult<std::uint64_t> number(std::string_view name, std::string_view text) {
  std::uint64_t value = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size())
    return fail_with(kube::bad_request("invalid " + std::string(name) + " \"" + std::string(text) + "\""));
  return value;
}

kube::ApiResult<WatchOptions> read_options(const Call& call) {
  WatchOptions options;
  const Query& query = call.info.query;
  std::string_view version = query.get("resourceVersion");
  if (!version.empty()) {
    auto from = number("resourceVersion", version);
    if (!from) return fail_with(std::move(from.error()));
    options.from = *from;
  }
  options.bookmarks = query.flag("allowWatchBookmarks");
  bool initial_events = query.flag("sendInitialEvents");
  options.send_initial = initial_events || (options.from == 0 && !query.has("sendInitialEvents"));
  options.mark_initial_end = initial_events;
  // kube-apiserver ends a watch after a random time between its --min-request-timeout (1800 s) and twice that.
  std::uint64_t seconds = 1800 + static_cast<std::uint64_t>(std::hash<std::string>{}(random_uuid()) % 1800);
  if (std::string_view text = query.get("timeoutSeconds"); !text.empty()) {
    auto given = number("timeoutSeconds", text);
    if (!given) return fail_with(std::move(given.error()));
    if (*given > 0) seconds = *given;
  }
  options.until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  return options;
}

// Prints events for one client, in its version and form. The bytes of the store are not copied more than once.
class EventPrinter {
 public:
  explicit EventPrinter(const Call& call) : call_(call) {}

  std::string event(std::string_view type, std::string_view object) {
    std::string out = "{\"type\":\"";
    out.append(type).append("\",\"object\":");
    if (call_.format.form == Format::Form::table) {
      out += render_table(*call_.resource, {object}, {}, include_object(call_.info.query), call_.deps.now(), first_);
      first_ = false;
    } else if (call_.format.form == Format::Form::partial) {
      out += render_partial(object);
    } else {
      out += object;
    }
    return out += "}\n";
  }

  std::string bookmark(storage::Revision revision, bool initial_end) const {
    const kube::ResourceInfo& resource = *call_.resource;
    std::string out = "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"" + resource.kind + "\",\"apiVersion\":\"" +
                      kube::api_version(resource.group, resource.version) + "\",\"metadata\":{\"resourceVersion\":\"" +
                      std::to_string(revision) + "\",\"creationTimestamp\":null";
    if (initial_end) out += ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}";
    return out + "}}}\n";
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

}  // namespace

Handled<> handle_watch(Call& call) {
  auto selection = Selection::read(call);
  if (!selection) co_return fail_with(std::move(selection.error()));
  auto options = read_options(call);
  if (!options) co_return fail_with(std::move(options.error()));

  storage::Page initial;
  storage::Revision from = options->from;
  if (options->send_initial) {
    storage::ListOptions scope;
    scope.ns = selection->ns();
    initial = call.deps.store.list(call.resource->collection, scope);
    from = initial.revision;
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
  if (!watch) {
    // The history is asked for after the head of the answer was promised, so the refusal is an event, as in Kubernetes.
    kube::Status status = status_of(watch.error(), *call.resource, "");
    std::string error_event = "{\"type\":\"ERROR\",\"object\":" + kube::to_json(status) + "}\n";
    (void)co_await call.writer.write(error_event);
    co_return done;
  }
  EventPrinter printer(call);
  std::string buffer;
  for (const storage::Object& object : initial.objects) {
    auto bytes = co_await served_bytes(call, object);
    if (!bytes || !selection->matches(object.key, **bytes)) continue;
    buffer += printer.event("ADDED", **bytes);
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
  constexpr auto bookmark_interval = std::chrono::seconds(60);
  storage::Revision told = from;
  while (!call.writer.client_gone()) {
    net::SteadyTime wake = std::min(options->until, std::chrono::steady_clock::now() + bookmark_interval);
    bool timed_out = false;
    auto next = co_await events.next_until(wake, &timed_out);
    std::string line;
    if (timed_out) {
      if (std::chrono::steady_clock::now() >= options->until) break;
      if (!options->bookmarks || events.revision() == told) continue;
      told = events.revision();
      line = printer.bookmark(told, false);
    } else if (!next) {
      line = "{\"type\":\"ERROR\",\"object\":" + kube::to_json(status_of(next.error(), *call.resource, "")) + "}\n";
      (void)co_await call.writer.write(line);
      break;
    } else if (!*next) {
      break;
    } else {
      const storage::Event& event = **next;
      auto bytes = co_await served_bytes(call, event.object);
      if (!bytes) continue;
      std::string_view type = seen_as(event, **bytes, *selection);
      if (type.empty()) continue;
      line = printer.event(type, **bytes);
      told = event.object.revision;
    }
    if (!co_await call.writer.write(line)) break;
  }
  call.writer.on_client_gone(nullptr);
  co_return done;
}

}  // namespace gatepost::apiserver
