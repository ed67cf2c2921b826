// What every store promises; each test runs on every implementation.
#include "storage/storage.h"

#include <algorithm>
#include <gmock/gmock.h>

#include "storage/store_fixture.h"

namespace gatepost::storage {
namespace {

using namespace test;

struct Kind {
  const char* name;
  bool disk;
  Durability durability = Durability::relaxed;
};

class Stores : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { open_again(); }
  void TearDown() override {
    if (store) loop.run(store->close());
  }

  void open_again(std::size_t history = 100000) {
    if (store) loop.run(store->close());
    store.reset();
    auto opened = open({GetParam().disk ? directory.data() : std::string(":memory:"), GetParam().durability, history});
    ASSERT_TRUE(opened) << opened.error().text;
    store = std::move(*opened);
  }

  StoreResult<Object> create(Key key, std::string body) { return loop.run(store->create(std::move(key), text(body))); }
  StoreResult<Object> update(Key key, Revision expected, std::string body) {
    return loop.run(store->update(std::move(key), expected, text(body)));
  }
  StoreResult<Object> remove(Key key, Revision expected) {
    return loop.run(store->remove(std::move(key), expected, text("gone")));
  }
  std::unique_ptr<Watch> watch(std::string ns, Revision from) {
    auto made = store->watch("/configmaps", std::move(ns), from);
    EXPECT_TRUE(made) << made.error().text;
    return made ? std::move(*made) : nullptr;
  }
  std::string next(Watch& watch) {
    bool timed_out = false;
    auto event =
        loop.run(watch.next_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(5), &timed_out));
    if (timed_out) return "nothing";
    if (!event) return event.error().kind == ErrorKind::expired ? "expired" : event.error().text;
    if (!*event) return "end";
    static constexpr const char* kTypes[] = {"added", "modified", "removed"};
    const Event& e = **event;
    return std::string(kTypes[static_cast<int>(e.type)]) + " " + e.object.key.ns + "/" + e.object.key.name + " " +
           *e.object.bytes + (e.previous ? " was " + *e.previous : "");
  }

  Directory directory;
  net::Loop loop;
  std::unique_ptr<Storage> store;
};

TEST_P(Stores, CreatesUpdatesAndRemovesWithOneSequenceOfRevisions) {
  const Revision start = store->revision();
  const auto a = create(config_map("x", "a"), "one");
  ASSERT_TRUE(a);
  EXPECT_EQ(a->revision, start + 1);
  EXPECT_EQ(a->create_revision, start + 1);
  EXPECT_EQ(*a->bytes, "one@" + std::to_string(start + 1));
  const auto b = update(config_map("x", "a"), a->revision, "two");
  ASSERT_TRUE(b);
  EXPECT_EQ(b->revision, start + 2);
  EXPECT_EQ(b->create_revision, start + 1);
  const auto read = store->get(config_map("x", "a"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bytes, b->bytes);
  const auto c = remove(config_map("x", "a"), b->revision);
  ASSERT_TRUE(c);
  EXPECT_EQ(c->revision, start + 3);
  EXPECT_EQ(*c->bytes, "gone@" + std::to_string(start + 3));
  EXPECT_FALSE(store->get(config_map("x", "a")));
  EXPECT_EQ(store->revision(), start + 3);
}

TEST_P(Stores, RefusesWhatDoesNotFitAndSaysWhatIsThere) {
  const auto a = create(config_map("x", "a"), "one");
  const auto again = create(config_map("x", "a"), "two");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::exists);
  ASSERT_TRUE(again.error().current);
  EXPECT_EQ(again.error().current->bytes, a->bytes);
  const auto stale = update(config_map("x", "a"), a->revision - 1, "two");
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().kind, ErrorKind::conflict);
  EXPECT_EQ(stale.error().current->revision, a->revision);
  EXPECT_EQ(remove(config_map("x", "a"), 12345).error().kind, ErrorKind::conflict);
  EXPECT_EQ(update(config_map("x", "b"), 1, "two").error().kind, ErrorKind::not_found);
  EXPECT_EQ(remove(config_map("y", "a"), 1).error().kind, ErrorKind::not_found);
  EXPECT_EQ(store->revision(), a->revision);
}

