#include "net/memory_stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace gatepost::net {
namespace {

namespace asio = boost::asio;

struct Loop {
  asio::io_context io{1};
  void spawn(Task<void> task) { asio::co_spawn(io, std::move(task), asio::detached); }
};

Task<void> read_all(MemoryStream* stream, std::string* into, Error* error) {
  char buffer[7];
  for (;;) {
    auto count = co_await stream->read_some(buffer);
    if (!count) {
      *error = count.error();
      co_return;
    }
    if (*count == 0) co_return;
    into->append(buffer, *count);
  }
}

Task<void> write_and_close(MemoryStream* stream, std::string bytes) {
  EXPECT_TRUE(co_await stream->write(bytes));
  stream->close();
}

TEST(MemoryStream, CarriesBytesThroughASmallPipe) {
  Loop loop;
  auto pair = memory_pair(loop.io.get_executor(), {.capacity = 3});
  std::string got;
  Error error;
  loop.spawn(write_and_close(pair.client.get(), "hello, peer"));
  loop.spawn(read_all(pair.server.get(), &got, &error));
  loop.io.run();
  EXPECT_EQ(got, "hello, peer");
  EXPECT_EQ(error.text, "");
}

TEST(MemoryStream, ResetIsSeenByThePendingRead) {
  Loop loop;
  auto pair = memory_pair(loop.io.get_executor());
  std::string got;
  Error error;
  loop.spawn(read_all(pair.client.get(), &got, &error));
  loop.io.poll();
  pair.server->reset();
  loop.io.run();
  EXPECT_EQ(error.kind, ErrorKind::connection_reset);
  EXPECT_EQ(error.text, "read tcp 127.0.0.1:40000->127.0.0.1:443: read: connection reset by peer");
}

TEST(MemoryStream, DeadlineEndsAPendingRead) {
  Loop loop;
  auto pair = memory_pair(loop.io.get_executor());
  std::string got;
  Error error;
  loop.spawn(read_all(pair.client.get(), &got, &error));
  loop.io.poll();
  pair.client->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
  loop.io.run();
  EXPECT_EQ(error.kind, ErrorKind::deadline_exceeded);
}

TEST(MemoryStream, ClosingCancelsThePendingRead) {
  Loop loop;
  auto pair = memory_pair(loop.io.get_executor());
  std::string got;
  Error error;
  loop.spawn(read_all(pair.client.get(), &got, &error));
  loop.io.poll();
  pair.client->close();
  loop.io.run();
  EXPECT_EQ(error.kind, ErrorKind::canceled);
}

}  // namespace
}  // namespace gatepost::net
