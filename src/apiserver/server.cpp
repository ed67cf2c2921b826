#include "apiserver/server.h"

#include <algorithm>
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
#include "apiserver/manifests/load.h"
#include "apiserver/manifests/local_webhooks.h"
#include "apiserver/pki.h"
#include "base/files.h"
#include "base/klog.h"
#include "net/host_port.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "storage/etcd/address.h"
#include "storage/etcd/etcd.h"

namespace gatepost::apiserver {
namespace {

// "127.0.0.1:6443" -> "127.0.0.1"; "[::1]:6443" -> "::1"; ":6443" -> "".
std::string host_of(const std::string& listen) {
  std::string host = listen.substr(0, listen.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

std::vector<std::string> certificate_names(const ServerOptions& options, const ServiceRange& services) {
  std::vector<std::string> names{"localhost",
                                 "kubernetes",
                                 "kubernetes.default",
                                 "kubernetes.default.svc",
                                 "kubernetes.default.svc.cluster.local",
                                 "127.0.0.1",
                                 "::1",
                                 print_ipv4(services.server())};
  char own[256] = {};
  if (gethostname(own, sizeof own - 1) == 0 && own[0]) names.emplace_back(own);
  for (const std::string& host : {host_of(options.listen), options.advertise_address})
    if (!host.empty() && host != "0.0.0.0" && host != "::" &&
        std::find(names.begin(), names.end(), host) == names.end())
      names.push_back(host);
  return names;
}

// What client certificates are believed by: our own authority, and the user's.
Result<std::string> client_authorities(const Identity& identity, const std::string& file) {
  if (file.empty()) return identity.ca_pem;
  auto read = files::read(file, 1u << 20);
  if (!read) return fail("client CA file " + read.error().text);
  return identity.ca_pem + "\n" + *read;
}

// Where others reach the server that is bound to `bound`.
std::string advertised(const std::string& bound, const std::string& host) {
  return host.empty() ? bound : net::join_host_port(host, bound.substr(bound.rfind(':') + 1));
}

bool is_etcd(const std::string& data) {
  return data.starts_with(storage::etcd::kScheme);
}

// Whether the data is a directory, where what belongs to it can lie too.
bool keeps_files(const std::string& data) {
  return data != ":memory:" && !is_etcd(data);
}

net::Task<Result<std::unique_ptr<storage::Storage>>> open_data(std::string data, storage::Durability durability) {
  if (!is_etcd(data)) co_return storage::open({.directory = data, .durability = durability});
  auto endpoints = storage::etcd::parse_address(data);
  if (!endpoints) co_return fail_with(std::move(endpoints.error()));
  co_return co_await storage::open_etcd({.endpoints = std::move(*endpoints)});
}

// Where the administrator's kubeconfig goes: where the user says, else beside the data, else into a new private
// directory.
Result<std::string> kubeconfig_path(const ServerOptions& options) {
  if (!options.kubeconfig_out.empty()) return options.kubeconfig_out;
  if (keeps_files(options.data)) return options.data + "/kubeconfig";
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

// A custom object in another version of its definition.
net::Task<kube::ApiResult<json::Value>> convert_custom(Converter* converter,
                                                       std::shared_ptr<kube::LiveRegistry> registry, json::Value object,
                                                       kube::GroupVersionKind to) {
  const auto now = registry->snapshot();
  const kube::ResourceInfo* resource = now->find_kind(to.group, to.version, to.kind);
  if (!resource || !resource->definition) co_return fail_with(kube::internal_error("no kind \"" + to.kind + "\""));
  co_return co_await converter->convert(std::move(object), resource->definition, resource->version_of_definition);
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

// What --apply and --from-webhooks name, in one order. Fills in what is to be told of webhooks.
net::Task<Result<void>> load_manifests(ServerOptions& options, const Deps& deps, std::string admin_token, Ready& told) {
  const json::Storage arena = json::make_arena(1 << 16);
  auto manifests = manifests::read(options.apply, arena);
  if (!manifests) co_return fail_with(std::move(manifests.error()));
  if (!options.from_webhooks.empty()) {
    auto webhooks = manifests::read(options.from_webhooks, arena);
    if (!webhooks) co_return fail_with(std::move(webhooks.error()));
    std::erase_if(*webhooks, [](const auto& manifest) { return !manifests::is_about_webhooks(manifest); });
    std::ranges::move(*webhooks, std::back_inserter(*manifests));
    told.webhook_certificates = options.webhook_certificates;
    if (told.webhook_certificates.empty())
      told.webhook_certificates = std::filesystem::path(told.kubeconfig).parent_path() / "webhook-certificates";
    auto address = net::split_host_port(options.webhook_address);
    if (!address) co_return fail("--webhook-address: " + address.error().text);
    if (address->port == "0") {
      auto free = net::tcp::Listener::listen(options.webhook_address);
      if (!free) co_return fail("--webhook-address: " + free.error().text);
      options.webhook_address = free->address();
    }
    auto authority = manifests::webhook_certificates(told.webhook_certificates, address->host);
    if (!authority) co_return fail_with(std::move(authority.error()));
    const manifests::LocalWebhooks local{options.webhook_address, std::move(*authority)};
    for (auto& manifest : *manifests) manifests::point_to(local, manifest);
    told.webhook_url = "https://" + local.address;
  }
  manifests::sort_for_loading(*manifests);
  co_return co_await manifests::load(deps, std::move(admin_token), std::move(*manifests));
}

}  // namespace

net::Task<ServeResult> serve(ServerOptions options, net::Task<void> stop, std::function<void(const Ready&)> ready) {
  auto recorder = open_audit_log(options);
  if (!recorder) co_return fail_with(std::move(recorder.error()));
  auto opened = co_await open_data(options.data, options.durability);
  if (!opened) co_return fail_with(std::move(opened.error()));
  storage::Storage& store = **opened;

  ServiceRange services;
  if (!options.service_cluster_ip_range.empty()) {
    auto range = ServiceRange::parse(options.service_cluster_ip_range);
    if (!range) co_return fail_with(std::move(range.error()));
    services = *range;
  }
  const std::vector<std::string> names = certificate_names(options, services);
  auto identity = is_etcd(options.data) ? co_await shared_identity(store, names)
                                        : load_or_make_identity(keeps_files(options.data) ? options.data : "", names);
  if (!identity) co_return fail_with(std::move(identity.error()));
  const ServingFiles serving{options.certificate_file, options.key_file, options.certificate_directory};
  if (auto used = use_serving_files(*identity, serving); !used) co_return fail_with(std::move(used.error()));
  auto tokens = ServiceAccountTokens::make(options.service_accounts, identity->service_account_key_pem, store);
  if (!tokens) co_return fail_with(std::move(tokens.error()));
  AuthenticationOptions authentication;
  authentication.service_accounts = tokens->get();
  authentication.token_file = options.token_auth_file;
  authentication.extra_tokens_csv = identity->admin_token + ",admin,admin-uid,\"system:masters\"\n";
  auto authorities = client_authorities(*identity, options.client_ca_file);
  if (!authorities) co_return fail_with(std::move(authorities.error()));
  authentication.client_ca_pem = std::move(*authorities);
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
  auto authorizer = Authorizer::make(store, options.authorization);
  auto addresses = AddressAllocator::make(store, services);

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
  const std::string address = advertised(server.address(), options.advertise_address);

  admission::Dependencies admission_needs{store, registry, klog::write};
  admission_needs.own_address = server.address();
  admission_needs.dial = options.dial;
  admission_needs.make_client = options.make_client;
  admission_needs.authorize = expressions_ask(*authorizer);
  std::unique_ptr<Converter> converter;
  admission_needs.convert = [&converter, registry](json::Value object, kube::GroupVersionKind to) {
    return convert_custom(converter.get(), registry, std::move(object), std::move(to));
  };
  auto admission = admission::Admission::make(std::move(admission_needs));
  converter = std::make_unique<Converter>(admission->targets());
  deps.reset(new Deps{store, registry, *admission, **authenticator, *authorizer, *addresses, definitions, *converter,
                      now, server.address(), recorder->get(), tokens->get()});

  if (auto made = co_await bootstrap(store, registry, address, services); !made)
    co_return fail_with(std::move(made.error()));
  co_await definitions.settle();

  std::string url = "https://" + server.address();
  auto path = kubeconfig_path(options);
  if (!path) co_return fail_with(std::move(path.error()));
  if (auto written = files::write_private(*path, kubeconfig(*identity, "https://" + address)); !written)
    co_return fail_with(std::move(written.error()));

  auto controllers = Controllers::make(*deps, {});
  co_await controllers->start();
  Ready told{url, *path, "", ""};
  if (auto loaded = co_await load_manifests(options, *deps, identity->admin_token, told); !loaded) {
    co_await controllers->stop();
    co_await store.close();
    co_return loaded;
  }
  std::unique_ptr<Companion> companion = options.companion ? options.companion(*deps) : nullptr;
  if (companion) co_await companion->start();
  co_await net::spawn(server.run());
  ready(told);
  co_await std::move(stop);
  server.stop();
  if (companion) co_await companion->stop();
  co_await controllers->stop();
  co_await store.close();
  co_return ServeResult{};
}

}  // namespace gatepost::apiserver
