// What a TLS stream carries once the hands are shaken, and how it ends.
#include <gtest/gtest.h>

#include "net/tls/pair.h"

namespace gatepost::net::tls {
namespace {

using namespace testing;
namespace asio = boost::asio;

class Streams : public ::testing::Test {
 protected:
  Streams() : pair_(memory_pair(io.get_executor(), {.capacity = 8u << 20})) {
    below_client = pair_.client.get();
    below_server = pair_.server.get();
  }

  // Shakes hands; both ends are then there.
  void shake() {
    auto context = make_server_context(server_config);
    ASSERT_TRUE(context) << context.error().text;
    asio::co_spawn(io, keep(accept(std::move(pair_.server), *context, &client_info), &server), asio::detached);
    asio::co_spawn(io, keep(connect(std::move(pair_.client), client_config, "127.0.0.1", &peer), &client),
                   asio::detached);
    run();
    ASSERT_TRUE(client) << error;
    ASSERT_TRUE(server) << error;
  }

  void run() {
    io.run();
    io.restart();
  }

  void write(ByteStream& stream, std::string bytes) {
    asio::co_spawn(io, send(&stream, std::move(bytes)), asio::detached);
  }

  struct Got {
    std::string bytes;
    std::optional<Error> error;
    bool ended = false;
  };
  // Reads until the end, an error, or `size` bytes.
  void read(ByteStream& stream, std::size_t size, Got* got) {
    asio::co_spawn(io, receive(&stream, size, got), asio::detached);
  }

  x509::Issued ca = authority("ca"), leaf = made({.names = {"127.0.0.1"}}, &ca);
  ServerConfig server_config{.certificate_pem = leaf.certificate_pem, .key_pem = leaf.key_pem};
  ClientConfig client_config{.roots = trust({&ca})};
  asio::io_context io{1};
  MemoryStream *below_client, *below_server;
  std::unique_ptr<ByteStream> client, server;
  PeerInfo peer;
  ClientInfo client_info;
  std::string error;

 private:
  Task<void> keep(Task<NetResult<std::unique_ptr<ByteStream>>> task, std::unique_ptr<ByteStream>* into) {
    auto result = co_await std::move(task);
    if (result) {
      *into = std::move(*result);
    } else {
      error = result.error().text;
    }
  }

  static Task<void> send(ByteStream* stream, std::string bytes) { EXPECT_TRUE(co_await stream->write(bytes)); }

  static Task<void> receive(ByteStream* stream, std::size_t size, Got* got) {
    std::string buffer(10000, '\0');
    while (got->bytes.size() < size) {
      auto count = co_await stream->read_some(buffer);
      if (!count) {
        got->error = count.error();
        co_return;
      }
      if (*count == 0) {
        got->ended = true;
        co_return;
      }
      got->bytes.append(buffer, 0, *count);
    }
  }