TEST_P(Stores, ListsInKeyOrderByNamespaceAndInPages) {
  for (const char* key : {"b/2", "a-b/1", "a/2", "b/1", "a/10", "a/1"}) {
    const std::string text(key);
    ASSERT_TRUE(create(config_map(text.substr(0, text.find('/')), text.substr(text.find('/') + 1)), "v"));
  }
  ASSERT_TRUE(create({"/secrets", "a", "s"}, "v"));
  ASSERT_TRUE(create({"/nodes", "", "n"}, "v"));
  const auto list = [&](ListOptions options) {
    const Page page = store->list("/configmaps", options);
    std::string out;
    for (const Object& object : page.objects) out += object.key.ns + "/" + object.key.name + " ";
    EXPECT_EQ(page.revision, store->revision());
    EXPECT_EQ(page.more, page.remaining > 0);
    return out + "+" + std::to_string(page.remaining);
  };
  EXPECT_EQ(list({}), "a/1 a/10 a/2 a-b/1 b/1 b/2 +0");
  EXPECT_EQ(list({.ns = "a"}), "a/1 a/10 a/2 +0");
  EXPECT_EQ(list({.ns = "none"}), "+0");
  EXPECT_EQ(list({.limit = 2}), "a/1 a/10 +4");
  EXPECT_EQ(list({.after_ns = "a", .after_name = "10", .limit = 3}), "a/2 a-b/1 b/1 +1");
  EXPECT_EQ(list({.ns = "a", .after_ns = "a", .after_name = "1", .limit = 1}), "a/10 +1");
  EXPECT_EQ(list({.after_ns = "b", .after_name = "2"}), "+0");
  EXPECT_EQ(store->count("/configmaps"), 6u);
  EXPECT_EQ(store->count("/pods"), 0u);
  const Page nodes = store->list("/nodes", {});
  ASSERT_EQ(nodes.objects.size(), 1u);
  EXPECT_EQ(nodes.objects[0].key, (Key{"/nodes", "", "n"}));
}

TEST_P(Stores, WatchesFromARevisionOnwardsInOneNamespaceOrAll) {
  const auto a = create(config_map("x", "a"), "one");
  auto all = watch("", a->revision - 1);
  auto only_y = watch("y", a->revision - 1);
  auto later = watch("", a->revision);
  EXPECT_EQ(next(*later), "nothing");
  create(config_map("y", "b"), "two");
  update(config_map("x", "a"), a->revision, "three");
  create({"/secrets", "x", "s"}, "no");
  const auto r = [&](int n) { return "@" + std::to_string(a->revision + static_cast<Revision>(n)); };
  EXPECT_EQ(next(*all), "added x/a one" + r(0));
  EXPECT_EQ(all->revision(), a->revision);
  EXPECT_EQ(next(*all), "added y/b two" + r(1));
  EXPECT_EQ(next(*all), "modified x/a three" + r(2) + " was one" + r(0));
  EXPECT_EQ(all->revision(), store->revision());
  EXPECT_EQ(next(*all), "nothing");
  EXPECT_EQ(next(*only_y), "added y/b two" + r(1));
  EXPECT_EQ(next(*only_y), "nothing");
  EXPECT_EQ(only_y->revision(), store->revision());
  EXPECT_EQ(next(*later), "added y/b two" + r(1));
  remove(config_map("x", "a"), a->revision + 2);
  EXPECT_EQ(next(*all), "removed x/a gone" + r(4) + " was three" + r(2));
}

TEST_P(Stores, WakesAWaitingWatchAndEndsACancelledOne) {
  auto one = watch("", store->revision());
  auto two = watch("", store->revision());
  std::string seen;
  const auto follow = [](std::shared_ptr<Watch> watch, std::string* into) -> net::Task<void> {
    for (;;) {
      const auto event = co_await watch->next();
      if (!event || !*event) break;
      *into += (*event)->object.key.name + " ";
    }
    *into += "end";
  };
  std::shared_ptr<Watch> shared = std::move(one);
  loop.spawn(follow(shared, &seen));
  ASSERT_TRUE(create(config_map("x", "a"), "one"));
  ASSERT_TRUE(create(config_map("x", "b"), "one"));
  loop.run(net::yield());
  EXPECT_EQ(seen, "a b ");
  shared->cancel();
  loop.run(net::yield());
  loop.run(net::yield());
  EXPECT_EQ(seen, "a b end");
  two->cancel();
  EXPECT_EQ(next(*two), "end");
}

