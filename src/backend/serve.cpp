#include "backend/serve.h"

#include "base/files.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/http/server.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "x509/issue.h"

namespace gatepost::backend {
namespace {

using std::chrono::sys_days;
using std::chrono::year;

constexpr std::chrono::sys_seconds long_ago = sys_days(year(2020) / 1 / 1);
constexpr std::chrono::sys_seconds expired_at = sys_days(year(2020) / 1 / 2);
constexpr std::chrono::sys_seconds far_future = sys_days(year(2190) / 1 / 1);
constexpr std::chrono::sys_seconds end_of_time = sys_days(year(2199) / 1 / 1);

Result<x509::Issued> make_authority(const std::string& name) {
  x509::IssueOptions options;
  options.common_name = name;
  options.kind = x509::CertificateKind::authority;
  options.usages = {};
  options.not_before = long_ago;
  options.not_after = end_of_time;
  return x509::issue(options);
}

Result<x509::Issued> make_certificate(Certificate which, const std::vector<std::string>& names,
                                      const x509::Issued& authority) {
  x509::IssueOptions options;
  options.common_name = "webhook-backend";
  options.names = {"localhost", "127.0.0.1"};
  options.names.insert(options.names.end(), names.begin(), names.end());
  options.not_before = long_ago;
  options.not_after = end_of_time;
  switch (which) {
    case Certificate::good:
      break;
    case Certificate::expired:
      options.not_after = expired_at;
      break;
    case Certificate::not_yet_valid:
      options.not_before = far_future;
      break;
    case Certificate::wrong_name:
      options.names = {"elsewhere.example.com"};
      break;
    case Certificate::no_san:
      options.names.clear();
      break;
    case Certificate::client_usage:
      options.usages = {x509::ExtKeyUsage::client_auth};
      break;
    case Certificate::self_signed:
      return x509::issue(options);
    case Certificate::unknown_authority: {
      auto other = make_authority("another-ca");
      if (!other) return other;
      return x509::issue(options, &*other);
    }
  }
  return x509::issue(options, &authority);
}

// The review that answers `body`; what cannot be read is answered as if its uid were empty.
std::string review_answer(const std::string& body, const ChosenFault& fault) {
  auto parsed = json::parse(body, json::make_arena());
  std::string uid, api = "admission.k8s.io/v1";
  if (parsed) {
    uid = json::string_at(*parsed, {"request", "uid"});
    if (std::string_view given = json::string_at(*parsed, {"apiVersion"}); !given.empty()) api = given;
  }
  bool denies = fault.fault->name == "deny";
  std::string out = "{\"kind\":\"AdmissionReview\",\"apiVersion\":";
  json::write_string(api, out);
  out += ",\"response\":{\"uid\":";
  json::write_string(uid, out);
  out += denies ? ",\"allowed\":false,\"status\":{\"code\":403,\"message\":" : ",\"allowed\":true";
  if (denies) {
    json::write_string(fault.message, out);
    out.push_back('}');
  }
  return out + "}}";
}

struct Answering {
  ChosenFault fault;
  std::string path;
};

net::Task<void> answer(const Answering* how, net::http::Request& request, net::http::ResponseWriter& writer) {
  net::http::Headers headers;
  std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  if (!how->path.empty() && path != how->path) {
    headers.add("Content-Type", "text/plain; charset=utf-8");
    (void)co_await writer.send(404, std::move(headers), "404 page not found\n");
    co_return;
  }
  if (how->fault.delay.count() > 0) co_await net::sleep_for(how->fault.delay);
  const Fault& fault = *how->fault.fault;
  std::string body = fault.body.empty() ? review_answer(request.body, how->fault) : std::string(fault.body);
  headers.add("Content-Type", fault.status == 200 ? "application/json" : "text/plain; charset=utf-8");
  (void)co_await writer.send(fault.status, std::move(headers), body);
}

// A connection that fails below HTTP.
net::Task<void> fail_connection(std::unique_ptr<net::ByteStream> stream, Level level) {
  constexpr auto until_hello_is_there = std::chrono::milliseconds(50);
  if (level == Level::tcp_reset) {
    // Closed with bytes unread, a connection is reset.
    co_await net::sleep_for(until_hello_is_there);
    stream->close();
  } else if (level == Level::tcp_eof) {
    char buffer[4096];
    (void)co_await stream->read_some(buffer);
    stream->close();
  } else {
    co_await net::sleep_for(std::chrono::minutes(10));
  }
}

net::Task<void> accept_and_fail(net::tcp::Listener* listener, Level level) {
  for (;;) {
    auto stream = co_await listener->accept();
    if (!stream) co_return;
    co_await net::spawn(fail_connection(std::move(*stream), level));
  }
}

}  // namespace

net::Task<Result<void>> serve(BackendOptions options, net::Task<void> stop,
                              std::function<void(const std::string&)> ready) {
  const Fault& fault = *options.fault.fault;
  auto authority = make_authority("gatepost-backend-ca");
  if (!authority) co_return fail_with(std::move(authority.error()));
  if (!options.ca_out.empty())
    if (auto written = files::write_private(options.ca_out, authority->certificate_pem); !written)
      co_return fail_with(std::move(written.error()));

  bool below_http =
      fault.level == Level::tcp_reset || fault.level == Level::tcp_eof || fault.level == Level::tcp_silent;
  if (below_http) {
    auto listener = net::tcp::Listener::listen(options.listen);
    if (!listener) co_return fail(listener.error().text);
    co_await net::spawn(accept_and_fail(&*listener, fault.level));
    ready(listener->address());
    co_await std::move(stop);
    listener->stop();
    co_await net::yield();
    co_return Result<void>{};
  }

  net::http::ServerOptions http;
  http.address = options.listen;
  if (fault.level != Level::not_tls) {
    auto certificate = make_certificate(fault.certificate, options.names, *authority);
    if (!certificate) co_return fail_with(std::move(certificate.error()));
    net::tls::ServerConfig tls;
    tls.certificate_pem = certificate->certificate_pem;
    tls.key_pem = certificate->key_pem;
    if (fault.level == Level::old_tls) {
      tls.min_version = 0x0301;
      tls.max_version = 0x0302;
    }
    auto context = net::tls::make_server_context(std::move(tls));
    if (!context) co_return fail(context.error().text);
    http.tls = std::move(*context);
  }
  Answering how{options.fault, options.path};
  auto handler = [&how](net::http::Request& request, const net::http::Peer&,
                        net::http::ResponseWriter& writer) -> net::Task<void> { return answer(&how, request, writer); };
  auto server = net::http::Server::listen(std::move(http), std::move(handler));
  if (!server) co_return fail(server.error().text);
  co_await net::spawn((*server)->run());
  ready((*server)->address());
  co_await std::move(stop);
  (*server)->stop();
  co_return Result<void>{};
}

}  // namespace gatepost::backend
