#include "apiserver/server.h"

#include <filesystem>
#include <unistd.h>

#include "admission/admission.h"
#include "apiserver/addresses.h"
#include "apiserver/audit/recorder.h"
#include "apiserver/bootstrap.h"
#include "apiserver/controllers/controllers.h"
#include "apiserver/custom/conversion.h"
#include "apiserver/custom/definitions.h"
#include "apiserver/dispatch.h"
#include "apiserver/pki.h"
#include "base/files.h"
#include "base/klog.h"
#include "net/loop.h"

namespace gatepost::apiserver {
namespace {

// "127.0.0.1:6443" -> "127.0.0.1"; "[::1]:6443" -> "::1"; ":6443" -> "".
std::string host_of(const std::string& listen) {
  std::string host = listen.substr(0, listen.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

std::vector<std::string> certificate_names(const std::string& listen) {
  std::vector<std::string> names{
      "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
      "127.0.0.1", "::1",        "10.96.0.1"};
  char own[256] = {};
  if (gethostname(own, sizeof own - 1) == 0 && own[0]) names.emplace_back(own);
  std::string host = host_of(listen);
  if (!host.empty() && host != "0.0.0.0" && host != "::" && std::find(names.begin(), names.end(), host) == names.end())
    names.push_back(host);
  return names;
}

// Where the administrator's kubeconfig goes: where the user says, else beside the data, else into a new private
// directory.
Result<std::string> kubeconfig_path(const ServerOptions& options) {
  if (!options.kubeconfig_out.empty()) return options.kubeconfig_out;
  if (options.data != ":memory:") return options.data + "/kubeconfig";
  std::string pattern = (std::filesystem::temp_directory_path() / "gatepost-XXXXXX").string();
  if (!mkdtemp(pattern.data())) return fail("no directory for the kubeconfig can be made in " + pattern);
  return pattern + "/kubeconfig";
}

// The variable `authorizer` of expressions asks whom requests ask.
admission::Authorize expressions_ask(const Authorizer& authorizer) {
  return [&authorizer](const admission::UserInfo& user, const cel::AuthorizationQuestion& question) {
    const kube::AccessRequest request = question.path.empty()
                                            ? kube::AccessRequest{.verb = question.verb,
                                                                  .group = question.group,
                                                                  .resource = question.resource,
                                                                  .subresource = question.subresource,
                                                                  .ns = question.namespace_name,
                                                                  .name = question.name}
                                            : kube::AccessRequest{.verb = question.verb, .path = question.path};
    kube::Decision decision = authorizer.decide(user, request);
    return cel::AuthorizationAnswer{.allowed = decision.allowed, .reason = std::move(decision.reason), .error = ""};
  };
}

// Null without an audit log.
Result<std::unique_ptr<const audit::Recorder>> open_audit_log(const ServerOptions& options) {
  if (options.audit_log.empty()) {
    if (options.audit_policy.empty()) return nullptr;
    return fail("--audit-policy says what --audit-log FILE records; give that too");
  }
  audit::Policy policy = audit::Policy::metadata_of_all();
  if (!options.audit_policy.empty()) {
    auto loaded = audit::Policy::load(options.audit_policy);
    if (!loaded) return fail_with(std::move(loaded.error()));
    policy = std::move(*loaded);
  }
  audit::Log::Options log_options;
  log_options.path = options.audit_log;
  auto log = audit::Log::open(std::move(log_options));
  if (!log) return fail_with(std::move(log.error()));
  return std::make_unique<const audit::Recorder>(std::move(policy), std::move(*log));
}

net::http::Response body_too_large() {
  kube::Status status = kube::request_entity_too_large("limit is 3145728");
  net::http::Response response;
  response.status = 413;
  response.headers.add("Content-Type", "application/json");
  response.body = kube::to_json(status);
  return response;
}

}  // namespace

net::Task<ServeResult> serve(ServerOptions options, net::Task<void> stop,
                             std::function<void(const std::string& url, const std::string& kubeconfig)> ready) {
  auto recorder = open_audit_log(options);
  if (!recorder) co_return fail_with(std::move(recorder.error()));
  bool in_memory = options.data == ":memory:";
  storage::OpenOptions open_options;
  open_options.directory = options.data;
  open_options.durability = options.durability;
  auto opened = storage::open(std::move(open_options));
  if (!opened) co_return fail_with(std::move(opened.error()));
  storage::Storage& store = **opened;

  auto identity = load_or_make_identity(in_memory ? "" : options.data, certificate_names(options.listen));
  if (!identity) co_return fail_with(std::move(identity.error()));
  AuthenticationOptions authentication;
  authentication.token_file = options.token_auth_file;
  authentication.extra_tokens_csv = identity->admin_token + ",admin,admin-uid,\"system:masters\"\n";
  authentication.client_ca_pem = identity->ca_pem;
  auto authenticator = Authenticator::make(std::move(authentication));
  if (!authenticator) co_return fail_with(std::move(authenticator.error()));

  net::tls::ServerConfig tls;
  tls.certificate_pem = identity->certificate_pem;
  tls.key_pem = identity->key_pem;
  tls.client_certificate = net::tls::ClientCertificate::request;
  tls.alpn = {"h2", "http/1.1"};
  auto tls_context = net::tls::make_server_context(std::move(tls));
  if (!tls_context) co_return fail(tls_context.error().text);

  auto registry = std::make_shared<kube::LiveRegistry>(kube::Registry::builtin());
  auto now = [] { return std::chrono::system_clock::now(); };
  Definitions definitions(store, registry, now);
  auto authorizer = Authorizer::make(store);
  auto addresses = AddressAllocator::make(store);

  // The address is known once the port is bound; nothing is accepted before run().
  std::unique_ptr<const Deps> deps;
  net::http::ServerOptions http;
  http.address = options.listen;
  http.tls = *tls_context;
  http.too_large = body_too_large;
  auto handler = [&deps](net::http::Request& request, const net::http::Peer& peer,
                         net::http::ResponseWriter& writer) -> net::Task<void> {
    return dispatch(*deps, request, peer, writer);
  };
  auto listening = net::http::Server::listen(std::move(http), std::move(handler));
  if (!listening) co_return fail(listening.error().text);
  net::http::Server& server = **listening;

  admission::Dependencies admission_needs{store, registry, klog::write};
  admission_needs.own_address = server.address();
  admission_needs.authorize = expressions_ask(*authorizer);
  auto admission = admission::Admission::make(std::move(admission_needs));
  Converter converter(admission->targets());
  deps.reset(new Deps{store, registry, *admission, **authenticator, *authorizer, *addresses, definitions, converter,
                      now, server.address(), recorder->get()});

  if (auto made = co_await bootstrap(store, registry, server.address()); !made)
    co_return fail_with(std::move(made.error()));
  co_await definitions.settle();

  std::string url = "https://" + server.address();
  auto path = kubeconfig_path(options);
  if (!path) co_return fail_with(std::move(path.error()));
  if (auto written = files::write_private(*path, kubeconfig(*identity, url)); !written)
    co_return fail_with(std::move(written.error()));

  auto controllers = Controllers::make(*deps, {});
  co_await controllers->start();
  co_await net::spawn(server.run());
  ready(url, *path);
  co_await std::move(stop);
  server.stop();
  co_await controllers->stop();
  co_await store.close();
  co_return ServeResult{};
}

}  // namespace gatepost::apiserver
