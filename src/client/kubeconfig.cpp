#include "client/kubeconfig.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/base64.h"
#include "base/files.h"
#include "client/in_cluster.h"
#include "formats/go_duration.h"
#include "json/value.h"
#include "yaml/convert.h"

namespace gatepost::client {
namespace {

constexpr std::size_t largest_file = 4u << 20;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// The files to read: the flag's, those of KUBECONFIG that are there, or the one in the home directory.
std::vector<std::string> paths_of(const KubeconfigFlags& flags) {
  if (!flags.kubeconfig.empty()) return {flags.kubeconfig};
  std::vector<std::string> out;
  const std::string list = environment("KUBECONFIG");
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t colon = std::min(list.find(':', start), list.size());
    std::string path = list.substr(start, colon - start);
    if (!path.empty() && std::filesystem::exists(path)) out.push_back(std::move(path));
    start = colon + 1;
  }
  if (!list.empty()) return out;
  std::string home = environment("HOME") + "/.kube/config";
  if (std::filesystem::exists(home)) out.push_back(std::move(home));
  return out;
}

Result<std::vector<KubeconfigSource>> read_files(const KubeconfigFlags& flags) {
  std::vector<KubeconfigSource> out;
  for (const std::string& path : paths_of(flags)) {
    auto text = files::read(path, largest_file);
    if (!text) return fail_with(std::move(text.error()));
    std::string base = std::filesystem::path(path).parent_path().string();
    out.push_back({std::move(*text), base.empty() ? "." : std::move(base), path});
  }
  return out;
}

struct Document {
  json::Value value;
  const KubeconfigSource* source;
};

Result<std::vector<Document>> parse(const std::vector<KubeconfigSource>& sources) {
  std::vector<Document> out;
  for (const KubeconfigSource& source : sources) {
    auto value = yaml::parse(source.text, json::make_arena());
    if (!value) return fail(source.name + ": " + value.error().text);
    out.push_back({std::move(*value), &source});
  }
  return out;
}

// An object inside a named entry, and the document it stands in.
struct Found {
  const json::Value* object = nullptr;
  const Document* document = nullptr;
};

// The entry called `name` of a list such as `clusters`, and in it the object called `inner`.
Found named(const std::vector<Document>& documents, std::string_view list, std::string_view name,
            std::string_view inner) {
  for (const Document& document : documents)
    if (const json::Array* entries = json::array_at(document.value, {list}))
      for (const json::Value& entry : *entries)
        if (json::string_at(entry, {"name"}) == name) return {json::find(entry, inner), &document};
  return {};
}

std::string resolved(const Found& at, std::string path) {
  return path.empty() || path.starts_with('/') ? path : at.document->source->base + "/" + path;
}

// `key`-data in base64, or the file that `key` names.
Result<std::string> data_or_file(const Found& at, const std::string& key) {
  if (std::string_view data = json::string_at(*at.object, {key + "-data"}); !data.empty()) {
    auto decoded = base64::decode(data);
    if (!decoded) return fail(key + "-data: " + decoded.error().text);
    return decoded;
  }
  std::string path(json::string_at(*at.object, {key}));
  if (path.empty()) return std::string();
  return files::read(resolved(at, std::move(path)), largest_file);
}

ExecPlugin read_exec(const Found& user, const json::Value& exec) {
  ExecPlugin out;
  out.command = json::string_at(exec, {"command"});
  if (out.command.find('/') != std::string::npos) out.command = resolved(user, std::move(out.command));
  out.api_version = json::string_at(exec, {"apiVersion"});
  out.install_hint = json::string_at(exec, {"installHint"});
  out.cluster_info = json::bool_at(exec, {"provideClusterInfo"});
  if (const json::Array* arguments = json::array_at(exec, {"args"}))
    for (const json::Value& one : *arguments)
      if (one.is_string()) out.arguments.emplace_back(json::view(one.get_string()));
  if (const json::Array* variables = json::array_at(exec, {"env"}))
    for (const json::Value& one : *variables)
      out.environment.emplace_back(json::string_at(one, {"name"}), json::string_at(one, {"value"}));
  return out;
}

Result<void> read_cluster(const Found& cluster, Connection& connection) {
  connection.server = json::string_at(*cluster.object, {"server"});
  while (connection.server.ends_with('/')) connection.server.pop_back();
  if (connection.server.empty()) return fail("the cluster has no server");
  connection.insecure = json::bool_at(*cluster.object, {"insecure-skip-tls-verify"});
  connection.server_name = json::string_at(*cluster.object, {"tls-server-name"});
  connection.proxy_url = json::string_at(*cluster.object, {"proxy-url"});
  auto ca = data_or_file(cluster, "certificate-authority");
  if (!ca) return fail_with(std::move(ca.error()));
  connection.ca_pem = std::move(*ca);
  return {};
}

Result<void> read_user(const Found& user, Connection& connection) {
  const json::Value& object = *user.object;
  connection.token = json::string_at(object, {"token"});
  if (std::string path(json::string_at(object, {"tokenFile"})); connection.token.empty() && !path.empty())
    connection.token_file = resolved(user, std::move(path));
  connection.basic_user = json::string_at(object, {"username"});
  connection.basic_password = json::string_at(object, {"password"});
  auto certificate = data_or_file(user, "client-certificate");
  if (!certificate) return fail_with(std::move(certificate.error()));
  auto key = data_or_file(user, "client-key");
  if (!key) return fail_with(std::move(key.error()));
  connection.certificate_pem = std::move(*certificate);
  connection.key_pem = std::move(*key);
  connection.as = json::string_at(object, {"as"});
  connection.as_uid = json::string_at(object, {"as-uid"});
  if (const json::Array* groups = json::array_at(object, {"as-groups"}))
    for (const json::Value& one : *groups)
      if (one.is_string()) connection.as_groups.emplace_back(json::view(one.get_string()));
  if (const json::Object* extra = json::object_at(object, {"as-user-extra"}))
    for (const auto& [name, values] : *extra)
      if (values.is_array())
        for (const json::Value& one : values.get_array())
          if (one.is_string()) connection.as_extra.emplace_back(name, json::view(one.get_string()));
  if (const json::Value* exec = json::find(object, "exec"); exec && exec->is_object())
    connection.exec = read_exec(user, *exec);
  return {};
}

Result<void> take_flags(const KubeconfigFlags& flags, Connection& connection) {
  if (!flags.ns.empty()) connection.ns = flags.ns;
  if (!flags.as.empty())
    connection.as = flags.as, connection.as_groups.clear(), connection.as_uid.clear(), connection.as_extra.clear();
  if (!flags.as_groups.empty()) connection.as_groups = flags.as_groups;
  if (!flags.as_uid.empty()) connection.as_uid = flags.as_uid;
  if (connection.as.empty() && (!connection.as_groups.empty() || !connection.as_uid.empty()))
    return fail("--as-group and --as-uid need --as");
  if (flags.request_timeout.empty()) return {};
  const bool plain = flags.request_timeout.find_first_not_of("0123456789") == std::string::npos;
  auto time = formats::parse_go_duration(plain ? flags.request_timeout + "s" : flags.request_timeout);
  if (!time || time->count() < 0) return fail("--request-timeout " + flags.request_timeout + ": write 5s, 1m or 0");
  connection.request_timeout = *time;
  return {};
}

Result<Connection> connect(const std::vector<Document>& documents, const KubeconfigFlags& flags) {
  std::string context_name = flags.context;
  for (const Document& document : documents)
    if (context_name.empty()) context_name = json::string_at(document.value, {"current-context"});
  const Found context = named(documents, "contexts", context_name, "context");
  if (!context.object && (!context_name.empty() || flags.cluster.empty()))
    return fail(context_name.empty() ? "no current-context is set" : "there is no context \"" + context_name + "\"");
  auto of_context = [&](const std::string& given, std::string_view key) {
    return given.empty() && context.object ? std::string(json::string_at(*context.object, {key})) : given;
  };
  const std::string cluster_name = of_context(flags.cluster, "cluster"), user_name = of_context(flags.user, "user");
  const Found cluster = named(documents, "clusters", cluster_name, "cluster");
  if (!cluster.object) return fail("there is no cluster \"" + cluster_name + "\"");
  Connection connection;
  if (auto read = read_cluster(cluster, connection); !read) return fail_with(std::move(read.error()));
  if (std::string ns = of_context("", "namespace"); !ns.empty()) connection.ns = ns;
  const Found user = named(documents, "users", user_name, "user");
  if (!user.object && !flags.user.empty()) return fail("there is no user \"" + user_name + "\"");
  if (user.object)
    if (auto read = read_user(user, connection); !read) return fail_with(std::move(read.error()));
  return connection;
}

}  // namespace

