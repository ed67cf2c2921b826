// Impersonation: the Impersonate-User, -Group, -Uid and -Extra- headers, and what the real user must be allowed for
// each.
#pragma once

#include <vector>

#include "admission/attributes.h"
#include "kube/status.h"
#include "net/http/message.h"

namespace gatepost::apiserver {

// One permission that is needed: the verb impersonate on this.
struct Impersonated {
  std::string group, resource, subresource, ns, name;
};

struct Impersonation {
  admission::UserInfo user;             // who it will be
  std::vector<Impersonated> permitted;  // in the order in which they are asked
};

// An error when there is a group, uid or extra without a user.
kube::ApiResult<Impersonation> read_impersonation(const net::http::Headers& headers);

}  // namespace gatepost::apiserver
