// The store on disk: what it keeps, what it refuses, and what it does when the disk fails.
#include "storage/sqlite.h"

#include <csignal>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "storage/faulty_disk.h"
#include "storage/store_fixture.h"

namespace gatepost::storage {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::StartsWith;

struct Sqlite : testing::Test {
  std::unique_ptr<Storage> open_store(Durability durability = Durability::relaxed, std::string vfs = {}) {
    auto opened = open_sqlite({directory.data(), durability}, std::move(vfs));
    EXPECT_TRUE(opened) << opened.error().text;
    return opened ? std::move(*opened) : nullptr;
  }
  std::string refusal() {
    auto opened = open_sqlite({directory.data()});
    return opened ? "opened" : opened.error().text;
  }
  StoreResult<Object> create(Storage& store, Key key, std::string body) {
    return loop.run(store.create(std::move(key), text(std::move(body))));
  }

  Directory directory;
  net::Loop loop;
};

TEST_F(Sqlite, KeepsObjectsAndTheRevisionOverAReopen) {
  auto store = open_store();
  const auto a = create(*store, config_map("x", "a"), "one");
  const auto b = create(*store, {"/nodes", "", "n"}, std::string("nul\0byte", 8));
  const auto c = create(*store, config_map("x", "c"), "three");
  ASSERT_TRUE(loop.run(store->update(a->key, a->revision, text("two"))));
  const auto gone = loop.run(store->remove(c->key, c->revision, text("gone")));
  loop.run(store->close());
  store = open_store();
  EXPECT_EQ(store->revision(), gone->revision);  // the removal counts
  const auto read = store->get(a->key);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read->bytes, "two@" + std::to_string(read->revision));
  EXPECT_EQ(read->create_revision, a->revision);
  EXPECT_EQ(*store->get(b->key)->bytes, *b->bytes);
  EXPECT_FALSE(store->get(c->key));
  EXPECT_EQ(create(*store, config_map("x", "d"), "four")->revision, gone->revision + 1);
  EXPECT_EQ(store->watch("/configmaps", "", gone->revision - 1).error().kind, ErrorKind::expired);
  EXPECT_TRUE(store->watch("/configmaps", "", gone->revision));
}

TEST_F(Sqlite, KeepsWhatWasWrittenWhenNobodyClosed) {
  auto store = open_store(Durability::full);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(create(*store, config_map("x", std::to_string(i)), "v"));
  store.reset();
  store = open_store();
  EXPECT_EQ(store->count("/configmaps"), 50u);
  EXPECT_EQ(store->revision(), 50u);
}

TEST_F(Sqlite, FilesArePrivate) {
  auto store = open_store();
  ASSERT_TRUE(create(*store, config_map("x", "a"), "one"));
  const auto mode = [](const std::string& path) {
    struct stat info{};
    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 0777;
  };
  EXPECT_EQ(mode(directory.data()), 0700u);
  for (const char* file : {"lock", "objects.db", "objects.db-wal"})
    EXPECT_EQ(mode(directory.file(file)), 0600u) << file;
}

