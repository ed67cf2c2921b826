#include "client/kubeconfig.h"

#include <cstdlib>
#include <filesystem>

#include "base/base64.h"
#include "base/files.h"
#include "json/value.h"
#include "yaml/convert.h"

namespace gatepost::client {
namespace {

constexpr std::size_t largest_file = 4u << 20;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The first file of KUBECONFIG's list that is there, else ~/.kube/config.
std::string default_path() {
  std::string list = environment("KUBECONFIG");
  for (std::size_t start = 0; start < list.size();) {
    std::size_t colon = std::min(list.find(':', start), list.size());
    std::string path = list.substr(start, colon - start);
    if (!path.empty() && std::filesystem::exists(path)) return path;
    start = colon + 1;
  }
  if (!list.empty()) return list.substr(0, list.find(':'));
  return environment("HOME") + "/.kube/config";
}

// The entry called `name` of a list such as `clusters`, and in it the object called `inner`.
const json::Value* named(const json::Value& config, std::string_view list, std::string_view name,
                         std::string_view inner) {
  if (const json::Array* entries = json::array_at(config, {list}))
    for (const json::Value& entry : *entries)
      if (json::string_at(entry, {"name"}) == name) return json::find(entry, inner);
  return nullptr;
}

// `key`-data in base64, or the file that `key` names.
Result<std::string> data_or_file(const json::Value& object, const std::string& key, const std::string& base) {
  if (std::string_view data = json::string_at(object, {key + "-data"}); !data.empty()) {
    auto decoded = base64::decode(data);
    if (!decoded) return fail(key + "-data: " + decoded.error().text);
    return decoded;
  }
  std::string path(json::string_at(object, {key}));
  if (path.empty()) return std::string();
  return files::read(path.starts_with('/') ? path : base + "/" + path, largest_file);
}

}  // namespace

Result<Connection> read_connection(std::string_view text, const KubeconfigFlags& flags, const std::string& base) {
  auto config = yaml::parse(text, json::make_arena());
  if (!config) return fail(config.error().text);
  std::string context_name =
      flags.context.empty() ? std::string(json::string_at(*config, {"current-context"})) : flags.context;
  const json::Value* context = named(*config, "contexts", context_name, "context");
  if (!context && (!context_name.empty() || flags.cluster.empty()))
    return fail(context_name.empty() ? "no current-context is set" : "there is no context \"" + context_name + "\"");
  auto of_context = [&](const std::string& given, std::string_view key) {
    return given.empty() && context ? std::string(json::string_at(*context, {key})) : given;
  };
  std::string cluster_name = of_context(flags.cluster, "cluster"), user_name = of_context(flags.user, "user");
  const json::Value* cluster = named(*config, "clusters", cluster_name, "cluster");
  if (!cluster) return fail("there is no cluster \"" + cluster_name + "\"");
  Connection connection;
  connection.server = json::string_at(*cluster, {"server"});
  while (connection.server.ends_with('/')) connection.server.pop_back();
  connection.insecure = json::bool_at(*cluster, {"insecure-skip-tls-verify"});
  connection.server_name = json::string_at(*cluster, {"tls-server-name"});
  auto ca = data_or_file(*cluster, "certificate-authority", base);
  if (!ca) return fail_with(std::move(ca.error()));
  connection.ca_pem = std::move(*ca);
  if (std::string ns = of_context(flags.ns, "namespace"); !ns.empty()) connection.ns = ns;
  const json::Value* user = named(*config, "users", user_name, "user");
  if (!user) return connection;
  connection.token = json::string_at(*user, {"token"});
  if (std::string path(json::string_at(*user, {"tokenFile"})); connection.token.empty() && !path.empty()) {
    auto token = files::read(path.starts_with('/') ? path : base + "/" + path, largest_file);
    if (!token) return fail_with(std::move(token.error()));
    connection.token = token->substr(0, token->find_last_not_of(" \r\n\t") + 1);
  }
  auto certificate = data_or_file(*user, "client-certificate", base);
  if (!certificate) return fail_with(std::move(certificate.error()));
  auto key = data_or_file(*user, "client-key", base);
  if (!key) return fail_with(std::move(key.error()));
  connection.certificate_pem = std::move(*certificate);
  connection.key_pem = std::move(*key);
  return connection;
}

Result<Connection> load_connection(const KubeconfigFlags& flags) {
  std::string path = flags.kubeconfig.empty() ? default_path() : flags.kubeconfig;
  auto text = files::read(path, largest_file);
  if (!text) return fail_with(std::move(text.error()));
  std::string base = std::filesystem::path(path).parent_path().string();
  auto connection = read_connection(*text, flags, base.empty() ? "." : base);
  if (!connection) return fail(path + ": " + connection.error().text);
  return connection;
}

}  // namespace gatepost::client
