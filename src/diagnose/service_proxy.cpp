#include "diagnose/service_proxy.h"

#include <fmt/format.h>

namespace gatepost::diagnose {

std::string proxy_path(const Subject& subject) {
  return fmt::format("/api/v1/namespaces/{}/services/https:{}:{}/proxy{}{}", subject.service_namespace,
                     subject.service_name, subject.port, subject.path.starts_with('/') ? "" : "/", subject.path);
}

ProxyAnswer read_proxy_answer(int status, std::string_view text) {
  using Way = ProxyAnswer::Way;
  constexpr std::string_view failed = "error trying to reach service: ";
  const std::size_t at = text.find(failed);
  if (at == std::string_view::npos) {
    // The proxy's own refusals: no right to use it, no endpoints that it can see.
    const bool own = status == 401 || (status == 403 && text.find("services/proxy") != std::string_view::npos) ||
                     (status == 404 && text.starts_with("services \"")) ||
                     (status == 503 && (text.find("no endpoints available") != std::string_view::npos ||
                                        text.starts_with("no service port ")));
    if (own) return {Way::unknown, std::string(text)};
    return {Way::reached, "answered with " + std::to_string(status), status};
  }
  std::string tail(text.substr(at + failed.size()));
  if (tail.find("refused") != std::string::npos) return {Way::refused, std::move(tail)};
  const bool silent = tail.find("timeout") != std::string::npos || tail.find("deadline") != std::string::npos ||
                      tail.find("no route") != std::string::npos;
  return {silent ? Way::silent : Way::reached, std::move(tail)};
}

net::Task<ProxyAnswer> call_through_proxy(client::Rest* rest, std::string path) {
  constexpr auto patience = std::chrono::seconds(12);
  auto reply = co_await rest->call("GET", std::move(path), "", patience);
  if (!reply) co_return ProxyAnswer{ProxyAnswer::Way::silent, "no answer within 12 s"};
  co_return read_proxy_answer(reply->status, reply->text);
}

}  // namespace gatepost::diagnose
