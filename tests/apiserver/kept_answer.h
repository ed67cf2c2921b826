// The answer of a handler, kept as bytes.
#pragma once

#include <string>

#include "net/http/server.h"

namespace gatepost::apiserver {

class KeptAnswer final : public net::http::ResponseWriter {
 public:
  net::Task<net::NetResult<void>> send(int code, net::http::Headers fields, std::string_view text) override {
    status = code;
    headers = std::move(fields);
    body = text;
    co_return net::NetResult<void>{};
  }
  net::Task<net::NetResult<void>> start(int code, net::http::Headers fields) override {
    status = code;
    headers = std::move(fields);
    co_return net::NetResult<void>{};
  }
  net::Task<net::NetResult<void>> write(std::string_view piece) override {
    body += piece;
    co_return net::NetResult<void>{};
  }
  bool client_gone() const override { return false; }
  void on_client_gone(std::function<void()>) override {}
  std::unique_ptr<net::ByteStream> hijack(std::string*) override { return nullptr; }

  int status = 0;
  net::http::Headers headers;
  std::string body;
};

}  // namespace gatepost::apiserver
