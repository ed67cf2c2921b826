// One connection of a server: reads requests one after the other, hands them to the handler and writes its answers.
// Where the client chose HTTP/2, net/http2 does so in its stead. Lives in a shared_ptr that its own task and the watch
// for a vanished client hold. Runs on the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/buffer.h"
#include "net/event.h"
#include "net/http/chunked.h"
#include "net/http/head_reader.h"
#include "net/http/request_reader.h"
#include "net/http/server_shared.h"

namespace gatepost::net::http2 {
class Connection;
}

namespace gatepost::net::http {

class ServerConnection final : public ResponseWriter, public std::enable_shared_from_this<ServerConnection> {
 public:
  ServerConnection(std::shared_ptr<ServerShared> shared, std::unique_ptr<ByteStream> stream);
  ~ServerConnection() override;

  static Task<void> run(std::shared_ptr<ServerConnection> self);
  // The server stops: closes at once when idle or streaming, after the present answer otherwise.
  void stop();

  Task<NetResult<void>> send(int status, Headers headers, std::string_view body) override;
  Task<NetResult<void>> start(int status, Headers headers) override;
  Task<NetResult<void>> write(std::string_view piece) override;
  bool client_gone() const override { return gone_; }
  void on_client_gone(std::function<void()> call) override;
  std::unique_ptr<ByteStream> hijack(std::string* already_read) override;

 private:
  enum class Phase { idle, reading, handling, streaming };
  enum class Step { next, close };        // go on with the connection, or end it
  enum class Fill { more, end, failed };  // what reading gave

  Task<bool> shake_hands();
  Task<Step> serve_one();
  Task<Step> read_head();
  Task<Step> read_body(Framing framing);
  Task<Step> finish_answer();
  Task<Fill> fill(std::size_t least = 4096);
  Task<Step> refuse(Refusal refusal);
  Task<Step> refuse_too_large();
  Task<Step> refuse_expectation();
  void begin_answer();
  Task<void> linger();
  // Reads and drops so many bytes of a body, as far as they come in time.
  Task<void> discard(std::size_t bytes);
  Task<NetResult<void>> put(std::string_view bytes);
  void begin_head(int status, const Headers& headers);
  void end_head();
  void set_timeout(std::chrono::milliseconds time);
  static Task<void> watch_client(std::shared_ptr<ServerConnection> self);
  void client_went();

  std::shared_ptr<ServerShared> shared_;
  std::unique_ptr<ByteStream> stream_;
  Peer peer_;
  Buffer in_;
  std::string out_;
  HeadReader head_;
  Request request_;
  Version version_;
  Phase phase_ = Phase::idle;
  bool first_ = true;        // before the first request
  bool keep_alive_ = true;   // after the present answer
  bool started_ = false;     // an answer was begun
  bool ended_ = false;       // and is complete
  bool chunked_ = false;     // a streamed answer in chunks (else it ends with the connection)
  bool body_wanted_ = true;  // not for HEAD, 204 and 304
  bool broken_ = false;      // a write failed
  bool gone_ = false;
  bool watching_ = false;  // watch_client() has the stream's one read
  Event watched_;          // its read has ended
  std::function<void()> on_gone_;
  std::shared_ptr<http2::Connection> http2_;
};

}  // namespace gatepost::net::http
