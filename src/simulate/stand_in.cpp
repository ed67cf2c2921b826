#include "simulate/stand_in.h"

#include "admission/resolve/url.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/url.h"

namespace gatepost::simulate {
namespace {

using net::NetResult;
using net::Task;

// A connection to a played backend: nothing is ever sent on it.
class NoStream final : public net::ByteStream {
 public:
  explicit NoStream(std::string peer) : peer_(std::move(peer)) {}
  Task<NetResult<std::size_t>> read_some(std::span<char>) override { co_return std::size_t{0}; }
  Task<NetResult<void>> write(std::string_view) override { co_return NetResult<void>{}; }
  void set_deadline(std::optional<net::SteadyTime>) override {}
  void close() override {}
  std::string local_address() const override { return ""; }
  std::string peer_address() const override { return peer_; }

 private:
  std::string peer_;
};

std::string_view value_behind(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return "";
  text.remove_prefix(at + key.size());
  return text.substr(0, text.find('"'));
}

class StandIn final : public net::http::Client {
 public:
  StandIn(std::string service, std::string server_name, net::http::Dialer dial, std::shared_ptr<const FaultTexts> texts,
          Play play)
      : service_(std::move(service)),
        server_name_(std::move(server_name)),
        dial_(std::move(dial)),
        texts_(std::move(texts)),
        play_(std::move(play)) {}

  Task<NetResult<net::http::Response>> call(std::string, net::http::Request request, net::SteadyTime deadline,
                                            net::http::CallTrace* trace, std::string*) override {
    std::string address = server_name_;
    if (dial_) {
      auto stream = co_await dial_("", "", deadline);
      if (!stream) co_return fail_with(std::move(stream.error()));
      address = (*stream)->peer_address();
    }
    Played played = play_(service_, deadline - std::chrono::steady_clock::now());
    if (!played.address.empty()) address = played.address;
    if (played.fault == Fault::slow && played.real_time) co_await net::sleep_until(deadline);
    if (played.fault != Fault::none)
      co_return fail_with(texts_->error(played.fault, address, server_name_, played.now));
    if (trace) trace->phase = net::http::Phase::done;
    net::http::Response response;
    response.status = 200;
    response.headers.add("Content-Type", "application/json");
    response.body = allowing_answer(request.body);
    co_return response;
  }

  Task<NetResult<Streaming>> open(std::string, net::http::Request, net::SteadyTime, net::http::CallTrace*) override {
    co_return net::net_fail(net::ErrorKind::other, "a played backend streams nothing");
  }
  void close_idle() override {}

 private:
  std::string service_, server_name_;
  net::http::Dialer dial_;
  std::shared_ptr<const FaultTexts> texts_;
  Play play_;
};

net::Task<NetResult<std::unique_ptr<net::ByteStream>>> no_dial(std::string host, std::string port) {
  co_return std::unique_ptr<net::ByteStream>(std::make_unique<NoStream>(host + ":" + port));
}

}  // namespace

std::string allowing_answer(std::string_view body) {
  std::string version(value_behind(body, "\"apiVersion\":\""));
  if (version.empty()) version = "admission.k8s.io/v1";
  return R"({"kind":"AdmissionReview","apiVersion":")" + version + R"(","response":{"uid":")" +
         std::string(value_behind(body, "\"uid\":\"")) + R"(","allowed":true}})";
}

net::http::Dialer played_dialer() {
  return [](std::string host, std::string port, net::SteadyTime) { return no_dial(std::move(host), std::move(port)); };
}

admission::MakeClient stand_in_clients(std::shared_ptr<const FaultTexts> texts, Play play) {
  return [texts = std::move(texts), play = std::move(play)](
             const admission::ClientConfig& config,
             net::http::ClientOptions options) -> std::shared_ptr<net::http::Client> {
    if (config.service)
      return std::make_shared<StandIn>(config.service->ns + "/" + config.service->name,
                                       admission::server_name(*config.service), std::move(options.dial), texts, play);
    auto url = net::url::parse(config.url);
    std::string host = url ? url->host : config.url;
    return std::make_shared<StandIn>(host, host, net::http::Dialer(), texts, play);
  };
}

}  // namespace gatepost::simulate
