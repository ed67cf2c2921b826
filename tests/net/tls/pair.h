// A client and a server that shake hands over streams in memory, for tests.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "net/memory_stream.h"
#include "net/tls/client.h"
#include "net/tls/server.h"
#include "x509/issue.h"
#include "x509/pool.h"

namespace gatepost::net::tls::testing {

inline x509::Issued made(x509::IssueOptions options, const x509::Issued* issuer = nullptr) {
  if (options.not_before == std::chrono::sys_seconds{})
    options.not_before = std::chrono::sys_days{std::chrono::year{2020} / 1 / 1};
  if (options.not_after == std::chrono::sys_seconds{})
    options.not_after = std::chrono::sys_days{std::chrono::year{2199} / 1 / 1};
  auto issued = x509::issue(options, issuer);
  EXPECT_TRUE(issued) << issued.error().text;
  return *issued;
}

inline x509::Issued authority(std::string name, const x509::Issued* issuer = nullptr) {
  return made({.common_name = std::move(name), .kind = x509::CertificateKind::authority}, issuer);
}

inline std::shared_ptr<const x509::Pool> trust(std::initializer_list<const x509::Issued*> authorities) {
  auto pool = std::make_shared<x509::Pool>();
  for (const auto* one : authorities) EXPECT_TRUE(pool->add_pem(one->certificate_pem));
  return pool;
}

enum class After { close, reset, wait };

class Pair {
 public:
  // Shakes hands, sends "ping", awaits "pong"; the client's first error, or none.
  NetResult<void> exchange(ServerConfig server, ClientConfig client, std::string host);
  // The same with a peer that reads the first bytes and answers with these.
  NetResult<void> exchange_with_bytes(std::string bytes, After after, ClientConfig client, std::string host);

  std::optional<std::chrono::milliseconds> client_deadline;

  // What was seen on the way.
  PeerInfo peer;
  ClientInfo client_info;
  NetResult<void> server_result;
};

inline Task<NetResult<std::string>> read_exactly(ByteStream& stream, std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t at = 0; at < size;) {
    auto count = co_await stream.read_some(std::span(text).subspan(at));
    if (!count) co_return fail_with(count.error());
    if (*count == 0) co_return net_fail(ErrorKind::eof, "EOF");
    at += *count;
  }
  co_return text;
}

inline Task<NetResult<void>> run_client(std::unique_ptr<ByteStream> under, ClientConfig config, std::string host,
                                        Pair* pair) {
  auto stream = co_await connect(std::move(under), std::move(config), std::move(host), &pair->peer);
  if (!stream) co_return fail_with(stream.error());
  if (auto sent = co_await (*stream)->write("ping"); !sent) co_return sent;
  auto answer = co_await read_exactly(**stream, 4);
  if (!answer) co_return fail_with(answer.error());
  EXPECT_EQ(*answer, "pong");
  (*stream)->close();
  co_return NetResult<void>{};
}

inline Task<NetResult<void>> run_server(std::unique_ptr<ByteStream> under, ServerConfig config, Pair* pair) {
  auto context = make_server_context(std::move(config));
  EXPECT_TRUE(context) << context.error().text;
  if (!context) co_return fail_with(context.error());
  auto stream = co_await accept(std::move(under), *context, &pair->client_info);
  if (!stream) co_return fail_with(stream.error());
  auto request = co_await read_exactly(**stream, 4);
  if (!request) co_return fail_with(request.error());
  if (auto sent = co_await (*stream)->write("pong"); !sent) co_return sent;
  char rest[1];
  auto end = co_await (*stream)->read_some(rest);
  if (!end) co_return fail_with(end.error());
  EXPECT_EQ(*end, 0u);
  co_return NetResult<void>{};
}

inline Task<void> store(Task<NetResult<void>> task, NetResult<void>* into) {
  *into = co_await std::move(task);
}

inline Task<void> run_bytes(MemoryStream* stream, std::string bytes, After after) {
  char hello[4096];
  co_await stream->read_some(hello);
  if (!bytes.empty()) co_await stream->write(bytes);
  if (after == After::close) stream->close();
  if (after == After::reset) stream->reset();
}

inline NetResult<void> Pair::exchange(ServerConfig server, ClientConfig client, std::string host) {
  boost::asio::io_context io(1);
  auto streams = memory_pair(io.get_executor());
  NetResult<void> result;
  boost::asio::co_spawn(io, store(run_server(std::move(streams.server), std::move(server), this), &server_result),
                        boost::asio::detached);
  boost::asio::co_spawn(io,
                        store(run_client(std::move(streams.client), std::move(client), std::move(host), this), &result),
                        boost::asio::detached);
  io.run();
  return result;
}

inline NetResult<void> Pair::exchange_with_bytes(std::string bytes, After after, ClientConfig client,
                                                 std::string host) {
  boost::asio::io_context io(1);
  auto streams = memory_pair(io.get_executor());
  if (client_deadline) streams.client->set_deadline(std::chrono::steady_clock::now() + *client_deadline);
  NetResult<void> result;
  boost::asio::co_spawn(io, run_bytes(streams.server.get(), std::move(bytes), after), boost::asio::detached);
  boost::asio::co_spawn(io,
                        store(run_client(std::move(streams.client), std::move(client), std::move(host), this), &result),
                        boost::asio::detached);
  io.run();
  return result;
}

}  // namespace gatepost::net::tls::testing
