#include "net/tls/engine.h"

#include <algorithm>
#include <cstring>
#include <openssl/err.h>

#include "net/tls/alerts.h"
#include "net/tls/failure.h"

namespace gatepost::net::tls {
namespace {

// Room for a handshake flight or a small message; it grows when a read fills it, up to two full records.
constexpr std::size_t first_room = 4096, max_room = 36864;

}  // namespace

// The BIO under an SSL: its reads and writes are the engine's buffers.
struct Wire {
  static int read(BIO* bio, char* into, std::size_t size, std::size_t* count) {
    auto& engine = *static_cast<Engine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const std::size_t have = engine.input_end_ - engine.input_at_;
    if (have == 0 || !engine.sniff_.judged()) {
      BIO_set_retry_read(bio);
      return 0;
    }
    *count = std::min(size, have);
    std::memcpy(into, engine.input_.data() + engine.input_at_, *count);
    engine.input_at_ += *count;
    return 1;
  }

  static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* count) {
    static_cast<Engine*>(BIO_get_data(bio))->output_.append(bytes, size);
    *count = size;
    return 1;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  // One table for the program, made at the first connection.
  static const BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* table = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "engine");
      BIO_meth_set_read_ex(table, read);
      BIO_meth_set_write_ex(table, write);
      BIO_meth_set_ctrl(table, control);
      return table;
    }();
    return made;
  }

  static int judge(X509_STORE_CTX* store, void*) {
    const auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    return Engine::of(ssl).judge_peer(store);
  }

  // Sees every message of the handshake before OpenSSL reads it.
  static void note_message(int is_written, int version, int type, const void* bytes, std::size_t size, SSL* ssl,
                           void*) {
    const std::string_view message(static_cast<const char*>(bytes), size);
    if (is_written || type != SSL3_RT_HANDSHAKE || !message.starts_with(static_cast<char>(SSL3_MT_CERTIFICATE))) return;
    using Form = Engine::MessageForm;
    Engine::of(ssl).note_certificates(message, version == TLS1_3_VERSION ? Form::tls13 : Form::older);
  }

  static void note_alert(const SSL* ssl, int where, int value) {
    constexpr int fatal = 2;
    if ((where & SSL_CB_WRITE_ALERT) != SSL_CB_WRITE_ALERT || value >> 8 != fatal) return;
    Engine::of(ssl).sent_alert_ = static_cast<std::uint8_t>(value & 0xff);
  }
};

void Engine::watch(SSL_CTX* context) {
  SSL_CTX_set_cert_verify_callback(context, Wire::judge, nullptr);
  SSL_CTX_set_info_callback(context, Wire::note_alert);
}

Engine& Engine::of(const SSL* ssl) {
  return *static_cast<Engine*>(SSL_get_app_data(ssl));
}

Engine::Engine(SSL_CTX* context, Role role, Judge judge)
    : ssl_(SSL_new(context)), role_(role), judge_(std::move(judge)), sniff_(role), input_(first_room) {
  SSL_set_app_data(ssl_, this);
  BIO* bio = BIO_new(Wire::method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_msg_callback(ssl_, Wire::note_message);
  role == Role::client ? SSL_set_connect_state(ssl_) : SSL_set_accept_state(ssl_);
}

Engine::~Engine() {
  SSL_free(ssl_);
}

NetResult<void> Engine::feed(std::size_t count) {
  auto verdict = sniff_.feed({input_.data() + input_end_, count});
  input_end_ += count;
  return verdict;
}

Step Engine::handshake() {
  ERR_clear_error();
  const Step step = outcome(SSL_do_handshake(ssl_));
  if (step == Step::done) {
    judge_ = nullptr;  // it may refer to what ends with the handshake
    offer_ = {};
    std::vector<std::string>().swap(certificates_);
    SSL_set_msg_callback(ssl_, nullptr);
  }
  return step;
}

Step Engine::read(std::span<char> into, std::size_t& count) {
  ERR_clear_error();
  return outcome(SSL_read_ex(ssl_, into.data(), into.size(), &count));
}

Step Engine::write(std::string_view bytes) {
  std::size_t count = 0;
  ERR_clear_error();
  return outcome(SSL_write_ex(ssl_, bytes.data(), bytes.size(), &count));
}

void Engine::say_goodbye() {
  if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
  ERR_clear_error();
}

// Everything that was fed has been taken when OpenSSL wants more, so the room is the whole buffer again.
Step Engine::outcome(int result) {
  if (result == 1) return Step::done;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      if (!sniff_.judged()) return Step::want_read;  // not yet five bytes: they stay until the rest has come
      if (input_end_ == input_.size() && input_.size() < max_room) {
        input_.resize(std::min(input_.size() * 2, max_room));
      }
      input_at_ = input_end_ = 0;
      return Step::want_read;
    case SSL_ERROR_ZERO_RETURN:
      return Step::closed;
    default:
      error_ = failure();
      ERR_clear_error();
      return Step::failed;
  }
}

Error Engine::failure() {
  if (verdict_) return *verdict_;
  // OpenSSL could not read a certificate: the judge, who reads it too, says why.
  if (judge_ && !certificates_.empty()) {
    if (auto verdict = judge_(std::move(certificates_)); !verdict) return verdict.error();
  }
  const Circumstances seen{role_, sniff_, offer_, sent_alert_};
  return failure_of(ERR_peek_error(), seen);
}

Error Engine::end_of_wire() const {
  if (sniff_.at_boundary()) return {ErrorKind::eof, "EOF"};
  return {ErrorKind::unexpected_eof, "unexpected EOF"};
}

namespace {

// The next field of a message, led by its length in `length_bytes` bytes; empty when the message is too short.
std::string_view take_field(std::string_view& message, std::size_t length_bytes) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < length_bytes && i < message.size(); ++i) {
    size = size << 8 | static_cast<std::uint8_t>(message[i]);
  }
  message.remove_prefix(std::min(length_bytes, message.size()));
  const std::string_view field = message.substr(0, size);
  message.remove_prefix(field.size());
  return field;
}

}  // namespace

// RFC 8446 section 4.4.2; before TLS 1.3 there is no context, and there are no extensions.
void Engine::note_certificates(std::string_view message, MessageForm form) {
  constexpr std::size_t header = 4;
  message.remove_prefix(std::min(header, message.size()));
  if (form == MessageForm::tls13) take_field(message, 1);
  std::string_view list = take_field(message, 3);
  certificates_.clear();
  while (!list.empty()) {
    certificates_.emplace_back(take_field(list, 3));
    if (form == MessageForm::tls13) take_field(list, 2);
  }
}

int Engine::judge_peer(X509_STORE_CTX* store) {
  if (!judge_) return 0;
  auto verdict = judge_(std::move(certificates_));
  certificates_.clear();
  if (verdict) return 1;
  verdict_ = verdict.error();
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);  // makes the alert bad_certificate
  return 0;
}

}  // namespace gatepost::net::tls