TEST_F(Sqlite, ASecondProcessIsRefusedAndToldWhoHoldsTheDirectory) {
  auto store = open_store();
  const std::string expected =
      "data directory " + directory.data() + ": in use by another process (pid " + std::to_string(::getpid()) + ")";
  EXPECT_EQ(refusal(), expected);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(refusal() == expected ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  loop.run(store->close());
  store.reset();
  EXPECT_EQ(refusal(), "opened");
}

TEST_F(Sqlite, WhatIsNotItsOwnIsLeftAlone) {
  const auto refused = [&](const std::string& bytes) {
    std::filesystem::create_directories(directory.data());
    write_file(directory.file("objects.db"), bytes);
    const std::string why = refusal();
    EXPECT_EQ(read_file(directory.file("objects.db")), bytes);
    EXPECT_THAT(why, StartsWith(directory.file("objects.db") + ": "));
    EXPECT_EQ(why.find('\n'), std::string::npos);
    return why;
  };
  auto store = open_store();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(create(*store, config_map("x", std::to_string(i)), std::string(500, 'v')));
  loop.run(store->close());
  store.reset();
  const std::string good = read_file(directory.file("objects.db"));
  std::string newer = good, foreign = good, broken = good, short_file = good;
  newer[63] = 2;
  foreign[68] = 'x';
  for (std::size_t page = 4096 * 3; page < broken.size(); page += 4096) broken[page] = 'x';
  short_file.resize(4096 * 5);
  EXPECT_THAT(refused(newer), HasSubstr("store of format 2, this program knows 1"));
  EXPECT_THAT(refused(foreign), HasSubstr("not a Gatepost store"));
  EXPECT_THAT(refused("hello"), HasSubstr("not a Gatepost store"));
  EXPECT_THAT(refused(std::string(5000, 'x')), HasSubstr("not a Gatepost store"));
  EXPECT_THAT(refused(broken), HasSubstr("malformed"));
  EXPECT_THAT(refused(short_file), HasSubstr("malformed"));
  write_file(directory.file("objects.db"), good);
  store = open_store();
  EXPECT_EQ(store->count("/configmaps"), 200u);
}

TEST_F(Sqlite, APathThatCannotBeADirectoryIsRefused) {
  write_file(directory.data(), "a file");
  EXPECT_EQ(refusal(), "data directory " + directory.data() + ": not a directory");
  EXPECT_EQ(read_file(directory.data()), "a file");
  auto opened = open_sqlite({"/proc/gatepost"});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, StartsWith("data directory /proc/gatepost: "));
}

// A half made file of a crash during the first start is no store yet.
TEST_F(Sqlite, AnUnfinishedFirstStartIsStartedOver) {
  std::filesystem::create_directories(directory.data());
  write_file(directory.file("objects.db.new"), "half");
  auto store = open_store();
  ASSERT_TRUE(create(*store, config_map("x", "a"), "one"));
}

TEST_F(Sqlite, PowerLossKeepsWhatWasAcknowledgedAtFullDurability) {
  for (const Durability durability : {Durability::full, Durability::relaxed}) {
    for (unsigned seed = 0; seed < 10; ++seed) {
      std::filesystem::remove_all(directory.data());
      loop.run(open_store()->close());
      FaultyDisk disk("forgets");
      auto store = open_store(durability, disk.name());
      std::vector<Object> acknowledged;
      bool stop = false;
      int done = 0;
      const auto writer = [](Storage* to, int number, std::vector<Object>* into, const bool* end,
                             int* ends) -> net::Task<void> {
        for (int i = 0; !*end; ++i) {
          const auto made = co_await to->create(config_map("x", std::to_string(number) + "-" + std::to_string(i)),
                                                text(std::string(900, 'v')));
          if (made && !*end) into->push_back(*made);
        }
        ++*ends;
      };
      for (int i = 0; i < 8; ++i) loop.spawn(writer(store.get(), i, &acknowledged, &stop, &done));
      while (acknowledged.size() < 20 + seed * 13) loop.run(net::yield());
      stop = true;  // what is acknowledged from here on may be lost
      disk.cut_power();
      while (done < 8) loop.run(net::yield());
      store.reset();
      disk.restore(seed, seed * 10);
      store = open_store();
      if (durability == Durability::full) {
        for (const Object& object : acknowledged) {
          const auto read = store->get(object.key);
          ASSERT_TRUE(read) << object.key.name << " seed " << seed;
          ASSERT_EQ(*read->bytes, *object.bytes);
        }
      }
      // At any durability what is left is what was there at one moment: all up to a revision and nothing behind it.
      EXPECT_EQ(store->count("/configmaps"), store->revision());
      store.reset();
    }
  }
}

