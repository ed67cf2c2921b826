#include "client/rest.h"

#include "json/parse.h"
#include "x509/pool.h"

namespace gatepost::client {

Result<Rest> Rest::make(Connection connection) {
  net::http::ClientOptions options;
  if (connection.server.starts_with("https://")) {
    net::tls::ClientConfig tls;
    if (!connection.ca_pem.empty()) {
      auto pool = x509::pool_from_ca_bundle(connection.ca_pem);
      if (!pool) return fail(pool.error().text);
      tls.roots = std::move(*pool);
    }
    if (connection.insecure) tls.verify = net::tls::Verify::no;
    tls.server_name = connection.server_name;
    tls.certificate_pem = connection.certificate_pem;
    tls.key_pem = connection.key_pem;
    if (auto prepared = net::tls::prepare(tls); !prepared) return fail(prepared.error().text);
    options.tls = std::move(tls);
  }
  Rest rest;
  rest.client_ = net::http::Client::make(std::move(options));
  rest.connection_ = std::move(connection);
  return rest;
}

net::Task<Result<Reply>> Rest::call(std::string method, std::string path, std::string body) {
  constexpr auto patience = std::chrono::seconds(40);
  net::http::Request request;
  request.method = std::move(method);
  request.headers.add("Accept", "application/json");
  request.headers.add("User-Agent", "gatepost/" GATEPOST_VERSION);
  if (!connection_.token.empty()) request.headers.add("Authorization", "Bearer " + connection_.token);
  if (!body.empty()) request.headers.add("Content-Type", "application/json");
  request.body = std::move(body);
  auto response = co_await client_->call(connection_.server + path, std::move(request),
                                         std::chrono::steady_clock::now() + patience);
  if (!response) co_return fail(connection_.server + " cannot be reached: " + response.error().text);
  Reply reply;
  reply.status = response->status;
  reply.text = response->body;
  if (auto parsed = json::parse(response->body, json::make_arena(response->body.size() * 2))) {
    reply.body = std::move(*parsed);
    if (json::string_at(reply.body, {"kind"}) == "Status") reply.text = json::string_at(reply.body, {"message"});
  }
  co_return reply;
}

}  // namespace gatepost::client
