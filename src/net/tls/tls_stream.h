// A ByteStream that encrypts: an engine over another stream. A message becomes one burst of records and one write
// below; what a read needs is read straight into the engine.
#pragma once

#include <memory>

#include "net/stream.h"
#include "net/tls/engine.h"

namespace gatepost::net::tls {

class TlsStream final : public ByteStream {
 public:
  TlsStream(std::unique_ptr<ByteStream> under, SSL_CTX* context, Role role, Engine::Judge judge,
            boost::asio::any_io_executor executor);
  ~TlsStream() override;

  Engine& engine() { return engine_; }
  ByteStream& under() { return *under_; }

  // Runs the handshake to its end. After a failure our alert has been sent, as far as the peer took it.
  Task<NetResult<void>> handshake();

  Task<NetResult<std::size_t>> read_some(std::span<char> into) override;
  Task<NetResult<void>> write(std::string_view bytes) override;
  void set_deadline(std::optional<SteadyTime> deadline) override { under_->set_deadline(deadline); }
  // Sends close_notify if the peer takes it within a second; the stream is closed for the caller at once.
  void close() override;
  std::string local_address() const override { return under_->local_address(); }
  std::string peer_address() const override { return under_->peer_address(); }

 private:
  Task<NetResult<void>> flush();

  Engine engine_;
  std::shared_ptr<ByteStream> under_;  // shared with the goodbye that outlives close()
  boost::asio::any_io_executor executor_;
  std::string flying_;  // being written below
  bool writing_ = false, closed_ = false;
};

}  // namespace gatepost::net::tls