TEST_F(Sqlite, AFullDiskFailsTheWriteAndTheStoreGoesOn) {
  FaultyDisk disk("fills");
  auto store = open_store(Durability::full, disk.name());
  const auto a = create(*store, config_map("x", "a"), "one");
  ASSERT_TRUE(a);
  auto events = store->watch("/configmaps", "", a->revision);
  disk.limit_files(60000);
  int refused = 0, kept = 0, done = 0;
  const auto writer = [](Storage* to, int number, int* losses, int* wins, int* ends) -> net::Task<void> {
    const auto made = co_await to->create(config_map("x", "b" + std::to_string(number)),
                                          text(std::string(number % 2 ? 100000 : 100, 'v')));
    if (made) {
      ++*wins;
    } else if (made.error().kind == ErrorKind::unavailable &&
               made.error().text.find("database or disk is full") != std::string::npos) {
      ++*losses;
    }
    ++*ends;
  };
  for (int i = 0; i < 4; ++i) loop.spawn(writer(store.get(), i, &refused, &kept, &done));
  while (done < 4) loop.run(net::yield());
  EXPECT_EQ(refused, 2);  // the large ones; the small ones beside them went through
  EXPECT_EQ(kept, 2);
  EXPECT_EQ(store->count("/configmaps"), 3u);
  EXPECT_FALSE(store->get(config_map("x", "b1")));
  disk.limit_files(std::numeric_limits<std::int64_t>::max());
  disk.fail_syncs(true);
  const auto unsynced = create(*store, config_map("x", "unsynced"), "v");
  ASSERT_FALSE(unsynced);
  EXPECT_EQ(unsynced.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(unsynced.error().text, HasSubstr("disk I/O error"));
  disk.fail_syncs(false);
  const auto after = create(*store, config_map("x", "b1"), "four");
  ASSERT_TRUE(after);
  EXPECT_EQ(store->revision(), after->revision);
  Revision last = a->revision;
  for (int i = 0; i < 3; ++i) {
    bool timed_out = false;
    const auto event = loop.run((*events)->next_until(std::chrono::steady_clock::now(), &timed_out));
    ASSERT_TRUE(event && *event) << timed_out;
    EXPECT_GT((*event)->object.revision, last);
    last = (*event)->object.revision;
  }
  EXPECT_EQ(last, after->revision);
  loop.run(store->close());
  store.reset();
  store = open_store();
  EXPECT_EQ(store->count("/configmaps"), 4u);
  EXPECT_EQ(store->revision(), after->revision);
}

// The kernel's own refusal: files of this process may not grow.
TEST_F(Sqlite, ALimitOfTheSystemFailsTheWriteAndTheStoreGoesOn) {
  auto store = open_store(Durability::full);
  struct rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  struct rlimit tight = before;
  tight.rlim_cur = 64 << 10;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const auto large = create(*store, config_map("x", "large"), std::string(200000, 'v'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(large.error().text, StartsWith("cannot write: " + directory.file("objects.db") + ": "));
  EXPECT_TRUE(create(*store, config_map("x", "large"), std::string(200000, 'v')));
}

TEST_F(Sqlite, AHundredThousandObjects) {
  auto store = open_store();
  constexpr int kWriters = 500, kEach = 200;
  int done = 0;
  const auto writer = [](Storage* to, int number, int* ends) -> net::Task<void> {
    for (int i = 0; i < kEach; ++i) {
      const auto made = co_await to->create(
          config_map("ns" + std::to_string(i % 20), "o" + std::to_string((number * kEach + i) * 7919 % 1000003)),
          text("v"));
      EXPECT_TRUE(made);
    }
    ++*ends;
  };
  for (int i = 0; i < kWriters; ++i) loop.spawn(writer(store.get(), i, &done));
  while (done < kWriters) loop.run(net::yield());
  loop.run(store->close());
  store.reset();
  store = open_store();
  EXPECT_EQ(store->count("/configmaps"), 100000u);
  std::size_t seen = 0;
  Page page;
  Key last;
  do {
    page = store->list("/configmaps", {.after_ns = last.ns, .after_name = last.name, .limit = 7000});
    for (const Object& object : page.objects) {
      ASSERT_LT(std::pair(last.ns, last.name), std::pair(object.key.ns, object.key.name));
      last = object.key;
    }
    seen += page.objects.size();
    ASSERT_EQ(page.remaining, 100000 - seen);
  } while (page.more);
  EXPECT_EQ(seen, 100000u);
  EXPECT_EQ(store->list("/configmaps", {.ns = "ns3"}).objects.size(), 5000u);
}

}  // namespace
}  // namespace gatepost::storage