  MemoryPair pair_;
};

TEST_F(Streams, TellsWhatTheHandshakeShowed) {
  shake();
  EXPECT_EQ(peer.protocol, "TLSv1.3");
  EXPECT_EQ(peer.alpn, "http/1.1");
  ASSERT_EQ(peer.certificates.size(), 1u);
  EXPECT_EQ(peer.certificates[0], *x509::first_certificate_der(leaf.certificate_pem));
  EXPECT_TRUE(client_info.certificates.empty());
}

TEST_F(Streams, CertificatesAreSeenEvenWhenTheyAreRefused) {
  Pair pair;
  client_config.roots = std::make_shared<x509::Pool>();
  EXPECT_FALSE(pair.exchange(server_config, client_config, "127.0.0.1"));
  EXPECT_EQ(pair.peer.certificates.size(), 1u);
  ASSERT_FALSE(pair.server_result);
  EXPECT_EQ(pair.server_result.error().text, "remote error: tls: bad certificate");
}

TEST_F(Streams, AClientCertificateIsHandedOverUnjudged) {
  const auto stranger = made({.common_name = "jane",
                              .not_after = std::chrono::sys_days{std::chrono::year{2021} / 1 / 1},
                              .usages = {x509::ExtKeyUsage::client_auth}});
  for (int version : {0x0303, 0x0304}) {
    Pair pair;
    server_config.client_certificate = ClientCertificate::request;
    server_config.max_version = version;
    client_config.certificate_pem = stranger.certificate_pem;
    client_config.key_pem = stranger.key_pem;
    client_config.prepared = nullptr;
    EXPECT_TRUE(pair.exchange(server_config, client_config, "127.0.0.1"));
    ASSERT_EQ(pair.client_info.certificates.size(), 1u);
    EXPECT_EQ(pair.client_info.certificates[0], *x509::first_certificate_der(stranger.certificate_pem));
    EXPECT_TRUE(pair.server_result) << pair.server_result.error().text;
  }
}

TEST_F(Streams, OneMessageIsOneWriteBelow) {
  shake();
  const std::size_t before = below_client->writes();
  Got got;
  const std::string message(100000, 'm');
  write(*client, message);
  read(*server, message.size(), &got);
  run();
  EXPECT_EQ(got.bytes, message);
  EXPECT_EQ(below_client->writes(), before + 1);
}

TEST_F(Streams, BothDirectionsAtOnce) {
  shake();
  Got up, down;
  std::string large(3u << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 >> 8);
  read(*server, large.size(), &up);
  read(*client, large.size(), &down);
  write(*client, large);
  write(*server, large);
  run();
  EXPECT_TRUE(up.bytes == large);
  EXPECT_TRUE(down.bytes == large);
}

TEST_F(Streams, ClosingSaysGoodbye) {
  shake();
  Got got;
  read(*server, 1, &got);
  write(*client, "");
  client->close();
  run();
  EXPECT_TRUE(got.ended);
  EXPECT_FALSE(got.error);
}

TEST_F(Streams, AnEndBetweenRecordsIsAnEnd) {
  shake();
  Got got;
  read(*client, 1, &got);
  below_server->shutdown_write();
  run();
  EXPECT_TRUE(got.ended);
}

TEST_F(Streams, AnEndWithinARecordIsNot) {
  shake();
  Got got;
  read(*client, 1, &got);
  write(*below_server, std::string("\x17\x03\x03\x00\x20half", 9));
  io.poll();
  below_server->shutdown_write();
  run();
  ASSERT_TRUE(got.error);
  EXPECT_EQ(got.error->kind, ErrorKind::unexpected_eof);
  EXPECT_EQ(got.error->text, "unexpected EOF");
}

TEST_F(Streams, AForgedRecordEndsTheConnection) {
  shake();
  Got at_client, at_server;
  read(*client, 1, &at_client);
  read(*server, 1, &at_server);
  write(*below_server, std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'f'));
  run();
  ASSERT_TRUE(at_client.error);
  EXPECT_EQ(at_client.error->text, "local error: tls: bad record MAC");
  ASSERT_TRUE(at_server.error);
  EXPECT_EQ(at_server.error->text, "remote error: tls: bad record MAC");
}

TEST_F(Streams, ResetAndDeadlineComeThrough) {
  shake();
  Got got;
  read(*client, 1, &got);
  client->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
  run();
  ASSERT_TRUE(got.error);
  EXPECT_EQ(got.error->kind, ErrorKind::deadline_exceeded);
  client->set_deadline(std::nullopt);
  Got after;
  read(*client, 1, &after);
  io.poll();
  below_server->reset();
  run();
  ASSERT_TRUE(after.error);
  EXPECT_EQ(after.error->kind, ErrorKind::connection_reset);
}

TEST(ServerErrors, AreGos) {
  const auto ca = authority("ca");
  const auto leaf = made({.names = {"127.0.0.1"}}, &ca);
  struct Row {
    std::string hello, text;
  };
  using namespace std::string_literals;
  const auto old_hello =
      "\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x02"s + std::string(32, 'r') + "\x00\x00\x02\xc0\x13\x01\x00"s;
  const Row rows[] = {
      {"GET / HTTP/1.1\r\n\r\n", "client sent an HTTP request to an HTTPS server"},
      {"hello, server", "tls: first record does not look like a TLS handshake"},
      {old_hello, "tls: client offered only unsupported versions: [302 301]"},
      {"", "EOF"},
  };
  for (const auto& row : rows) {
    asio::io_context io(1);
    auto pair = memory_pair(io.get_executor());
    auto context = make_server_context({.certificate_pem = leaf.certificate_pem, .key_pem = leaf.key_pem});
    ASSERT_TRUE(context);
    std::string text, answer;
    const auto serve = [](std::unique_ptr<ByteStream> under, std::shared_ptr<ServerContext> shared,
                          std::string* into) -> Task<void> {
      auto stream = co_await accept(std::move(under), std::move(shared));
      if (!stream) *into = stream.error().text;
    };
    const auto speak = [](ByteStream* stream, std::string hello, std::string* into) -> Task<void> {
      if (hello.empty()) {
        stream->close();
        co_return;
      }
      co_await stream->write(hello);
      char buffer[1000];
      while (true) {
        auto count = co_await stream->read_some(buffer);
        if (!count || *count == 0) co_return;
        into->append(buffer, *count);
      }
    };
    asio::co_spawn(io, serve(std::move(pair.server), *context, &text), asio::detached);
    asio::co_spawn(io, speak(pair.client.get(), row.hello, &answer), asio::detached);
    io.run();
    EXPECT_EQ(text, row.text);
    if (row.hello.starts_with("GET")) {
      EXPECT_EQ(answer, "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
    }
  }
}

TEST(Identities, ThatCannotBeUsedAreNamed) {
  const auto a = made({.names = {"a"}}), b = made({.names = {"b"}});
  const auto rsa = made({.names = {"c"}, .key = x509::KeyKind::rsa_2048});
  struct Row {
    std::string certificate, key, text;
  };
  const Row rows[] = {
      {"", a.key_pem, "tls: failed to find any PEM data in certificate input"},
      {a.key_pem, a.key_pem,
       "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have "
       "been switched"},
      {a.certificate_pem, "nothing", "tls: failed to find any PEM data in key input"},
      {a.certificate_pem, a.certificate_pem,
       "tls: found a certificate rather than a key in the PEM for the private key"},
      {a.certificate_pem, b.key_pem, "tls: private key does not match public key"},
      {a.certificate_pem, rsa.key_pem, "tls: private key type does not match public key type"},
      {a.certificate_pem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
       "tls: failed to parse private key"},
  };
  for (const auto& row : rows) {
    ClientConfig client{.certificate_pem = row.certificate, .key_pem = row.key};
    auto prepared = prepare(client);
    ASSERT_FALSE(prepared) << row.text;
    EXPECT_EQ(prepared.error().text, row.text);
    auto server = make_server_context({.certificate_pem = row.certificate, .key_pem = row.key});
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().text, row.text);
  }
}

}  // namespace
}  // namespace gatepost::net::tls
