#include "apiserver/pki.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/base64.h"
#include "base/files.h"
#include "base/random.h"
#include "json/parse.h"
#include "json/write.h"
#include "x509/certificate.h"
#include "x509/hostname.h"
#include "x509/issue.h"

namespace gatepost::apiserver {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::system_clock;

constexpr days ca_life{3650}, certificate_life{365}, renew_before{30};

std::chrono::sys_seconds now() {
  return floor<seconds>(system_clock::now());
}

Result<x509::Issued> make_ca() {
  x509::IssueOptions options;
  options.common_name = "gatepost-ca";
  options.kind = x509::CertificateKind::authority;
  options.usages = {};
  options.not_before = now() - std::chrono::hours(1);
  options.not_after = now() + ca_life;
  return x509::issue(options);
}

Result<x509::Issued> make_certificate(const x509::Issued& ca, const std::vector<std::string>& names) {
  x509::IssueOptions options;
  options.common_name = "kube-apiserver";
  options.names = names;
  options.not_before = now() - std::chrono::hours(1);
  options.not_after = now() + certificate_life;
  return x509::issue(options, &ca);
}

// Whether a kept serving certificate still does: all names, and time left.
bool still_good(const std::string& pem, const std::vector<std::string>& names) {
  auto certificates = x509::parse_certificates_pem(pem);
  if (!certificates) return false;
  const x509::Certificate& leaf = *certificates->front();
  if (leaf.not_after < now() + renew_before) return false;
  return std::all_of(names.begin(), names.end(),
                     [&](const std::string& name) { return x509::verify_hostname(leaf, name).has_value(); });
}

// A pair of files; both are there, or both are made.
template <class Make>
Result<x509::Issued> kept_pair(const std::string& directory, const std::string& stem,
                               bool usable(const std::string&, const std::vector<std::string>&),
                               const std::vector<std::string>& names, Make make) {
  std::string certificate_path = directory + "/" + stem + ".crt", key_path = directory + "/" + stem + ".key";
  if (!directory.empty() && std::filesystem::exists(certificate_path) && std::filesystem::exists(key_path)) {
    auto certificate = files::read(certificate_path, 1u << 20);
    if (!certificate) return fail_with(std::move(certificate.error()));
    auto key = files::read(key_path, 1u << 20);
    if (!key) return fail_with(std::move(key.error()));
    if (!usable || usable(*certificate, names)) return x509::Issued{std::move(*certificate), std::move(*key)};
  }
  Result<x509::Issued> made = make();
  if (!made || directory.empty()) return made;
  if (auto written = files::write_private(key_path, made->key_pem); !written)
    return fail_with(std::move(written.error()));
  if (auto written = files::write_private(certificate_path, made->certificate_pem); !written)
    return fail_with(std::move(written.error()));
  return made;
}

Result<std::string> kept_token(const std::string& directory) {
  std::string path = directory + "/admin.token";
  if (!directory.empty() && std::filesystem::exists(path)) return files::read(path, 4096);
  std::string token = random_uuid() + random_uuid();
  if (directory.empty()) return token;
  if (auto written = files::write_private(path, token); !written) return fail_with(std::move(written.error()));
  return token;
}

}  // namespace

Result<Identity> load_or_make_identity(const std::string& directory, const std::vector<std::string>& names) {
  auto ca = kept_pair(directory, "ca", nullptr, names, [] { return make_ca(); });
  if (!ca) return fail_with(std::move(ca.error()));
  auto certificate = kept_pair(directory, "apiserver", still_good, names, [&] { return make_certificate(*ca, names); });
  if (!certificate) return fail_with(std::move(certificate.error()));
  auto accounts = kept_pair(directory, "service-accounts", nullptr, names, [] { return make_ca(); });
  if (!accounts) return fail_with(std::move(accounts.error()));
  auto token = kept_token(directory);
  if (!token) return fail_with(std::move(token.error()));
  return Identity{ca->certificate_pem,  ca->key_pem,       certificate->certificate_pem,
                  certificate->key_pem, std::move(*token), std::move(accounts->key_pem)};
}

