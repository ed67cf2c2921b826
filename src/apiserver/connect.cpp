#include "apiserver/connect.h"

#include <algorithm>
#include <charconv>

#include "apiserver/write.h"

namespace gatepost::apiserver {
namespace {

struct Connect {
  std::string_view resource, subresource, kind;
};
constexpr Connect connects[] = {
    {"pods", "exec", "PodExecOptions"},
    {"pods", "attach", "PodAttachOptions"},
    {"pods", "portforward", "PodPortForwardOptions"},
    {"pods", "proxy", "PodProxyOptions"},
    {"services", "proxy", "ServiceProxyOptions"},
    {"nodes", "proxy", "NodeProxyOptions"},
};

const Connect* connect_of(const Call& call) {
  if (!call.resource->group.empty()) return nullptr;
  for (const Connect& row : connects)
    if (call.resource->resource == row.resource && call.info.subresource == row.subresource) return &row;
  return nullptr;
}

// apimachinery's conversion of a query parameter to a bool: there and not "false" or "0".
bool query_bool(const Query& query, std::string_view key) {
  if (!query.has(key)) return false;
  std::string value(query.get(key));
  std::transform(value.begin(), value.end(), value.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return value != "false" && value != "0";
}

// exec and attach. Standard output and error are on by default and cannot be turned off by the query.
void add_stream_options(json::Object& options, const Query& query) {
  if (query_bool(query, "stdin")) options["stdin"] = true;
  options["stdout"] = true;
  options["stderr"] = true;
  if (query_bool(query, "tty")) options["tty"] = true;
  if (std::string_view container = query.get("container"); !container.empty()) options["container"] = container;
}

}  // namespace

bool is_connect(const Call& call) {
  return connect_of(call) != nullptr;
}

json::Value connect_options(const Call& call) {
  const Connect& connect = *connect_of(call);
  json::Value value(json::Object(call.arena), call.arena);
  json::Object& options = value.get_object();
  options["kind"] = connect.kind;
  options["apiVersion"] = "v1";
  const Query& query = call.info.query;
  if (connect.subresource == "exec" || connect.subresource == "attach") add_stream_options(options, query);
  if (connect.subresource == "exec") {
    json::Array command(call.arena);
    for (std::string_view word : query.all("command")) command.emplace_back(word);
    options["command"] = command.empty() ? json::Value() : json::Value(std::move(command));
  }
  if (connect.subresource == "portforward") {
    json::Array ports(call.arena);
    for (std::string_view text : query.all("ports")) {
      std::int32_t port = 0;
      std::from_chars(text.data(), text.data() + text.size(), port);
      ports.emplace_back(port);
    }
    if (!ports.empty()) options["ports"] = std::move(ports);
  }
  if (connect.subresource == "proxy") {
    std::string path;
    for (const std::string& segment : call.info.rest) path += "/" + segment;
    if (!path.empty()) options["path"] = path;
  }
  return value;
}

Handled<bool> admit_connect(Call& call) {
  admission::Attributes attributes = attributes_for(call, admission::Operation::connect, connect_options(call),
                                                    json::Value(), json::Value(), /*dry_run=*/false);
  attributes.kind = {"", "v1", std::string(connect_of(call)->kind)};
  if (auto admitted = co_await call.deps.admission.mutate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  co_return true;
}

}  // namespace gatepost::apiserver
