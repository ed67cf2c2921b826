// A whole API server in memory without a network: requests go into dispatch(), answers are kept as bytes.
#pragma once

#include <gmock/gmock.h>

#include "admission/admission.h"
#include "apiserver/addresses.h"
#include "apiserver/audit/recorder.h"
#include "apiserver/controllers/controllers.h"
#include "apiserver/custom/conversion.h"
#include "apiserver/custom/definitions.h"
#include "apiserver/dispatch.h"
#include "apiserver/kept_answer.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/loop.h"

namespace gatepost::apiserver {

// Lines of an audit log, kept.
class KeptLog final : public audit::Log {
 public:
  explicit KeptLog(std::vector<std::string>& lines) : lines_(lines) {}
  void write(std::string line) override { lines_.push_back(std::move(line)); }

 private:
  std::vector<std::string>& lines_;
};

class ServerFixture : public testing::Test {
 protected:
  ServerFixture() {
    AuthenticationOptions authentication;
    authentication.extra_tokens_csv = "admin,admin,admin-uid,\"system:masters\"\njane,jane,jane-uid\n";
    authenticator = std::move(*Authenticator::make(std::move(authentication)));
    admission::Dependencies needs{*store, registry};
    admission = admission::Admission::make(std::move(needs));
    converter = std::make_unique<Converter>(admission->targets());
    make_deps(nullptr);
    for (const char* name : {"default", "kube-system"}) create_namespace(name);
  }

  void make_deps(const audit::Recorder* recorder) {
    deps.reset(new Deps{*store, registry, *admission, *authenticator, *authorizer, *addresses, definitions, *converter,
                        [this] { return now; }, "127.0.0.1:6443", recorder});
  }

  void create_namespace(const std::string& name) {
    ask("POST", "/api/v1/namespaces", R"({"metadata":{"name":")" + name + R"("}})");
  }

  // The answer to one request; "code body" is what most tests look at.
  KeptAnswer request(std::string method, std::string target, std::string body, std::string type = "application/json",
                     std::string token = "admin") {
    net::http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.headers.add("Authorization", "Bearer " + token);
    request.headers.add("Content-Type", type);
    request.headers.add("User-Agent", "test");
    net::http::Peer peer{"127.0.0.1:40000", {}};
    KeptAnswer answer;
    loop.run(dispatch(*deps, request, peer, answer));
    return answer;
  }

  json::Value ask(std::string method, std::string target, std::string body = {},
                  std::string type = "application/json") {
    KeptAnswer answer = request(std::move(method), std::move(target), std::move(body), std::move(type));
    code = answer.status;
    auto parsed = json::parse(answer.body, json::Storage());
    return parsed ? std::move(*parsed) : json::Value();
  }

  // What a refusal says: "409 Operation cannot be fulfilled ...", or "201" when there is no message.
  std::string say(std::string method, std::string target, std::string body = {},
                  std::string type = "application/json") {
    json::Value answer = ask(std::move(method), std::move(target), std::move(body), std::move(type));
    std::string message(json::string_at(answer, {"message"}));
    return std::to_string(code) + (message.empty() ? "" : " " + message);
  }

  static std::string text(const json::Value& object, std::initializer_list<std::string_view> path) {
    return std::string(json::string_at(object, path));
  }

  // Lets the controllers work until nothing changes any more.
  void settle() {
    storage::Revision before;
    do {
      before = store->revision();
      for (int turn = 0; turn < 50; ++turn) loop.run(net::yield());
    } while (store->revision() != before);
  }

  net::Loop loop;
  std::unique_ptr<storage::Storage> store = *storage::open({":memory:"});
  WallTime now = *parse_rfc3339("2026-11-25T10:00:00Z");
  std::shared_ptr<kube::LiveRegistry> registry = std::make_shared<kube::LiveRegistry>(kube::Registry::builtin());
  Definitions definitions{*store, registry, [this] { return now; }};
  std::unique_ptr<Authorizer> authorizer = Authorizer::make(*store);
  std::unique_ptr<AddressAllocator> addresses = AddressAllocator::make(*store);
  std::unique_ptr<Authenticator> authenticator;
  std::unique_ptr<admission::Admission> admission;
  std::unique_ptr<Converter> converter;
  std::unique_ptr<const Deps> deps;
  int code = 0;
};

}  // namespace gatepost::apiserver
