// What is recorded of one request, gathered on its way, and its printing as an audit.k8s.io/v1 Event.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/audit/policy.h"
#include "base/time.h"
#include "json/value.h"
#include "net/http/server.h"

namespace gatepost::apiserver::audit {

struct ObjectRef {
  std::string resource, ns, name, uid, group, version, resource_version, subresource;
};

struct Record {
  Decision decision;
  std::string id, uri, verb, user_agent;
  admission::UserInfo user, impersonated;
  bool impersonates = false;
  std::vector<std::string> source_ips;
  bool has_object = false;
  ObjectRef object;
  std::string request_object, response_object;  // JSON; empty: none
  std::string response_status;                  // members of the Status but its metadata and code; empty: none
  int response_code = 0;
  WallTime received{};
  std::vector<std::pair<std::string, std::string>> annotations;
  std::vector<std::pair<const char*, std::chrono::nanoseconds>> latencies;  // by layer: "authentication"
};

// The record of a request from what its head says.
Record begin(const net::http::Request& request, const net::http::Peer& peer, const RequestInfo& info,
             const admission::UserInfo& user, Decision decision, WallTime received);
// Where the time of a slow request went, as annotations; a quick one needs none.
void annotate_latencies(Record& record, std::chrono::nanoseconds total);

// The client's object, decoded: fills in what the URL does not say about it, and keeps it if the level asks for it.
void take_request_object(Record& record, const json::Value& object);
// The bytes of a patch, JSON or YAML.
void take_patch(Record& record, std::string_view patch);
// What the client is answered, JSON.
void take_response(Record& record, int code, std::string_view body);

// One line, with its line break.
std::string print(const Record& record, Stage stage, WallTime now);

}  // namespace gatepost::apiserver::audit
