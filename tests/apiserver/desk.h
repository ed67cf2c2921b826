// A server without sockets: requests in, answers out, on a store in memory. What the tests of whole requests stand on.
#pragma once

#include <gtest/gtest.h>
#include <string>

#include "admission/admission.h"
#include "apiserver/addresses.h"
#include "apiserver/bootstrap.h"
#include "apiserver/custom/conversion.h"
#include "apiserver/custom/definitions.h"
#include "apiserver/dispatch.h"
#include "apiserver/kept_answer.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/loop.h"

namespace gatepost::apiserver::testing {

struct Told {
  int status = 0;
  net::http::Headers headers;
  std::string body;
  json::Value json() const {
    auto parsed = json::parse(body, json::Storage());
    return parsed ? *parsed : json::Value();
  }
  std::string message() const { return std::string(json::string_at(json(), {"message"})); }
  // "403 the message", or "200".
  std::string verdict() const { return std::to_string(status) + (status < 400 ? "" : " " + message()); }
};

class Desk {
 public:
  Desk() {
    store_ = std::move(*storage::open({":memory:"}));
    registry_ = std::make_shared<kube::LiveRegistry>(kube::Registry::builtin());
    definitions_ = std::make_unique<Definitions>(*store_, registry_, [this] { return now; });
    admission_ = admission::Admission::make({*store_, registry_});
    converter_ = std::make_unique<Converter>(admission_->targets());
    authenticator_ = std::move(*Authenticator::make({"", "admin,admin,1,system:masters\njane,jane,2\n", ""}));
    authorizer_ = Authorizer::make(*store_);
    addresses_ = AddressAllocator::make(*store_);
    auto made = loop.run(bootstrap(*store_, registry_, "127.0.0.1:6443"));
    if (!made) throw std::runtime_error(made.error().text);
  }
  ~Desk() {
    converter_.reset();
    admission_.reset();
    loop.run(store_->close());
  }

  Told ask(const std::string& method, const std::string& target, const std::string& body = "",
           net::http::Headers headers = {}) {
    net::http::Request request{method, target, std::move(headers), body};
    if (!request.headers.has("Authorization")) request.headers.add("Authorization", "Bearer admin");
    if (!body.empty() && !request.headers.has("Content-Type")) request.headers.add("Content-Type", "application/json");
    Deps deps{*store_,     registry_,     *admission_, *authenticator_,        *authorizer_,
              *addresses_, *definitions_, *converter_, [this] { return now; }, "127.0.0.1:6443"};
    net::http::Peer peer{"127.0.0.1:50000", {}};
    KeptAnswer answer;
    loop.run(dispatch(deps, request, peer, answer));
    return {answer.status, std::move(answer.headers), std::move(answer.body)};
  }
  Told get(const std::string& target, net::http::Headers headers = {}) {
    return ask("GET", target, "", std::move(headers));
  }
  // Creates what must be accepted.
  void create(const std::string& collection, const std::string& object) {
    Told told = ask("POST", collection, object);
    ASSERT_EQ(told.status, 201) << told.body;
  }

  // Stores bytes as they are, past all that a request goes through.
  void put(const std::string& collection, const std::string& ns, const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(loop.run(store_->create({collection, ns, name}, [bytes](storage::Revision) { return bytes; })));
  }

  net::Loop loop;
  WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

 private:
  std::unique_ptr<storage::Storage> store_;
  std::shared_ptr<kube::LiveRegistry> registry_;
  std::unique_ptr<Definitions> definitions_;
  std::unique_ptr<admission::Admission> admission_;
  std::unique_ptr<Converter> converter_;
  std::unique_ptr<Authenticator> authenticator_;
  std::unique_ptr<Authorizer> authorizer_;
  std::unique_ptr<AddressAllocator> addresses_;
};

}  // namespace gatepost::apiserver::testing
