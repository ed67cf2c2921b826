#include "apiserver/health.h"

#include <array>

namespace gatepost::apiserver {
namespace {

// The checks that this server really has: it answers (ping) and its store is open (it would not have started else).
constexpr std::array<std::string_view, 3> checks{"ping", "log", "storage"};

}  // namespace

std::optional<std::string> health_text(std::string_view path, const Query& query) {
  std::string_view endpoint;
  for (std::string_view candidate : {"healthz", "livez", "readyz"})
    if (path.starts_with(std::string("/") + std::string(candidate))) endpoint = candidate;
  if (endpoint.empty()) return std::nullopt;
  std::string_view rest = path.substr(endpoint.size() + 1);
  if (rest.starts_with('/')) rest.remove_prefix(1);
  if (!rest.empty()) {
    for (std::string_view check : checks)
      if (rest == check) return "ok";
    return std::nullopt;
  }
  if (!query.has("verbose")) return "ok";
  std::string out;
  for (std::string_view check : checks) out.append("[+]").append(check).append(" ok\n");
  return out.append(endpoint).append(" check passed\n");
}

std::string version_document() {
  return R"({"major":"1","minor":"36","gitVersion":"v1.36.0+gatepost-)" GATEPOST_VERSION
         R"(","gitCommit":"","gitTreeState":"clean","buildDate":"","goVersion":"","compiler":"clang","platform":"linux/amd64"})";
}

}  // namespace gatepost::apiserver
