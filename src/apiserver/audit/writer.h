// A response writer that tells the audit log when a streamed answer begins.
#pragma once

#include <functional>

#include "net/http/server.h"

namespace gatepost::apiserver::audit {

class Writer final : public net::http::ResponseWriter {
 public:
  // `started` is called with the status, once, before a streamed answer or a switch of protocols.
  Writer(net::http::ResponseWriter& inner, std::function<void(int status)> started)
      : inner_(inner), started_(std::move(started)) {}

  net::Task<net::NetResult<void>> send(int status, net::http::Headers headers, std::string_view body) override {
    return inner_.send(status, std::move(headers), body);
  }
  net::Task<net::NetResult<void>> start(int status, net::http::Headers headers) override {
    started_(status);
    return inner_.start(status, std::move(headers));
  }
  net::Task<net::NetResult<void>> write(std::string_view piece) override { return inner_.write(piece); }
  bool client_gone() const override { return inner_.client_gone(); }
  void on_client_gone(std::function<void()> call) override { inner_.on_client_gone(std::move(call)); }
  std::unique_ptr<net::ByteStream> hijack(std::string* already_read) override {
    constexpr int switching_protocols = 101;
    started_(switching_protocols);
    return inner_.hijack(already_read);
  }

 private:
  net::http::ResponseWriter& inner_;
  std::function<void(int)> started_;
};

}  // namespace gatepost::apiserver::audit
