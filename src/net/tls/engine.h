// OpenSSL without sockets: bytes of the wire in, bytes of the wire out, plain bytes between. One engine is one
// connection; it does no input or output and knows no time. Errors carry the texts of Go's crypto/tls.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <openssl/ssl.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/error.h"
#include "net/tls/record_sniff.h"

namespace gatepost::net::tls {

enum class Step {
  done,
  want_read,  // more bytes of the wire are needed
  closed,     // the peer said goodbye
  failed,     // see error()
};

// What a client offered, for the server's error texts.
struct Offer {
  std::vector<std::uint16_t> versions, suites;
  std::vector<std::string> protocols;
};

class Engine {
 public:
  // Judges the certificates the peer sent (DER, leaf first). Its error ends the handshake with bad_certificate. Called
  // during the handshake only.
  using Judge = std::function<NetResult<void>(std::vector<std::string> certificates)>;

  Engine(SSL_CTX* context, Role role, Judge judge);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Installs in a context what its engines need; once a context.
  static void watch(SSL_CTX* context);
  static Engine& of(const SSL* ssl);

  SSL* ssl() const { return ssl_; }

  // Where bytes from the wire go; feed(n) says how many came. All earlier ones have been taken when a step wants more.
  std::span<char> room() { return std::span(input_).subspan(input_end_); }
  NetResult<void> feed(std::size_t count);

  Step handshake();
  Step read(std::span<char> into, std::size_t& count);
  Step write(std::string_view bytes);
  void say_goodbye();

  // Bytes for the wire. The caller swaps them out.
  std::string& output() { return output_; }

  const Error& error() const { return error_; }
  // The error of a wire that ended here: EOF between records, unexpected EOF within one.
  Error end_of_wire() const;
  const RecordSniff& sniff() const { return sniff_; }
  Offer& offer() { return offer_; }

 private:
  friend struct Wire;
  enum class MessageForm { older, tls13 };
  Step outcome(int result);
  Error failure();
  int judge_peer(X509_STORE_CTX* store);
  void note_certificates(std::string_view message, MessageForm form);

  SSL* ssl_ = nullptr;
  Role role_;
  Judge judge_;
  RecordSniff sniff_;
  std::vector<char> input_;
  std::size_t input_at_ = 0, input_end_ = 0;
  std::string output_;
  Offer offer_;
  std::vector<std::string> certificates_;   // as the peer sent them
  std::optional<Error> verdict_;            // the judge's
  std::optional<std::uint8_t> sent_alert_;  // the fatal alert we sent
  Error error_;
};

}  // namespace gatepost::net::tls
