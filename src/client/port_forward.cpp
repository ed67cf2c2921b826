#include "client/port_forward.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "client/websocket.h"

namespace gatepost::client {
namespace {

constexpr const char* protocol = "v4.channel.k8s.io";
constexpr char data_channel = 0, error_channel = 1;
constexpr std::size_t port_bytes = 2;  // of the first message on each channel
constexpr std::size_t largest_write = 32u << 10;

class ForwardedStream final : public net::ByteStream {
 public:
  ForwardedStream(Upgraded upgraded, std::string pod)
      : under_(std::move(upgraded.stream)), pod_(std::move(pod)), random_(std::random_device{}()) {
    frames_.feed(upgraded.early);
  }

  net::Task<net::NetResult<std::size_t>> read_some(std::span<char> into) override {
    while (ready_.empty()) {
      auto message = frames_.next();
      if (!message) co_return net::net_fail(net::ErrorKind::other, std::move(message.error().text));
      if (!*message) {
        char buffer[16384];
        auto got = co_await under_->read_some(buffer);
        if (!got) co_return fail_with(std::move(got.error()));
        if (*got == 0) co_return std::size_t{0};
        frames_.feed({buffer, *got});
        continue;
      }
      if ((*message)->opcode == websocket::Opcode::close) co_return std::size_t{0};
      if ((*message)->opcode == websocket::Opcode::ping) {
        auto sent = co_await send(websocket::Opcode::pong, (*message)->payload);
        if (!sent) co_return fail_with(std::move(sent.error()));
        continue;
      }
      if (auto taken = take(**message); !taken) co_return fail_with(std::move(taken.error()));
    }
    const std::size_t size = std::min(into.size(), ready_.size());
    std::memcpy(into.data(), ready_.data(), size);
    ready_.erase(0, size);
    co_return size;
  }

  net::Task<net::NetResult<void>> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      std::string payload(1, data_channel);
      payload += bytes.substr(0, largest_write);
      bytes.remove_prefix(std::min(bytes.size(), largest_write));
      auto sent = co_await send(websocket::Opcode::binary, std::move(payload));
      if (!sent) co_return sent;
    }
    co_return net::NetResult<void>{};
  }

  void set_deadline(std::optional<net::SteadyTime> deadline) override { under_->set_deadline(deadline); }
  void close() override { under_->close(); }
  std::string local_address() const override { return under_->local_address(); }
  std::string peer_address() const override { return pod_; }

 private:
  net::Task<net::NetResult<void>> send(websocket::Opcode opcode, std::string payload) {
    const std::string bytes = websocket::frame(opcode, payload, random_());
    co_return co_await under_->write(bytes);
  }

  net::NetResult<void> take(const websocket::Message& message) {
    if (message.payload.empty()) return {};
    std::string_view rest = std::string_view(message.payload).substr(1);
    const char channel = message.payload[0];
    if (channel != data_channel && channel != error_channel) return {};
    bool& begun = channel == data_channel ? data_begun_ : error_begun_;
    if (!std::exchange(begun, true)) rest.remove_prefix(std::min(rest.size(), port_bytes));
    if (channel == error_channel && !rest.empty()) return net::net_fail(net::ErrorKind::other, std::string(rest));
    if (channel == data_channel) ready_ += rest;
    return {};
  }

  std::unique_ptr<net::ByteStream> under_;
  std::string pod_;
  websocket::Reader frames_;
  std::string ready_;  // data that came and was not read
  bool data_begun_ = false, error_begun_ = false;
  std::mt19937 random_;
};

}  // namespace

net::Task<net::NetResult<std::unique_ptr<net::ByteStream>>> port_forward(Rest* rest, std::string ns, std::string pod,
                                                                         int port, net::SteadyTime deadline) {
  const std::string path = "/api/v1/namespaces/" + ns + "/pods/" + pod + "/portforward?ports=" + std::to_string(port);
  auto upgraded = co_await rest->upgrade(path, protocol, deadline);
  if (!upgraded) co_return fail_with(std::move(upgraded.error()));
  co_return std::make_unique<ForwardedStream>(std::move(*upgraded), pod + ":" + std::to_string(port));
}

}  // namespace gatepost::client
