// A process that is killed in the middle of its writes has lost nothing that it acknowledged.
#include <csignal>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <sys/wait.h>

#include "storage/store_fixture.h"

namespace gatepost::storage {
namespace {

using namespace test;

// One writer: creates, changes every second and removes every third of its objects, and says so after each.
net::Task<void> write_for_ever(Storage* store, int number, int pipe) {
  for (int i = 0;; ++i) {
    const Key key = config_map("w" + std::to_string(number), std::to_string(::getpid()) + "-" + std::to_string(i));
    auto made = co_await store->create(key, text("made"));
    const auto say = [&](bool gone) {
      const std::string line = key.ns + " " + key.name + " " + (gone ? "-" : *made->bytes) + "\n";
      if (::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(3);
    };
    if (!made) ::_exit(4);
    say(false);
    if (i % 2 == 0) {
      made = co_await store->update(key, made->revision, text("changed" + std::string(2000, 'x')));
      if (!made) ::_exit(5);
      say(false);
    }
    if (i % 3 == 0) {
      if (!co_await store->remove(key, made->revision, text("gone"))) ::_exit(6);
      say(true);
    }
  }
}

[[noreturn]] void child(const std::string& directory, Durability durability, int pipe) {
  auto store = open({directory, durability});
  if (!store) ::_exit(2);
  net::Loop loop;
  for (int i = 0; i < 6; ++i) loop.spawn(write_for_ever(store->get(), i, pipe));
  loop.run(net::sleep_for(std::chrono::seconds(60)));
  ::_exit(7);
}

class Kill : public testing::TestWithParam<Durability> {};

TEST_P(Kill, NothingAcknowledgedIsLost) {
  Directory directory;
  std::map<std::string, std::string> state;  // "ns name" -> bytes, "-" when removed: the last that was acknowledged
  std::size_t acknowledged = 0;
  for (int round = 0; round < 4; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::close(pipe[0]);
      child(directory.data(), GetParam(), pipe[1]);
    }
    ::close(pipe[1]);
    std::string received;
    char buffer[4096];
    const std::size_t enough = 20000 + static_cast<std::size_t>(round) * 30000;
    bool killed = false;
    for (ssize_t size = 0; (size = ::read(pipe[0], buffer, sizeof buffer)) > 0;) {
      received.append(buffer, static_cast<std::size_t>(size));
      if (!killed && received.size() >= enough) {
        ::kill(pid, SIGKILL);
        killed = true;
      }
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);
    received.resize(received.rfind('\n') + 1);
    std::istringstream lines(received);
    for (std::string ns, name, bytes; lines >> ns >> name >> bytes;) {
      state[ns + " " + name] = bytes;
      ++acknowledged;
    }
    auto store = open({directory.data(), GetParam()});
    ASSERT_TRUE(store) << store.error().text;
    for (const auto& [key, bytes] : state) {
      const auto at = key.find(' ');
      const auto read = (*store)->get(config_map(key.substr(0, at), key.substr(at + 1)));
      if (bytes == "-") {
        ASSERT_FALSE(read) << key;
      } else if (read) {
        // The change behind the last acknowledged one may have been committed as well.
        ASSERT_GE(read->revision, std::stoull(bytes.substr(bytes.find('@') + 1))) << key;
        if (bytes.starts_with("changed")) ASSERT_EQ(*read->bytes, bytes);
      } else {
        ASSERT_EQ(std::stoi(key.substr(key.rfind('-') + 1)) % 3, 0) << key << " was lost";
      }
    }
  }
  EXPECT_GT(acknowledged, 100u);
}

INSTANTIATE_TEST_SUITE_P(All, Kill, testing::Values(Durability::full, Durability::relaxed),
                         [](const auto& info) { return info.param == Durability::full ? "Full" : "Relaxed"; });

}  // namespace
}  // namespace gatepost::storage