TEST_P(Stores, AWatchThatFellBehindIsToldSo) {
  open_again(4);
  const Revision start = store->revision();
  auto slow = watch("", start);
  auto fast = watch("", start);
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(create(config_map("x", "a" + std::to_string(i)), "v"));
    EXPECT_EQ(next(*fast).substr(0, 10), "added x/a" + std::to_string(i));
  }
  EXPECT_EQ(next(*slow), "expired");
  EXPECT_EQ(next(*slow), "end");
  const auto past = store->watch("/configmaps", "", start + 1);
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().kind, ErrorKind::expired);
  EXPECT_TRUE(store->watch("/configmaps", "", start + 2));
}

TEST_P(Stores, ListenersSeeEveryChangeBeforeWatches) {
  std::string seen;
  const auto some = store->on_change("/configmaps", [&](const Event& event) {
    seen += event.object.key.name + (store->get(event.object.key) ? "+" : "-") + " ";
  });
  auto all = store->on_change("", [&](const Event& event) { seen += "(" + event.object.key.collection + ") "; });
  const auto a = create(config_map("x", "a"), "one");
  create({"/secrets", "x", "s"}, "no");
  remove(config_map("x", "a"), a->revision);
  EXPECT_EQ(seen, "a+ (/configmaps) (/secrets) a- (/configmaps) ");
}

TEST_P(Stores, AListenerEndsWithItsHandle) {
  std::string seen;
  std::optional<Subscription> second;
  auto first = store->on_change("", [&](const Event&) {
    seen += "1";
    second.reset();  // while it is being told: the one behind must not be called any more
  });
  second = store->on_change("", [&](const Event&) { seen += "2"; });
  create(config_map("x", "a"), "one");
  first = Subscription();
  create(config_map("x", "b"), "one");
  EXPECT_EQ(seen, "1");
  // A handle may go after its store.
  first = store->on_change("", [&](const Event&) { seen += "3"; });
  store.reset();
  first = Subscription();
  EXPECT_EQ(seen, "1");
}

TEST_P(Stores, ConcurrentWritersOfOneKeyAreOrdered) {
  const auto a = create(config_map("x", "a"), "start");
  auto events = watch("", a->revision);
  int won = 0, conflicts = 0, done = 0;
  const auto writer = [](Storage* to, Revision from, int* wins, int* losses, int* ends) -> net::Task<void> {
    const auto result = co_await to->update(config_map("x", "a"), from, text("next"));
    if (result) {
      ++*wins;
    } else if (result.error().kind == ErrorKind::conflict && result.error().current->revision > from) {
      ++*losses;
    }
    ++*ends;
  };
  for (int i = 0; i < 20; ++i) loop.spawn(writer(store.get(), a->revision, &won, &conflicts, &done));
  while (done < 20) loop.run(net::sleep_for(std::chrono::microseconds(100)));
  EXPECT_EQ(won, 1);
  EXPECT_EQ(conflicts, 19);
  EXPECT_EQ(store->revision(), a->revision + 1);
}

TEST_P(Stores, ManyWritersGiveRevisionsWithoutGapsAndEventsInOrder) {
  const Revision start = store->revision();
  auto events = watch("", start);
  int done = 0;
  const auto writer = [](Storage* to, int number, int* ends) -> net::Task<void> {
    for (int i = 0; i < 10; ++i) {
      const Key key = config_map("ns" + std::to_string(number % 3), std::to_string(number) + "-" + std::to_string(i));
      const auto made = co_await to->create(key, text("v"));
      EXPECT_TRUE(made);
      EXPECT_TRUE(to->get(key));  // visible once acknowledged
      if (i % 2) EXPECT_TRUE(co_await to->remove(key, made->revision, text("gone")));
    }
    ++*ends;
  };
  for (int i = 0; i < 50; ++i) loop.spawn(writer(store.get(), i, &done));
  while (done < 50) loop.run(net::sleep_for(std::chrono::microseconds(100)));
  EXPECT_EQ(store->revision(), start + 750);
  for (Revision expected = start + 1; expected <= start + 750; ++expected) {
    const auto event = loop.run(events->next());
    ASSERT_TRUE(event && *event);
    ASSERT_EQ((*event)->object.revision, expected);
  }
  EXPECT_EQ(store->count("/configmaps"), 250u);
}

TEST_P(Stores, RefusesWritesAfterClose) {
  ASSERT_TRUE(create(config_map("x", "a"), "one"));
  loop.run(store->close());
  const auto late = create(config_map("x", "b"), "two");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(store->get(config_map("x", "a")));
}

INSTANTIATE_TEST_SUITE_P(All, Stores,
                         testing::Values(Kind{"Memory", false}, Kind{"SqliteRelaxed", true},
                                         Kind{"SqliteFull", true, Durability::full}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace gatepost::storage
