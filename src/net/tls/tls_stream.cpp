#include "net/tls/tls_stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace gatepost::net::tls {
namespace {

// A long message goes out in pieces of this many plain bytes, so that its cipher text need not be held whole.
constexpr std::size_t max_burst = 256u << 10;
// A buffer grown by a burst is given back when it is larger than this.
constexpr std::size_t max_kept = 64u << 10;

constexpr std::chrono::seconds goodbye_limit{1};

Task<void> goodbye(std::shared_ptr<ByteStream> under, std::string bytes) {
  under->set_deadline(std::chrono::steady_clock::now() + goodbye_limit);
  co_await under->write(bytes);
  under->close();
}

}  // namespace

TlsStream::TlsStream(std::unique_ptr<ByteStream> under, SSL_CTX* context, Role role, Engine::Judge judge,
                     boost::asio::any_io_executor executor)
    : engine_(context, role, std::move(judge)), under_(std::move(under)), executor_(std::move(executor)) {}

TlsStream::~TlsStream() {
  close();
}

Task<NetResult<void>> TlsStream::flush() {
  writing_ = true;
  NetResult<void> result;
  while (result && !engine_.output().empty()) {
    flying_.clear();
    flying_.swap(engine_.output());
    result = co_await under_->write(flying_);
  }
  if (flying_.capacity() > max_kept) std::string().swap(flying_);
  writing_ = false;
  co_return result;
}

Task<NetResult<void>> TlsStream::handshake() {
  for (;;) {
    const Step step = engine_.handshake();
    auto flushed = co_await flush();
    if (step == Step::failed) co_return fail_with(engine_.error());
    if (!flushed) co_return flushed;
    if (step == Step::done) co_return NetResult<void>{};
    if (step == Step::closed) co_return net_fail(ErrorKind::eof, "EOF");
    auto got = co_await under_->read_some(engine_.room());
    if (!got) co_return fail_with(got.error());
    if (*got == 0) co_return fail_with(engine_.end_of_wire());
    if (auto sound = engine_.feed(*got); !sound) co_return fail_with(sound.error());
  }
}

Task<NetResult<std::size_t>> TlsStream::read_some(std::span<char> into) {
  for (;;) {
    std::size_t count = 0;
    switch (engine_.read(into, count)) {
      case Step::done:
        co_return count;
      case Step::closed:
        co_return std::size_t{0};
      case Step::failed: {
        const Error error = engine_.error();
        if (!writing_) co_await flush();
        co_return fail_with(error);
      }
      case Step::want_read:
        break;
    }
    // An answer that reading produced (a key update) goes out with the next write.
    auto got = co_await under_->read_some(engine_.room());
    if (!got) co_return fail_with(got.error());
    if (*got == 0) {
      if (engine_.sniff().at_boundary()) co_return std::size_t{0};
      co_return fail_with(engine_.end_of_wire());
    }
    if (auto sound = engine_.feed(*got); !sound) co_return fail_with(sound.error());
  }
}

Task<NetResult<void>> TlsStream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, max_burst);
    if (engine_.write(piece) != Step::done) co_return fail_with(engine_.error());
    bytes.remove_prefix(piece.size());
    if (auto flushed = co_await flush(); !flushed) co_return flushed;
  }
  co_return NetResult<void>{};
}

void TlsStream::close() {
  if (closed_) return;
  closed_ = true;
  if (!writing_) engine_.say_goodbye();
  if (writing_ || engine_.output().empty()) {
    under_->close();
    return;
  }
  boost::asio::co_spawn(executor_, goodbye(under_, std::move(engine_.output())), boost::asio::detached);
}

}  // namespace gatepost::net::tls
