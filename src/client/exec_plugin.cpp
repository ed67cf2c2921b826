#include "client/exec_plugin.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base64.h"
#include "json/parse.h"
#include "json/write.h"

extern char** environ;

namespace gatepost::client {
namespace {

constexpr std::size_t largest_output = 1u << 20;
constexpr auto patience = std::chrono::seconds(60);

std::string quoted(std::string_view text) {
  std::string out;
  json::write_string(text, out);
  return out;
}

// What the plugin is told: KUBERNETES_EXEC_INFO.
std::string exec_info(const ExecPlugin& plugin, const Connection& connection) {
  std::string out =
      R"({"kind":"ExecCredential","apiVersion":)" + quoted(plugin.api_version) + R"(,"spec":{"interactive":false)";
  if (plugin.cluster_info) {
    out += R"(,"cluster":{"server":)" + quoted(connection.server);
    if (!connection.ca_pem.empty())
      out += R"(,"certificate-authority-data":)" + quoted(base64::encode(connection.ca_pem));
    if (connection.insecure) out += R"(,"insecure-skip-tls-verify":true)";
    if (!connection.server_name.empty()) out += R"(,"tls-server-name":)" + quoted(connection.server_name);
    out += "}";
  }
  return out + "}}";
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_for(const ExecPlugin& plugin, const Connection& connection) {
  std::vector<std::string> out;
  for (char** one = environ; *one; ++one) out.emplace_back(*one);
  for (const auto& [name, value] : plugin.environment) out.push_back(name + "=" + value);
  out.push_back("KUBERNETES_EXEC_INFO=" + exec_info(plugin, connection));
  return out;
}

// Everything that comes out of `fd` until it ends; an error after a minute or a mebibyte.
Result<std::string> read_all(int fd) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::string out;
  char buffer[16384];
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd one{fd, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&one, 1, static_cast<int>(left.count())) == 0)
      return fail("it did not end within a minute");
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return out;
    out.append(buffer, static_cast<std::size_t>(got));
    if (out.size() > largest_output) return fail("it printed more than a mebibyte");
  }
}

}  // namespace

Result<ExecCredential> read_credential(std::string_view output, const ExecPlugin& plugin) {
  auto value = json::parse(output, json::make_arena());
  if (!value) return fail("it printed no ExecCredential: " + value.error().text);
  if (json::string_at(*value, {"kind"}) != "ExecCredential") return fail("it printed no ExecCredential");
  if (json::string_at(*value, {"apiVersion"}) != plugin.api_version)
    return fail("it answered in apiVersion " + std::string(json::string_at(*value, {"apiVersion"})) +
                ", the kubeconfig asks for " + plugin.api_version);
  ExecCredential out;
  out.token = json::string_at(*value, {"status", "token"});
  out.certificate_pem = json::string_at(*value, {"status", "clientCertificateData"});
  out.key_pem = json::string_at(*value, {"status", "clientKeyData"});
  if (out.token.empty() && out.certificate_pem.empty()) return fail("it printed neither a token nor a certificate");
  if (out.certificate_pem.empty() != out.key_pem.empty()) return fail("it printed a certificate without its key");
  return out;
}

Result<ExecCredential> run_plugin(const ExecPlugin& plugin, const Connection& connection) {
  const auto failed = [&](const std::string& why) { return fail("exec plugin " + plugin.command + ": " + why); };
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed(std::strerror(errno));
  std::vector<std::string> arguments{plugin.command};
  arguments.insert(arguments.end(), plugin.arguments.begin(), plugin.arguments.end());
  std::vector<std::string> variables = environment_for(plugin, connection);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const int spawned = posix_spawnp(&child, plugin.command.c_str(), &actions, nullptr, pointers(arguments).data(),
                                   pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (spawned != 0) {
    ::close(ends[0]);
    return failed(std::strerror(spawned) + (plugin.install_hint.empty() ? "" : "; " + plugin.install_hint));
  }
  auto output = read_all(ends[0]);
  ::close(ends[0]);
  if (!output) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!output) return failed(output.error().text);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return failed("it ended with exit code " + std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : -1));
  auto credential = read_credential(*output, plugin);
  if (!credential) return failed(credential.error().text);
  return credential;
}

}  // namespace gatepost::client
