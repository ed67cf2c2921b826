#include "simulate/errand.h"

#include "apiserver/controllers/agent.h"
#include "apiserver/handlers.h"
#include "json/write.h"
#include "simulate/request.h"

namespace gatepost::simulate {
namespace {

// Nobody listens to the answer.
class NoWriter final : public net::http::ResponseWriter {
 public:
  net::Task<net::NetResult<void>> send(int, net::http::Headers, std::string_view) override {
    co_return net::NetResult<void>{};
  }
  net::Task<net::NetResult<void>> start(int, net::http::Headers) override { co_return net::NetResult<void>{}; }
  net::Task<net::NetResult<void>> write(std::string_view) override { co_return net::NetResult<void>{}; }
  bool client_gone() const override { return false; }
  void on_client_gone(std::function<void()>) override {}
  std::unique_ptr<net::ByteStream> hijack(std::string*) override { return nullptr; }
};

// A request and all that a Call refers to.
struct Errand {
  Errand(const apiserver::Deps& deps, const storage::Key& key, const std::string& subresource, const std::string& user)
      : call{deps, request, peer, writer} {
    call.registry = deps.registry->snapshot();
    call.resource = apiserver::stored_resource(*call.registry, key.collection);
    if (!call.resource) return;
    call.info.is_resource = true;
    call.info.group = call.resource->group;
    call.info.version = call.resource->version;
    call.info.resource = call.resource->resource;
    call.info.subresource = subresource;
    call.info.ns = key.ns;
    call.info.name = key.name;
    if (!subresource.empty()) call.subresource = call.resource->subresource(subresource);
    call.user = user_of(user);
    call.arena = json::make_arena(16 * 1024);
    constexpr auto most = std::chrono::seconds(34);
    call.deadline = std::chrono::steady_clock::now() + most;
  }
  void body(std::string bytes, std::string_view type) {
    request.body = std::move(bytes);
    request.headers.add("Content-Type", type);
  }
  net::http::Request request;
  net::http::Peer peer;
  NoWriter writer;
  apiserver::Call call;
};

std::string agent_of(const std::string& user) {
  const std::size_t colon = user.rfind(':');
  if (user.starts_with("system:serviceaccount:")) return "kube-controller-manager";
  if (user.starts_with("system:node:")) return "kubelet";
  return colon == std::string::npos ? user : user.substr(colon + 1);
}

}  // namespace

net::Task<kube::ApiResult<void>> send(const apiserver::Deps* deps, Write write) {
  Errand errand(*deps, {write.collection, write.ns, write.name}, write.subresource, write.user);
  apiserver::Call& call = errand.call;
  if (!call.resource) co_return fail_with(kube::not_found("", write.collection, write.name));
  errand.request.headers.add("User-Agent", agent_of(write.user));
  if (write.verb != Write::Verb::remove) errand.body(json::write(write.object), "application/json");
  kube::ApiResult<apiserver::Answer> answer;
  switch (write.verb) {
    case Write::Verb::create:
      call.info.verb = "create";
      errand.request.method = "POST";
      if (write.subresource.empty()) {
        call.info.name.clear();
        answer = co_await apiserver::handle_create(call);
      } else {
        answer = co_await apiserver::handle_subresource(call);
      }
      break;
    case Write::Verb::update:
      call.info.verb = "update";
      errand.request.method = "PUT";
      answer = co_await apiserver::handle_update(call);
      break;
    case Write::Verb::remove:
      call.info.verb = "delete";
      errand.request.method = "DELETE";
      if (write.grace_seconds)
        errand.body(R"({"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":)" +
                        std::to_string(*write.grace_seconds) + "}",
                    "application/json");
      answer = co_await apiserver::handle_delete(call);
      break;
  }
  if (!answer) co_return fail_with(std::move(answer.error()));
  co_return kube::ApiResult<void>{};
}

net::Task<kube::ApiResult<void>> send_patch(const apiserver::Deps* deps, storage::Key key, std::string patch,
                                            std::string user) {
  Errand errand(*deps, key, "", user);
  if (!errand.call.resource) co_return fail_with(kube::not_found("", key.collection, key.name));
  errand.call.info.verb = "patch";
  errand.request.method = "PATCH";
  errand.request.headers.add("User-Agent", agent_of(user));
  errand.body(std::move(patch), "application/merge-patch+json");
  auto answer = co_await apiserver::handle_patch(errand.call);
  if (!answer) co_return fail_with(std::move(answer.error()));
  co_return kube::ApiResult<void>{};
}

}  // namespace gatepost::simulate
