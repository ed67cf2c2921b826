// Call: one request on its way through the server, and what the steps need. Handlers take it by reference; it lives in
// the connection's coroutine until the answer is sent.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admission/admission.h"
#include "apiserver/authenticate.h"
#include "apiserver/authorize.h"
#include "apiserver/negotiate.h"
#include "apiserver/request_info.h"
#include "base/time.h"
#include "kube/registry/registry.h"
#include "kube/status.h"
#include "net/http/server.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

class AddressAllocator;
class Converter;
class Definitions;
class ServiceAccountTokens;
namespace audit {
class Recorder;
struct Record;
}  // namespace audit

// What a running server is made of. Outlives every call.
struct Deps {
  storage::Storage& store;
  std::shared_ptr<const kube::Registry> registry;
  admission::Admission& admission;
  const Authenticator& authenticator;
  const Authorizer& authorizer;
  AddressAllocator& addresses;
  Definitions& definitions;  // of custom resources
  Converter& converter;      // of their versions
  std::function<WallTime()> now;
  std::string server_address;                    // "127.0.0.1:6443"
  const audit::Recorder* recorder = nullptr;     // null: no audit log
  const ServiceAccountTokens* tokens = nullptr;  // null: none are made
};

struct Call {
  const Deps& deps;
  net::http::Request& http;
  const net::http::Peer& peer;
  net::http::ResponseWriter& writer;
  RequestInfo info{};
  admission::UserInfo user{};
  std::shared_ptr<const kube::Registry> registry{};  // as it was when the request came: owns `resource`
  const kube::ResourceInfo* resource = nullptr;
  const kube::SubresourceInfo* subresource = nullptr;
  Format format{};
  net::SteadyTime deadline{};
  json::Storage arena{};
  admission::Trail trail{};
  audit::Record* record = nullptr;  // what the audit log will say; null: nothing
};

// What a handler answers. `bytes` is JSON of one object or list in the version of the request unless `raw` is set, in
// which case it is sent as it is with `content_type`.
struct Answer {
  int status = 200;
  storage::Bytes bytes;
  bool raw = false;
  std::string content_type = "application/json";
  bool sent = false;  // the handler has written the answer itself (watch, proxy)
};

template <class T = Answer>
using Handled = net::Task<kube::ApiResult<T>>;

Answer json_answer(int status, std::string bytes);

// The seconds that a request may take at most: `timeout` of the query, 34 s for what changes, 60 s for what reads.
kube::ApiResult<net::SteadyTime> request_deadline(const RequestInfo& info, net::SteadyTime now);

}  // namespace gatepost::apiserver
