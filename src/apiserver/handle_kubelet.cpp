// What a kubelet answers in a cluster: a pod's log, exec, attach, portforward; the proxy to a node. The server finds
// the container and the node as kube-apiserver does and calls the address that the Node has; no kubelet stands behind
// this server's own nodes.
#include "apiserver/connect.h"
#include "apiserver/handlers.h"
#include "apiserver/proxy.h"
#include "json/parse.h"

namespace gatepost::apiserver {
namespace {

// "a b": the names of a list of containers, as Go prints them.
std::string names_of(const json::Array* containers) {
  std::string out;
  if (containers)
    for (const json::Value& container : *containers)
      out.append(out.empty() ? "" : " ").append(json::string_at(container, {"name"}));
  return out;
}

bool has_container(const json::Value& pod, std::string_view name) {
  for (std::string_view list : {"containers", "initContainers", "ephemeralContainers"})
    if (const json::Array* containers = json::array_at(pod, {"spec", list}))
      for (const json::Value& container : *containers)
        if (json::string_at(container, {"name"}) == name) return true;
  return false;
}

// The container that is meant: the one asked for, or the only one.
kube::ApiResult<std::string> container_of(const json::Value& pod, const std::string& pod_name,
                                          std::string_view wanted) {
  if (!wanted.empty()) {
    if (has_container(pod, wanted)) return std::string(wanted);
    return fail_with(kube::bad_request("container " + std::string(wanted) + " is not valid for pod " + pod_name));
  }
  const json::Array* containers = json::array_at(pod, {"spec", "containers"});
  if (containers && containers->size() == 1) return std::string(json::string_at(containers->front(), {"name"}));
  std::string text = "a container name must be specified for pod " + pod_name;
  if (containers && !containers->empty()) text += ", choose one of: [" + names_of(containers) + "]";
  if (std::string init = names_of(json::array_at(pod, {"spec", "initContainers"})); !init.empty())
    text += " or one of the init containers: [" + init + "]";
  return fail_with(kube::bad_request(text));
}

kube::Status unknown_error(std::string text) {
  kube::Status status;
  status.code = 500;
  status.message = std::move(text);
  return status;
}

// "https://10.0.0.1:10250": --kubelet-preferred-address-types' default order.
kube::ApiResult<std::string> kubelet_url(const Call& call, const std::string& node_name) {
  auto found = call.deps.store.get({"/nodes", "", node_name});
  if (!found) return fail_with(kube::not_found("", "nodes", node_name));
  auto node = json::parse(*found->bytes, call.arena);
  if (!node) return fail_with(kube::internal_error(node.error().text));
  std::int64_t port = json::int_at(*node, {"status", "daemonEndpoints", "kubeletEndpoint", "Port"}, 10250);
  const json::Array* addresses = json::array_at(*node, {"status", "addresses"});
  for (std::string_view type : {"Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"})
    if (addresses)
      for (const json::Value& address : *addresses)
        if (json::string_at(address, {"type"}) == type)
          return "https://" + host_port(json::string_at(address, {"address"}), port);
  return fail_with(unknown_error("no preferred addresses found; known addresses: []"));
}

Handled<> handle_node_proxy(Call& call) {
  if (auto admitted = co_await admit_connect(call); !admitted) co_return fail_with(std::move(admitted.error()));
  auto url = kubelet_url(call, call.info.name);
  if (!url) co_return fail_with(std::move(url.error()));
  for (const std::string& segment : call.info.rest) *url += "/" + segment;
  auto sent = co_await forward(call, *url);
  if (!sent) co_return fail_with(unknown_error("error trying to reach service: " + sent.error().text));
  co_return std::move(*sent);
}

}  // namespace

Handled<> handle_kubelet(Call& call) {
  const std::string& name = call.info.name;
  if (call.resource->resource == "nodes") co_return co_await handle_node_proxy(call);
  bool is_log = call.info.subresource == "log";
  if (!is_log)
    if (auto admitted = co_await admit_connect(call); !admitted) co_return fail_with(std::move(admitted.error()));
  auto found = call.deps.store.get({"/pods", call.info.ns, name});
  if (!found) co_return fail_with(kube::not_found("", "pods", name));
  auto pod = json::parse(*found->bytes, call.arena);
  if (!pod) co_return fail_with(kube::internal_error(pod.error().text));
  std::string path = "/portForward/" + call.info.ns + "/" + name;
  if (call.info.subresource != "portforward") {
    auto container = container_of(*pod, name, call.info.query.get("container"));
    if (!container) co_return fail_with(std::move(container.error()));
    path =
        (is_log ? "/containerLogs/" : "/" + call.info.subresource + "/") + call.info.ns + "/" + name + "/" + *container;
  }
  std::string node(json::string_at(*pod, {"spec", "nodeName"}));
  if (node.empty()) {
    if (!is_log) co_return fail_with(kube::bad_request("pod " + name + " does not have a host assigned"));
    Answer nothing_yet;
    nothing_yet.status = 204;
    nothing_yet.raw = true;
    nothing_yet.content_type = "text/plain";
    nothing_yet.bytes = std::make_shared<const std::string>();
    co_return nothing_yet;
  }
  auto url = kubelet_url(call, node);
  if (!url) co_return fail_with(std::move(url.error()));
  auto sent = co_await forward(call, *url + path);
  if (sent) co_return std::move(*sent);
  std::string text = sent.error().text;
  co_return fail_with(
      unknown_error(is_log ? "Get \"" + *url + path + "\": " + text : "error dialing backend: " + text));
}

}  // namespace gatepost::apiserver
