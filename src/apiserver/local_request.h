// A request that the server makes of itself, without a connection: its answer is kept.
#pragma once

#include <string>

#include "net/http/server.h"

namespace gatepost::apiserver {

class LocalAnswer final : public net::http::ResponseWriter {
 public:
  net::Task<net::NetResult<void>> send(int status, net::http::Headers headers, std::string_view body) override {
    status_ = status;
    headers_ = std::move(headers);
    body_ = body;
    co_return net::NetResult<void>{};
  }
  net::Task<net::NetResult<void>> start(int status, net::http::Headers headers) override {
    return send(status, std::move(headers), {});
  }
  net::Task<net::NetResult<void>> write(std::string_view piece) override {
    body_ += piece;
    co_return net::NetResult<void>{};
  }
  bool client_gone() const override { return false; }
  void on_client_gone(std::function<void()>) override {}
  std::unique_ptr<net::ByteStream> hijack(std::string*) override { return nullptr; }

  int status() const { return status_; }
  const net::http::Headers& headers() const { return headers_; }
  const std::string& body() const { return body_; }

 private:
  int status_ = 0;
  net::http::Headers headers_;
  std::string body_;
};

}  // namespace gatepost::apiserver
