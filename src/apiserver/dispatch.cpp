#include "apiserver/dispatch.h"

#include <algorithm>

#include "apiserver/audit/session.h"
#include "apiserver/audit/writer.h"
#include "apiserver/custom/definitions.h"
#include "apiserver/handlers.h"
#include "apiserver/paths.h"
#include "apiserver/proxy.h"
#include "apiserver/render.h"
#include "apiserver/warnings.h"
#include "base/random.h"
#include "json/arena.h"
#include "net/http/gzip.h"

namespace gatepost::apiserver {
namespace {

kube::Status no_such_resource() {
  kube::Status status = kube::not_found("", "", "");
  status.message = "the server could not find the requested resource";
  status.has_details = true;
  return status;
}

kube::Status method_not_allowed() {
  kube::Status status = kube::method_not_supported("", "", "");
  status.message = "the server does not allow this method on the requested resource";
  status.has_details = true;
  return status;
}

Answer not_found_page() {
  Answer answer;
  answer.status = 404;
  answer.raw = true;
  answer.content_type = "text/plain; charset=utf-8";
  answer.bytes = std::make_shared<const std::string>("404 page not found\n");
  return answer;
}

// Any of these headers asks to act as somebody else; one without a user is refused, never ignored.
bool wants_impersonation(const net::http::Headers& headers) {
  constexpr std::string_view prefix = "impersonate-";
  for (const auto [name, value] : headers) {
    bool same = name.size() >= prefix.size() &&
                std::equal(prefix.begin(), prefix.end(), name.begin(),
                           [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
    if (same) return true;
  }
  return false;
}

// What kube-apiserver's deadline filter answers when a request has used up its time: a Status without its own kind.
Answer timed_out() {
  return json_answer(
      504, R"({"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted )"
           R"(timeout","reason":"Timeout","details":{},"code":504})");
}

bool out_of_time(const Call& call) {
  return call.deadline != net::SteadyTime{} && std::chrono::steady_clock::now() >= call.deadline;
}

// kube-apiserver packs answers beyond this size, for whom can unpack them.
constexpr std::size_t gzip_threshold = 128 * 1024;

// Which handler a verb on a resource has. Null: the resource does not offer it.
using Handler = Handled<> (*)(Call&);

Handler handler_of(const Call& call) {
  const std::string& verb = call.info.verb;
  bool is_status = call.info.subresource == "status";
  if (!call.info.subresource.empty() && !is_status) return handle_subresource;
  if (!is_status && !call.resource->has_verb("get") && verb == "create") return handle_virtual;
  const auto& offered = is_status ? call.subresource->verbs : call.resource->verbs;
  bool offers = std::find(offered.begin(), offered.end(), verb) != offered.end();
  // Discovery hides the writes of objects whose definition is going away; they are served all the same.
  bool terminating = call.resource->definition && call.resource->definition->terminating;
  if (terminating && !is_status && (verb == "create" || verb == "update" || verb == "patch")) offers = true;
  if (!offers) return nullptr;
  if (call.info.name.empty() && (verb == "update" || verb == "patch")) return nullptr;
  if (verb == "create") return call.info.name.empty() ? handle_create : nullptr;
  if (verb == "get") return handle_get;
  if (verb == "list") return handle_list;
  if (verb == "watch") return handle_watch;
  if (call.info.name.empty() && (verb == "update" || verb == "patch")) return nullptr;
  if (verb == "update") return handle_update;
  if (verb == "patch") return handle_patch;
  if (verb == "delete") return handle_delete;
  if (verb == "deletecollection") return handle_deletecollection;
  return nullptr;
}

// Kinds that are on their way out (APILifecycleDeprecated in k8s.io/api); every request for them is told so.
struct Deprecated {
  std::string_view resource, warning;
};
constexpr Deprecated deprecated_in_core[] = {
    {"endpoints", "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"},
    {"componentstatuses", "v1 ComponentStatus is deprecated in v1.19+"},
};

void warn_of_deprecation(Call& call) {
  if (const kube::crd::Version* version = call.resource->version_of_definition; version && version->deprecated)
    call.trail.warnings.push_back(version->deprecation_warning);
  if (!call.resource->group.empty()) return;
  for (const Deprecated& row : deprecated_in_core)
    if (call.resource->resource == row.resource) call.trail.warnings.emplace_back(row.warning);
}

// Whether the request may have changed what custom resources there are: a write of a definition, or of an object whose
// definition waits for its last one to go.
bool changes_definitions(const Call& call) {
  const std::string& verb = call.info.verb;
  if (verb == "get" || verb == "list" || verb == "watch") return false;
  const kube::ResourceInfo& resource = *call.resource;
  return resource.collection == kube::crd::collection || (resource.definition && resource.definition->terminating);
}

Handled<> handle_resource(Call& call) {
  call.registry = call.deps.registry->snapshot();
  const kube::Registry& registry = *call.registry;
  call.resource = registry.find(call.info.group, call.info.version, call.info.resource);
  if (!call.resource) {
    if (!registry.has_version(call.info.group, call.info.version)) co_return not_found_page();
    co_return fail_with(no_such_resource());
  }
  if (!call.info.subresource.empty()) {
    call.subresource = call.resource->subresource(call.info.subresource);
    if (!call.subresource) co_return fail_with(no_such_resource());
  }
  warn_of_deprecation(call);
  if (is_proxy(call)) co_return co_await handle_proxy(call);
  if (call.info.in_namespace && !call.resource->namespaced) co_return fail_with(no_such_resource());
  bool lists_all = call.info.verb == "list" || call.info.verb == "watch";
  // Over all namespaces objects are only listed; no path names one of them.
  if (call.resource->namespaced && call.info.ns.empty() && !lists_all)
    co_return fail_with(call.info.name.empty() ? method_not_allowed() : no_such_resource());
  if (call.resource->definition && call.resource->definition->terminating && call.info.verb == "create")
    co_return fail_with(kube::forbidden(call.resource->group, call.resource->resource, call.info.name,
                                        "create not allowed while custom resource definition is terminating"));
  Handler handler = handler_of(call);
  if (!handler) co_return fail_with(method_not_allowed());
  auto answered = co_await handler(call);
  if (changes_definitions(call)) co_await call.deps.definitions.settle();
  co_return answered;
}

Handled<> answer(Call& call, audit::Session& session) {
  call.info = read_request_info(call.http.method, call.http.target);
  auto user = call.deps.authenticator.authenticate(call.http, call.peer);
  if (!user) {
    session.not_authenticated(call);
    co_return fail_with(std::move(user.error()));
  }
  call.user = std::move(*user);
  session.begin(call);
  if (wants_impersonation(call.http.headers)) {
    auto other = call.deps.authorizer.impersonate(std::move(call.user), call.http.headers);
    if (!other) co_return fail_with(std::move(other.error()));
    call.user = std::move(*other);
    session.impersonated(call.user);
  }
  auto asked = session.record() ? std::chrono::steady_clock::now() : net::SteadyTime{};
  auto allowed = call.deps.authorizer.authorize(call.user, call.info);
  session.spent("authorization", asked);
  if (!allowed) {
    session.forbidden();
    co_return fail_with(std::move(allowed.error()));
  }
  session.authorized(*allowed);
  session.take_body(call);
  if (!call.info.is_resource) {
    auto found = co_await handle_path(call);
    if (!found) co_return fail_with(std::move(found.error()));
    co_return found->has_value() ? std::move(**found) : not_found_page();
  }
  auto deadline = request_deadline(call.info, std::chrono::steady_clock::now());
  if (!deadline) co_return fail_with(std::move(deadline.error()));
  call.deadline = *deadline;
  auto format =
      negotiate(call.http.headers.get("Accept"), call.http.headers.get("User-Agent"), call.info.query.get("pretty"));
  if (!format) co_return fail_with(std::move(format.error()));
  call.format = *format;
  // Reads that take any version, and nothing else, need not know what other servers on the same data have written.
  if (call.info.query.get("resourceVersion") != "0") {
    if (auto caught = co_await call.deps.store.catch_up(call.deadline); !caught)
      co_return fail_with(kube::plain_error(std::move(caught.error().text)));
  }
  co_return co_await handle_resource(call);
}

}  // namespace

Answer json_answer(int status, std::string bytes) {
  Answer answer;
  answer.status = status;
  answer.bytes = std::make_shared<const std::string>(std::move(bytes));
  return answer;
}

net::Task<void> dispatch(const Deps& deps, net::http::Request& request, const net::http::Peer& peer,
                         net::http::ResponseWriter& writer) {
  audit::Session session(deps.recorder, deps.now);
  audit::Writer told(writer, [&session](int status) { session.started(status); });
  json::Arena arena(16 * 1024);
  Call call{deps, request, peer, deps.recorder ? static_cast<net::http::ResponseWriter&>(told) : writer};
  call.arena = arena.storage();
  auto result = co_await answer(call, session);
  net::http::Headers headers;
  Answer final_answer;
  bool sent = result && result->sent;
  if (sent) {
    session.end(call);
    co_return;
  }
  auto rendering = session.record() ? std::chrono::steady_clock::now() : net::SteadyTime{};
  if (out_of_time(call)) {
    final_answer = timed_out();
  } else if (result) {
    final_answer = render_object(call, std::move(*result));
  } else {
    const kube::Status& status = result.error();
    final_answer = json_answer(status.code, kube::to_json(status));
    final_answer = render_object(call, std::move(final_answer));
    if (status.retry_after_seconds > 0) headers.add("Retry-After", std::to_string(status.retry_after_seconds));
  }
  session.spent("serialize-response-object", rendering);
  bool is_json = final_answer.content_type.starts_with("application/json");
  session.answer(final_answer.status, is_json ? std::string_view(*final_answer.bytes) : std::string_view());
  headers.add("Audit-Id", session.record() ? session.record()->id : random_uuid());
  headers.add("Cache-Control", "no-cache, private");
  headers.add("Content-Type", final_answer.content_type);
  add_warnings(call.trail.warnings, headers);
  if (peer.protocol == "h2" && (final_answer.status == 401 || call.user.name == "system:anonymous")) {
    headers.add("Connection", "close");  // kube-apiserver's UnauthenticatedHTTP2DOSMitigation
  }
  auto sending = session.record() ? std::chrono::steady_clock::now() : net::SteadyTime{};
  std::string packed;
  if (final_answer.bytes->size() > gzip_threshold && accepts_gzip(request.headers.get("Accept-Encoding"))) {
    packed = net::http::gzip(*final_answer.bytes, 1);
    headers.add("Content-Encoding", "gzip");
    headers.add("Vary", "Accept-Encoding");
  }
  (void)co_await writer.send(final_answer.status, std::move(headers), packed.empty() ? *final_answer.bytes : packed);
  session.spent("response-write", sending);
  session.end(call);
}

}  // namespace gatepost::apiserver
