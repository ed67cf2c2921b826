#include "diagnose/direct_call.h"

#include <algorithm>
#include <fmt/format.h>

#include "admission/errors.h"
#include "admission/review.h"
#include "base/base64.h"
#include "x509/pool.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t largest_answer = 4u << 20;

double milliseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// How long each phase took; the one that was under way at the end as one that did not end.
std::vector<report::Latency> steps_of(const net::http::CallTrace& trace, net::SteadyTime from, net::SteadyTime to) {
  std::vector<report::Latency> out;
  const std::pair<const char*, std::optional<net::SteadyTime>> steps[] = {
      {"dial", trace.dialed},  {"TLS handshake", trace.handshaken},
      {"request", trace.sent}, {"answer", trace.first_byte},
      {"body", trace.done},
  };
  for (const auto& [name, at] : steps) {
    out.push_back({name, milliseconds(at.value_or(to) - from), at.has_value()});
    if (!at) break;
    from = *at;
  }
  return out;
}

// The verdict of kube-apiserver on the answer to a review.
std::string judge(const DirectCall& call, const net::http::Response& response) {
  if (response.status < 200 || response.status > 206)
    return "failed to call webhook: " + admission::http_status_text(response.status, response.body);
  auto answer =
      admission::read_answer(response.body, response.headers.get("Content-Type"), response.status,
                             call.beta ? admission::ReviewVersion::v1beta1 : admission::ReviewVersion::v1,
                             call.mutating ? admission::HookType::mutating : admission::HookType::validating, call.uid);
  if (answer) return "";
  return (answer.error().kind == admission::AnswerError::Kind::call ? "failed to call webhook: "
                                                                    : "received invalid webhook response: ") +
         answer.error().text;
}

Result<std::shared_ptr<const x509::Pool>> read_bundle(const std::string& ca_bundle) {
  auto pem = base64::decode(ca_bundle);
  if (!pem) return fail_with(std::move(pem.error()));
  return x509::pool_from_ca_bundle(*pem);
}

}  // namespace

Result<net::tls::ClientConfig> Trust::of(const std::string& ca_bundle) {
  net::tls::ClientConfig out;
  if (!ca_bundle.empty()) {
    auto known = pools_.find(ca_bundle);
    if (known == pools_.end()) {
      auto pem = base64::decode(ca_bundle);
      known = pools_.emplace(ca_bundle, read_bundle(ca_bundle)).first;
    }
    if (!known->second) return fail(known->second.error().text);
    out.roots = *known->second;
  }
  if (context_) {
    out.prepared = context_;
  } else if (auto prepared = net::tls::prepare(out); !prepared) {
    return fail(prepared.error().text);
  } else {
    context_ = out.prepared;
  }
  return out;
}

net::Task<DirectAnswer> call_directly(DirectCall call) {
  DirectAnswer out;
  out.address = call.address;
  auto tls = call.trust->of(call.ca_bundle);
  if (!tls) {
    out.failure = std::move(tls.error().text);
    co_return out;
  }
  tls->server_name = call.server_name;
  net::http::ClientOptions options;
  options.tls = std::move(*tls);
  options.follow_redirects = false;
  options.max_body = largest_answer;
  options.dial = call.dial;
  options.tls_handshake_timeout = call.handshake_patience;
  auto client = net::http::Client::make(std::move(options));
  net::http::Request request;
  request.method = call.review.empty() ? "GET" : "POST";
  request.headers.add("Accept", "application/json, */*");
  if (!call.review.empty()) request.headers.add("Content-Type", "application/json");
  request.headers.add("User-Agent", "gatepost/" GATEPOST_VERSION);
  request.body = call.review;
  const std::string url = fmt::format("{}?timeout={}s", call.url, call.timeout_seconds);
  net::http::CallTrace trace;
  const auto started = std::chrono::steady_clock::now();
  auto response = co_await client->call(url, std::move(request), started + call.patience, &trace);
  const auto ended = std::chrono::steady_clock::now();
  out.took = std::chrono::duration_cast<std::chrono::milliseconds>(ended - started);
  out.phase = trace.phase;
  out.status = trace.status;
  out.steps = steps_of(trace, started, ended);
  if (call.looked_up && *call.looked_up > 0 && !out.steps.empty()) {
    out.steps.front().milliseconds -= *call.looked_up;
    out.steps.insert(out.steps.begin(), {"DNS", *call.looked_up, true});
  }
  if (trace.tls) out.served = trace.tls->certificates;
  client->close_idle();
  if (!response) {
    out.failure = fmt::format("failed to call webhook: Post \"{}\": {}", url, response.error().text);
    co_return out;
  }
  out.late = out.took > std::chrono::seconds(call.timeout_seconds);
  const std::string_view body = std::string_view(response->body).substr(0, 4096);
  out.mark = proxy_mark(response->headers.get("Server"), response->headers.get("Via"), body);
  out.by_proxy = !out.mark.empty();
  if (call.review.empty()) co_return out;
  out.judged = true;
  out.failure = judge(call, *response);
  co_return out;
}

std::string_view phase_text(net::http::Phase phase) {
  switch (phase) {
    case net::http::Phase::dial:
      return "dial";
    case net::http::Phase::proxy:
      return "proxy";
    case net::http::Phase::handshake:
      return "TLS handshake";
    case net::http::Phase::write:
      return "sending the request";
    case net::http::Phase::headers:
      return "waiting for the answer";
    case net::http::Phase::body:
      return "reading the answer";
    case net::http::Phase::done:
      return "done";
  }
  return "";
}

std::string_view proxy_mark(std::string_view server, std::string_view via, std::string_view body) {
  struct Mark {
    std::string_view text, who;
  };
  // What they send as Server, and the sentences of their own error pages.
  static constexpr Mark servers[] = {{"envoy", "envoy"},
                                     {"nginx", "nginx"},
                                     {"squid", "squid"},
                                     {"haproxy", "haproxy"},
                                     {"awselb", "an AWS load balancer"},
                                     {"cloudflare", "cloudflare"}};
  static constexpr Mark pages[] = {
      {"upstream connect error", "envoy"}, {"no healthy upstream", "envoy"},
      {"RBAC: access denied", "envoy"},    {"<center>nginx", "nginx"},
      {"ERR_CONNECT_FAIL", "squid"},       {"<title>503 Service Temporarily Unavailable", "nginx"}};
  for (const Mark& one : servers)
    if (server.find(one.text) != std::string_view::npos) return one.who;
  if (!via.empty()) return "a proxy that adds Via";
  for (const Mark& one : pages)
    if (body.find(one.text) != std::string_view::npos) return one.who;
  return "";
}

}  // namespace gatepost::diagnose