Result<Connection> read_connection(const std::vector<KubeconfigSource>& sources, const KubeconfigFlags& flags) {
  auto documents = parse(sources);
  if (!documents) return fail_with(std::move(documents.error()));
  auto connection = connect(*documents, flags);
  if (!connection) {
    std::string names;
    for (const KubeconfigSource& source : sources) names += (names.empty() ? "" : ":") + source.name;
    return fail(names + ": " + connection.error().text);
  }
  if (auto taken = take_flags(flags, *connection); !taken) return fail_with(std::move(taken.error()));
  return connection;
}

Result<Connection> load_connection(const KubeconfigFlags& flags) {
  auto sources = read_files(flags);
  if (!sources) return fail_with(std::move(sources.error()));
  if (!sources->empty()) return read_connection(*sources, flags);
  auto inside = in_cluster(environment, service_account_directory);
  if (!inside)
    return fail("no kubeconfig: neither --kubeconfig, KUBECONFIG nor ~/.kube/config names one that is there");
  if (!*inside) return fail((*inside).error().text);
  Connection connection = std::move(**inside);
  if (auto taken = take_flags(flags, connection); !taken) return fail_with(std::move(taken.error()));
  return connection;
}

Result<std::vector<std::string>> context_names(const KubeconfigFlags& flags) {
  auto sources = read_files(flags);
  if (!sources) return fail_with(std::move(sources.error()));
  auto documents = parse(*sources);
  if (!documents) return fail_with(std::move(documents.error()));
  std::set<std::string> names;
  for (const Document& document : *documents)
    if (const json::Array* entries = json::array_at(document.value, {"contexts"}))
      for (const json::Value& entry : *entries) names.emplace(json::string_at(entry, {"name"}));
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace gatepost::client
