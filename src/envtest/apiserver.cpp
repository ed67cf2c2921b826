#include "envtest/apiserver.h"

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "base/klog.h"
#include "embedded/envtest_flags.h"
#include "envtest/etcd.h"
#include "envtest/parent.h"
#include "net/host_port.h"
#include "net/loop.h"

namespace gatepost::envtest {
namespace {

constexpr std::string_view default_address = "0.0.0.0", default_port = "6443";

std::string text_or(const GoFlags& flags, std::string_view name, std::string_view otherwise) {
  return std::string(flags.has(name) ? flags.get(name) : otherwise);
}

// kube-apiserver's list of authorizers; what it may hold is checked in the order it has.
Result<apiserver::AuthorizationMode> authorization_mode(const std::vector<std::string>& modes) {
  if (modes.empty()) return apiserver::AuthorizationMode::always_allow;
  auto mode = apiserver::AuthorizationMode::rbac;
  for (const std::string& one : modes) {
    if (one == "AlwaysAllow")
      mode = apiserver::AuthorizationMode::always_allow;
    else if (one == "AlwaysDeny" || one == "ABAC" || one == "Webhook")
      return fail("authorization-mode " + one + " is not served here; RBAC, Node and AlwaysAllow are");
    else if (one != "RBAC" && one != "Node")
      return fail("unknown authorization mode " + one);
  }
  return mode;
}

net::Task<void> until_signalled() {
  (void)co_await net::wait_for_signal({SIGTERM, SIGINT});
}

// An etcd of the same assets names a directory; any other is used as it is.
net::Task<Result<void>> find_data(apiserver::ServerOptions* options, std::string etcd) {
  auto data = co_await ask_for_data(etcd);
  if (!data) co_return fail_with(std::move(data.error()));
  const std::size_t scheme = etcd.find("://");
  options->data = data->empty() ? "etcd://" + etcd.substr(scheme == etcd.npos ? 0 : scheme + 3) : *data + "/gatepost";
  co_return Result<void>{};
}

net::Task<Result<void>> serve(apiserver::ServerOptions options, std::string etcd) {
  if (auto found = co_await find_data(&options, std::move(etcd)); !found) co_return found;
  auto ready = [](const apiserver::Ready& told) {
    klog::write(klog::Severity::info, "apiserver.go:1", "Serving securely on " + told.url);
  };
  co_return co_await apiserver::serve(std::move(options), until_signalled(), ready);
}

int fail_to_start(const std::string& why) {
  std::fprintf(stderr, "Error: %s\n", why.c_str());
  return 1;
}

}  // namespace

const std::vector<FlagSpec>& apiserver_flags() {
  static const std::vector<FlagSpec> table = [] {
    for (const embedded::File& file : embedded::envtest_flags())
      if (file.name == "kube-apiserver.flags") return read_flag_table(file.bytes);
    return std::vector<FlagSpec>{};
  }();
  return table;
}

Result<apiserver::ServerOptions> server_options(const GoFlags& flags) {
  apiserver::ServerOptions options;
  options.listen =
      net::join_host_port(text_or(flags, "bind-address", default_address), text_or(flags, "secure-port", default_port));
  options.durability = storage::Durability::relaxed;
  options.advertise_address = flags.get("advertise-address");
  options.token_auth_file = flags.get("token-auth-file");
  options.audit_log = flags.get("audit-log-path");
  options.audit_policy = flags.get("audit-policy-file");
  options.client_ca_file = flags.get("client-ca-file");
  options.service_cluster_ip_range = flags.get("service-cluster-ip-range");
  options.certificate_file = flags.get("tls-cert-file");
  options.key_file = flags.get("tls-private-key-file");
  if (options.certificate_file.empty() != options.key_file.empty())
    return fail("tls-cert-file and tls-private-key-file are given together or not at all");
  options.certificate_directory = flags.get("cert-dir");
  options.service_accounts.issuers = flags.list("service-account-issuer");
  options.service_accounts.audiences = flags.list("api-audiences");
  options.service_accounts.key_files = flags.list("service-account-key-file");
  options.service_accounts.signing_key_file = flags.get("service-account-signing-key-file");
  auto mode = authorization_mode(flags.list("authorization-mode"));
  if (!mode) return fail_with(std::move(mode.error()));
  options.authorization = *mode;
  return options;
}

int run_apiserver(std::span<const std::string> arguments) {
  const auto flags = GoFlags::parse(apiserver_flags(), arguments);
  if (!flags) return fail_to_start(flags.error().text);
  if (flags->has("help")) {
    std::printf(
        "Usage:\n  kube-apiserver [flags]\n\nStands in for kube-apiserver in test assets of Gatepost.\n\nFlags:\n%s",
        flag_help(apiserver_flags()).c_str());
    return 0;
  }
  if (flags->on("version")) {
    std::puts("Kubernetes v1.36.0+gatepost-" GATEPOST_VERSION);
    return 0;
  }
  for (const std::string_view name : flags->without_effect())
    klog::write(klog::Severity::warning, "flags.go:1", "--" + std::string(name) + " has no effect on this server");
  auto options = server_options(*flags);
  if (!options) return fail_to_start(options.error().text);
  const std::vector<std::string> etcds = flags->list("etcd-servers");
  if (etcds.empty()) return fail_to_start("--etcd-servers must be specified");
  std::signal(SIGPIPE, SIG_IGN);
  end_with_parent(options->certificate_directory);
  Result<void> served{};
  {
    net::Loop loop;
    served = loop.run(serve(std::move(*options), etcds.front()));
  }
  tidy_up_after_parent();
  return served ? 0 : fail_to_start(served.error().text);
}

}  // namespace gatepost::envtest
