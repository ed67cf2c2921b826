// What the expressions of one request may look at, in the version that a
// webhook or policy wants to see.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "admission/attributes.h"
#include "cel/evaluation.h"
#include "json/value.h"

namespace gatepost::admission {

// Null pointers are null values. All outlive the evaluation.
struct Inputs {
  const json::Value* object = nullptr;
  const json::Value* old_object = nullptr;
  const json::Value* request = nullptr;  // see request_value()
  const json::Value* params = nullptr;
  const json::Value* namespace_object = nullptr;
  const Attributes* attributes = nullptr;  // what `authorizer.requestResource` asks for
  cel::Authorizer* authorizer = nullptr;   // null: `authorizer` has no value
};

// Answers what expressions ask of the server's authoriser: may `user` do that?
// Empty: nobody is asked.
using Authorize = std::function<cel::AuthorizationAnswer(const UserInfo& user, const cel::AuthorizationQuestion&)>;

// The authoriser as the expressions of one request see it. Borrows both.
class RequestAuthorizer final : public cel::Authorizer {
 public:
  RequestAuthorizer(const UserInfo& user, const Authorize& authorize) : user_(user), authorize_(authorize) {}
  cel::AuthorizationAnswer check(const cel::AuthorizationQuestion& question) override;

 private:
  const UserInfo& user_;
  const Authorize& authorize_;
};

// The variable `request`: an AdmissionRequest without its objects, with `kind`
// and `resource` as matched. Made when it is first asked for and kept for the
// request.
class RequestValues {
 public:
  explicit RequestValues(const Attributes& attributes) : attributes_(attributes) {}
  const json::Value& get(const Kind& kind, const Resource& resource);

 private:
  struct Made {
    Kind kind;
    Resource resource;
    json::Value value;
  };
  const Attributes& attributes_;
  json::Storage arena_;
  std::vector<std::unique_ptr<Made>> made_;
};

}  // namespace gatepost::admission
