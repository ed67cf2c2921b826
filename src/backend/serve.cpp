#include "backend/serve.h"

#include "backend/below_http.h"
#include "backend/certificates.h"
#include "backend/configuration.h"
#include "backend/review.h"
#include "base/files.h"
#include "net/http/server.h"
#include "net/loop.h"

namespace gatepost::backend {
namespace {

struct Answering {
  ChosenFault fault;
  std::string path;
};

std::string body_of(const ChosenFault& fault, std::string_view request) {
  if (fault.fault->empty) return "";
  return fault.fault->body.empty() ? review_answer(request, fault) : std::string(fault.fault->body);
}

std::string head_of(std::size_t content_length) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(content_length) +
         "\r\n\r\n";
}

// Answers that the HTTP server would not send: written to the stream by hand, which then ends.
net::Task<void> answer_by_hand(const ChosenFault* fault, std::string request, std::unique_ptr<net::ByteStream> stream) {
  constexpr std::size_t missing = 1000;
  const Fault& what = *fault->fault;
  const std::string body = body_of(*fault, request);
  if (what.level == Level::raw) {
    (void)co_await stream->write(body);
  } else if (what.level == Level::truncated) {
    const std::string bytes = head_of(body.size() + missing) + body;
    (void)co_await stream->write(bytes);
  } else if (what.level == Level::slow_body) {
    const std::string head = head_of(body.size());
    (void)co_await stream->write(head);
    co_await net::sleep_for(fault->delay);
    (void)co_await stream->write(body);
  }
  if (what.level == Level::raw || what.level == Level::slow_body) {
    char byte = 0;
    (void)co_await stream->read_some(std::span(&byte, 1));  // the client closes first
  }
  stream->close();
}

bool by_hand(Level level) {
  return level == Level::raw || level == Level::truncated || level == Level::slow_body || level == Level::closed;
}

net::Task<void> answer(const Answering* how, net::http::Request& request, net::http::ResponseWriter& writer) {
  net::http::Headers headers;
  std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  if (!how->path.empty() && path != how->path) {
    headers.add("Content-Type", "text/plain; charset=utf-8");
    (void)co_await writer.send(404, std::move(headers), "404 page not found\n");
    co_return;
  }
  const ChosenFault& fault = how->fault;
  if (by_hand(fault.fault->level)) {
    auto stream = writer.hijack(nullptr);
    if (stream) co_await net::spawn(answer_by_hand(&fault, std::move(request.body), std::move(stream)));
    co_return;
  }
  if (fault.delay.count() > 0) co_await net::sleep_for(fault.delay);
  const std::string body = body_of(fault, request.body);
  headers.add("Content-Type", fault.status == 200 ? "application/json" : "text/plain; charset=utf-8");
  (void)co_await writer.send(fault.status, std::move(headers), body);
}

Result<std::shared_ptr<net::tls::ServerContext>> make_tls(const Fault& fault, const std::vector<std::string>& names,
                                                          const x509::Issued& authority) {
  auto certificate = make_certificate(fault.certificate, names, authority);
  if (!certificate) return fail_with(std::move(certificate.error()));
  net::tls::ServerConfig tls;
  tls.certificate_pem = certificate->certificate_pem;
  tls.key_pem = certificate->key_pem;
  if (fault.level == Level::old_tls) {
    tls.min_version = 0x0301;
    tls.max_version = 0x0302;
  }
  if (fault.level == Level::client_certificate) {
    tls.client_certificate = net::tls::ClientCertificate::require;
    tls.max_version = 0x0303;  // with TLS 1.3 the client learns of the refusal only after its own handshake
  }
  auto context = net::tls::make_server_context(std::move(tls));
  if (!context) return fail(context.error().text);
  return std::move(*context);
}

// What other programs need to call this backend.
Result<void> write_files(const BackendOptions& options, const std::string& ca_pem, const std::string& url) {
  if (!options.ca_out.empty())
    if (auto written = files::write_private(options.ca_out, ca_pem); !written) return written;
  if (options.webhook_out.empty()) return {};
  return files::write_private(options.webhook_out, webhook_configuration(url, ca_pem, *options.fault.fault));
}

}  // namespace

net::Task<Result<void>> serve(BackendOptions options, net::Task<void> stop,
                              std::function<void(const std::string&)> ready) {
  const Fault& fault = *options.fault.fault;
  auto authority = make_authority(std::string(authority_name));
  if (!authority) co_return fail_with(std::move(authority.error()));
  auto bound = [&](const std::string& address) -> Result<void> {
    const std::string url = "https://" + address;
    auto written = write_files(options, authority->certificate_pem, url);
    if (written) ready(url);
    return written;
  };
  if (fails_below_http(fault.level))
    co_return co_await serve_below_http(options.listen, &fault, std::move(stop), bound);
  net::http::ServerOptions http;
  http.address = options.listen;
  if (fault.level != Level::not_tls) {
    auto tls = make_tls(fault, options.names, *authority);
    if (!tls) co_return fail_with(std::move(tls.error()));
    http.tls = std::move(*tls);
  }
  Answering how{options.fault, options.path};
  auto handler = [&how](net::http::Request& request, const net::http::Peer&,
                        net::http::ResponseWriter& writer) -> net::Task<void> { return answer(&how, request, writer); };
  auto server = net::http::Server::listen(std::move(http), std::move(handler));
  if (!server) co_return fail(server.error().text);
  co_await net::spawn((*server)->run());
  auto told = bound((*server)->address());
  if (told) co_await std::move(stop);
  (*server)->stop();
  co_return told;
}

}  // namespace gatepost::backend