Result<void> use_serving_files(Identity& identity, const ServingFiles& files) {
  std::string certificate_path = files.certificate_file, key_path = files.key_file;
  if (certificate_path.empty() && !files.directory.empty()) {
    certificate_path = files.directory + "/apiserver.crt";
    key_path = files.directory + "/apiserver.key";
    if (!std::filesystem::exists(certificate_path) && !std::filesystem::exists(key_path)) {
      if (auto made = files::make_directory(files.directory); !made) return made;
      if (auto written = files::write_private(key_path, identity.key_pem); !written) return written;
      return files::write_private(certificate_path, identity.certificate_pem);
    }
  }
  if (certificate_path.empty()) return {};
  auto certificate = files::read(certificate_path, 1u << 20);
  if (!certificate) return fail_with(std::move(certificate.error()));
  auto key = files::read(key_path, 1u << 20);
  if (!key) return fail_with(std::move(key.error()));
  identity.certificate_pem = std::move(*certificate);
  identity.key_pem = std::move(*key);
  return {};
}

net::Task<Result<Identity>> shared_identity(storage::Storage& store, std::vector<std::string> names) {
  // Under a group that is not served, so that no request can reach it.
  const storage::Key key{"gatepost.dev/identities", "", "server"};
  auto stored = store.get(key);
  if (!stored) {
    auto ca = make_ca();
    if (!ca) co_return fail_with(std::move(ca.error()));
    auto accounts = make_ca();
    if (!accounts) co_return fail_with(std::move(accounts.error()));
    const json::Value made(json::Object{{"kind", "Identity"},
                                        {"metadata", json::Object{{"name", key.name}, {"resourceVersion", ""}}},
                                        {"ca", ca->certificate_pem},
                                        {"caKey", ca->key_pem},
                                        {"serviceAccountKey", accounts->key_pem},
                                        {"token", random_uuid() + random_uuid()}});
    std::string text;
    json::write(made, text);
    storage::Encode print = [&text](storage::Revision) { return text; };
    auto created = co_await store.create(key, std::move(print));
    const bool others = !created && created.error().kind == storage::ErrorKind::exists;
    if (!created && !others) co_return fail(created.error().text);
    stored = others ? created.error().current : std::move(*created);
  }
  auto object = stored ? json::parse(*stored->bytes, json::make_arena()) : fail("there is none");
  if (!object) co_return fail("the identity of the servers in the store: " + object.error().text);
  const auto text = [&object](std::string_view name) { return std::string(json::string_at(*object, {name})); };
  const x509::Issued ca{text("ca"), text("caKey")};
  auto certificate = make_certificate(ca, names);
  if (!certificate) co_return fail_with(std::move(certificate.error()));
  co_return Identity{ca.certificate_pem,   ca.key_pem,    certificate->certificate_pem,
                     certificate->key_pem, text("token"), text("serviceAccountKey")};
}

Result<std::string> make_serving_files(const std::string& directory, const std::vector<std::string>& names) {
  if (auto made = files::make_directory(directory); !made) return fail_with(std::move(made.error()));
  auto ca = kept_pair(directory, "ca", nullptr, names, [] { return make_ca(); });
  if (!ca) return fail_with(std::move(ca.error()));
  auto certificate = kept_pair(directory, "tls", still_good, names, [&] { return make_certificate(*ca, names); });
  if (!certificate) return fail_with(std::move(certificate.error()));
  return std::move(ca->certificate_pem);
}

std::string kubeconfig(const Identity& identity, const std::string& url) {
  return "apiVersion: v1\n"
         "kind: Config\n"
         "clusters:\n"
         "- name: gatepost\n"
         "  cluster:\n"
         "    server: " +
         url +
         "\n"
         "    certificate-authority-data: " +
         base64::encode(identity.ca_pem) +
         "\n"
         "users:\n"
         "- name: admin\n"
         "  user:\n"
         "    token: " +
         identity.admin_token +
         "\n"
         "contexts:\n"
         "- name: gatepost\n"
         "  context:\n"
         "    cluster: gatepost\n"
         "    user: admin\n"
         "current-context: gatepost\n";
}

}  // namespace gatepost::apiserver
