// A store, a backend that answers as it is told, and an Admission between them, all on one loop: what the tests of
// whole calls stand on.
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "admission/admission.h"
#include "admission/hook.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/http/server.h"
#include "net/loop.h"

namespace gatepost::admission::testing {

// What a path of the backend does. {{uid}} in the body is the request's uid.
struct Reply {
  std::string response;  // the members of the review's `response` beside uid: R"("allowed":true)"
  std::string body;      // instead: the whole body
  int status = 200;
  std::chrono::milliseconds delay{0};
  std::vector<std::pair<std::string, std::string>> headers;
};

inline json::Value parsed(std::string_view text) {
  auto value = json::parse(text, json::Storage());
  if (!value) throw std::runtime_error(std::string(text) + ": " + value.error().text);
  return *value;
}

class World {
 public:
  World() {
    store = std::move(*storage::open({":memory:"}));
    net::http::ServerOptions options;
    server_ = std::move(*net::http::Server::listen(
        options,
        [this](net::http::Request& request, const net::http::Peer&,
               net::http::ResponseWriter& writer) -> net::Task<void> { return answer(this, request, writer); }));
    loop.spawn(server_->run());
    put("/namespaces", "", "team", R"({"metadata":{"name":"team","labels":{"stage":"test"}}})");
  }
  ~World() {
    admission.reset();
    loop.run(stop(server_.get()));
    loop.run(store->close());
  }

  // Stores an object; the first time or over what is there.
  void put(const std::string& collection, const std::string& ns, const std::string& name, const std::string& bytes) {
    storage::Key key{collection, ns, name};
    auto encode = [bytes](storage::Revision) { return bytes; };
    if (auto present = store->get(key))
      ASSERT_TRUE(loop.run(store->update(key, present->revision, encode)));
    else
      ASSERT_TRUE(loop.run(store->create(key, encode)));
  }

  void remove(const std::string& collection, const std::string& ns, const std::string& name) {
    storage::Key key{collection, ns, name};
    ASSERT_TRUE(loop.run(store->remove(key, store->get(key)->revision, [](storage::Revision) { return "{}"; })));
  }

  // A configuration `name` with webhooks; each is an object without name, rules and clientConfig, which are added where
  // they are missing: the name is its path at the backend, the rules are those of creating ConfigMaps.
  void configure(HookType type, const std::string& name,
                 std::initializer_list<std::pair<std::string, std::string>> hooks) {
    json::Array webhooks;
    for (const auto& [path, members] : hooks) {
      json::Object webhook = parsed(members).get_object();
      const auto add = [&](const char* key, const std::string& value) {
        if (!webhook.contains(key)) webhook[key] = parsed(value);
      };
      add("name", "\"" + path + ".test.io\"");
      add("admissionReviewVersions", R"(["v1"])");
      add("sideEffects", "\"None\"");
      add("rules",
          R"([{"operations":["*"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps","namespaces"]}])");
      add("clientConfig", "{\"url\":\"http://" + server_->address() + "/" + path + "\"}");
      webhooks.push_back(std::move(webhook));
    }
    json::Value configuration = {{"metadata", {{"name", name}}}, {"webhooks", std::move(webhooks)}};
    put(type == HookType::mutating ? "admissionregistration.k8s.io/mutatingwebhookconfigurations"
                                   : "admissionregistration.k8s.io/validatingwebhookconfigurations",
        "", name, json::write(configuration));
  }

  // The creation of a ConfigMap in the namespace `team`.
  static Attributes create(const std::string& object =
                               R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","namespace":"team"}})") {
    Attributes out;
    out.kind = {"", "v1", "ConfigMap"};
    out.resource = {"", "v1", "configmaps"};
    out.ns = "team";
    out.name = "m";
    out.object = parsed(object);
    out.user.name = "jane";
    return out;
  }

  kube::ApiResult<void> run(HookType type, Attributes& attributes,
                            std::chrono::milliseconds budget = std::chrono::seconds(30)) {
    if (!admission) {
      Dependencies dependencies{*store, kube::Registry::builtin()};
      dependencies.log = [this](klog::Severity, std::string_view where, std::string_view message) {
        log.push_back(std::string(where) + " " + std::string(message));
      };
      dependencies.own_address = "127.0.0.1:1";
      admission = Admission::make(std::move(dependencies));
    }
    auto deadline = std::chrono::steady_clock::now() + budget;
    return loop.run(type == HookType::mutating ? admission->mutate(attributes, deadline, trail)
                                               : admission->validate(attributes, deadline, trail));
  }

  // "ok", or code and message of the answer.
  std::string told(HookType type, Attributes attributes, std::chrono::milliseconds budget = std::chrono::seconds(30)) {
    auto result = run(type, attributes, budget);
    return result ? "ok" : std::to_string(result.error().code) + " " + replaced(result.error().message);
  }

  // The paths that were called, in order.
  std::vector<std::string> paths() const {
    std::vector<std::string> out;
    for (const auto& [target, body] : received) out.push_back(target.substr(1, target.find('?') - 1));
    return out;
  }

  // The backend's address as BACKEND.
  std::string replaced(std::string text) const {
    std::string address = server_->address();
    for (std::size_t at; (at = text.find(address)) != std::string::npos;) text.replace(at, address.size(), "BACKEND");
    return text;
  }
  std::string address() const { return server_->address(); }

  net::Loop loop;
  std::unique_ptr<storage::Storage> store;
  std::unique_ptr<Admission> admission;
  std::map<std::string, std::vector<Reply>> replies;          // by path; the last one stays; none: allowed
  std::vector<std::pair<std::string, std::string>> received;  // target and body
  std::vector<std::string> log;
  Trail trail;

 private:
  static net::Task<void> stop(net::http::Server* server) {
    server->stop();
    co_await net::yield();
    while (server->connections() > 0) co_await net::sleep_for(std::chrono::milliseconds(1));
    co_await net::yield();
  }

  static net::Task<void> answer(World* world, net::http::Request& request, net::http::ResponseWriter& writer) {
    world->received.emplace_back(request.target, request.body);
    std::string path = request.target.substr(1, request.target.find('?') - 1);
    std::vector<Reply>& replies = world->replies[path];
    Reply reply = replies.empty() ? Reply{"\"allowed\":true"} : replies.front();
    if (replies.size() > 1) replies.erase(replies.begin());
    if (reply.delay.count()) co_await net::sleep_for(reply.delay);
    json::Value review = parsed(request.body);
    std::string body = reply.body;
    if (!reply.response.empty())
      body = "{\"apiVersion\":\"" + std::string(json::string_at(review, {"apiVersion"})) +
             "\",\"kind\":\"AdmissionReview\",\"response\":{\"uid\":\"{{uid}}\"," + reply.response + "}}";
    if (std::size_t at = body.find("{{uid}}"); at != std::string::npos)
      body.replace(at, 7, json::string_at(review, {"request", "uid"}));
    net::http::Headers headers;
    headers.add("Content-Type", "application/json");
    for (const auto& [name, value] : reply.headers) headers.add(name, value);
    (void)co_await writer.send(reply.status, std::move(headers), body);
  }

  std::unique_ptr<net::http::Server> server_;
};

}  // namespace gatepost::admission::testing
