// The store in a real etcd: what every store promises, two stores on the same data, and an etcd that is gone, slow,
// back, emptied of its history or one of several.
#include "storage/etcd/etcd.h"

#include <gtest/gtest.h>

#include "net/http/client.h"
#include "storage/etcd/etcd_process.h"
#include "storage/etcd/messages.h"

namespace gatepost::storage {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

Encode object(std::string body) {
  return [body = std::move(body)](Revision revision) {
    return R"({"metadata":{"resourceVersion":")" + std::to_string(revision) + R"("},"body":")" + body + "\"}";
  };
}
std::string served(std::string body, Revision revision) {
  return object(std::move(body))(revision);
}

class Etcd : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v etcd >/dev/null") != 0) GTEST_SKIP() << "no etcd here";
    etcd = std::make_unique<EtcdProcess>();
    one = open();
    other = open();
  }
  void TearDown() override {
    if (one) loop.run(one->close());
    if (other) loop.run(other->close());
  }

  std::unique_ptr<Storage> open(std::vector<std::string> endpoints = {}) {
    EtcdOptions options;
    options.endpoints = endpoints.empty() ? std::vector{etcd->endpoint()} : std::move(endpoints);
    auto opened = loop.run(open_etcd(std::move(options)));
    EXPECT_TRUE(opened) << opened.error().text;
    return opened ? std::move(*opened) : nullptr;
  }
  StoreResult<Object> create(Storage& in, Key key, std::string body) {
    return loop.run(in.create(std::move(key), object(std::move(body))));
  }
  StoreResult<Object> update(Storage& in, Key key, Revision expected, std::string body) {
    return loop.run(in.update(std::move(key), expected, object(std::move(body))));
  }
  StoreResult<Object> remove(Storage& in, Key key, Revision expected) {
    return loop.run(in.remove(std::move(key), expected, object("gone")));
  }
  StoreResult<void> catch_up(Storage& in, milliseconds within = seconds(10)) {
    return loop.run(in.catch_up(steady_clock::now() + within));
  }
  std::string next(Watch& watch) {
    bool timed_out = false;
    auto event = loop.run(watch.next_until(steady_clock::now() + seconds(2), &timed_out));
    if (timed_out) return "nothing";
    if (!event) return event.error().text;
    if (!*event) return "end";
    static constexpr const char* kTypes[] = {"added", "modified", "removed"};
    const Event& e = **event;
    return std::string(kTypes[static_cast<int>(e.type)]) + " " + e.object.key.name + " " + *e.object.bytes;
  }
  std::string say(std::string path, std::string body) {
    auto client = net::http::Client::make({});
    net::http::Request request;
    request.method = "POST";
    request.body = std::move(body);
    auto answer = loop.run(
        client->call("http://" + etcd->endpoint() + path, std::move(request), steady_clock::now() + seconds(5)));
    return answer ? answer->body : answer.error().text;
  }

  net::Loop loop;
  std::unique_ptr<EtcdProcess> etcd;
  std::unique_ptr<Storage> one, other;
  const Key a = config_map("x", "a"), b = config_map("x", "b");
};

TEST_F(Etcd, WritesCompareTheRevision) {
  const Revision start = one->revision();
  auto made = create(*one, a, "1");
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(made->revision, start + 1);
  EXPECT_EQ(made->create_revision, start + 1);
  EXPECT_EQ(*made->bytes, served("1", start + 1));
  EXPECT_EQ(*one->get(a)->bytes, *made->bytes);
  auto changed = update(*one, a, made->revision, "2");
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->revision, start + 2);
  EXPECT_EQ(changed->create_revision, start + 1);
  EXPECT_EQ(*one->get(a)->bytes, served("2", start + 2));

  auto exists = create(*one, a, "3");
  ASSERT_FALSE(exists);
  EXPECT_EQ(exists.error().kind, ErrorKind::exists);
  ASSERT_TRUE(exists.error().current);
  EXPECT_EQ(*exists.error().current->bytes, served("2", start + 2));
  auto conflict = update(*one, a, made->revision, "3");
  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().kind, ErrorKind::conflict);
  EXPECT_EQ(conflict.error().text,
            "/configmaps x/a is at revision " + std::to_string(start + 2) + ", not " + std::to_string(start + 1));
  EXPECT_EQ(remove(*one, a, made->revision).error().kind, ErrorKind::conflict);
  EXPECT_EQ(update(*one, b, 1, "3").error().kind, ErrorKind::not_found);
  EXPECT_EQ(remove(*one, b, 1).error().kind, ErrorKind::not_found);

  auto gone = remove(*one, a, changed->revision);
  ASSERT_TRUE(gone);
  EXPECT_EQ(*gone->bytes, served("gone", start + 3));
  EXPECT_FALSE(one->get(a));
  EXPECT_EQ(one->revision(), start + 3);
}

TEST_F(Etcd, TwoStoresSeeTheSame) {
  auto watch = std::move(*other->watch("/configmaps", "", other->revision()));
  auto made = create(*one, a, "1");
  ASSERT_TRUE(made);
  ASSERT_TRUE(catch_up(*other));
  EXPECT_EQ(*other->get(a)->bytes, *made->bytes);
  EXPECT_EQ(other->revision(), one->revision());
  auto changed = update(*other, a, made->revision, "2");
  ASSERT_TRUE(changed);
  EXPECT_EQ(update(*one, a, made->revision, "3").error().kind, ErrorKind::conflict);
  // Who lost the race sees what won.
  EXPECT_EQ(*one->get(a)->bytes, *changed->bytes);
  auto gone = remove(*one, a, changed->revision);
  ASSERT_TRUE(gone);
  EXPECT_EQ(next(*watch), "added a " + *made->bytes);
  EXPECT_EQ(next(*watch), "modified a " + *changed->bytes);
  EXPECT_EQ(next(*watch), "removed a " + served("2", gone->revision));
  // A watch goes on at the other server.
  auto moved = std::move(*one->watch("/configmaps", "", made->revision));
  EXPECT_EQ(next(*moved), "modified a " + *changed->bytes);
}

TEST_F(Etcd, AStoreThatOpensLaterHasEverything) {
  for (int i = 0; i < 1203; ++i) ASSERT_TRUE(create(*one, config_map("n", std::to_string(i)), "x"));
  auto late = open();
  ASSERT_TRUE(late);
  EXPECT_EQ(late->count("/configmaps"), 1203u);
  EXPECT_EQ(late->revision(), one->revision());
  EXPECT_EQ(late->list("/configmaps", {}).objects[700].revision, one->list("/configmaps", {}).objects[700].revision);
  EXPECT_EQ(late->watch("/configmaps", "", 1).error().kind, ErrorKind::expired);
  loop.run(late->close());
}

TEST_F(Etcd, ManyWritersOfOneCounterLoseNothing) {
  ASSERT_TRUE(create(*one, a, "0"));
  auto count = [](Storage* store, Key key) -> net::Task<void> {
    for (int done = 0; done < 20;) {
      (void)co_await store->catch_up(steady_clock::now() + seconds(5));
      auto present = store->get(key);
      const std::size_t at = present->bytes->find("body\":\"") + 7;
      const int value = std::stoi(present->bytes->substr(at));
      if (co_await store->update(key, present->revision, object(std::to_string(value + 1)))) ++done;
    }
  };
  int ended = 0;
  auto run = [](net::Task<void> task, int* done) -> net::Task<void> {
    co_await std::move(task);
    ++*done;
  };
  for (Storage* store : {one.get(), other.get(), one.get(), other.get()}) loop.spawn(run(count(store, a), &ended));
  auto wait = [](int* done) -> net::Task<void> {
    while (*done < 4) co_await net::sleep_for(milliseconds(5));
  };
  loop.run(wait(&ended));
  ASSERT_TRUE(catch_up(*one));
  EXPECT_NE(one->get(a)->bytes->find("body\":\"80\""), std::string::npos) << *one->get(a)->bytes;
}

TEST_F(Etcd, KeysOfOthersDoNotHoldIt) {
  ASSERT_NE(say("/v3/kv/put", etcd::put_request("/elsewhere", "v")).find("revision"), std::string::npos);
  const auto began = steady_clock::now();
  EXPECT_TRUE(catch_up(*one));
  EXPECT_LT(steady_clock::now() - began, seconds(2));
  // A value that is no object is passed over, whatever wrote it.
  say("/v3/kv/put", etcd::put_request("/registry/core/configmaps/x/broken", "k8s\x01"));
  ASSERT_TRUE(create(*one, a, "1"));
  EXPECT_EQ(one->count("/configmaps"), 1u);
}

TEST_F(Etcd, AnEtcdThatIsGoneIsSaidAndComesBack) {
  auto made = create(*one, a, "1");
  ASSERT_TRUE(made);
  auto watch = std::move(*one->watch("/configmaps", "", one->revision()));
  etcd->kill();
  auto caught = catch_up(*one);
  ASSERT_FALSE(caught);
  EXPECT_EQ(caught.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(
      caught.error().text,
      "rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial tcp " +
          etcd->endpoint() + ": connect: connection refused\"");
  EXPECT_EQ(create(*one, b, "1").error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(one->get(a));  // reads of memory go on
  etcd->start();
  auto back = create(*other, b, "2");
  ASSERT_TRUE(back) << back.error().text;
  EXPECT_EQ(next(*watch), "added b " + *back->bytes);
  ASSERT_TRUE(catch_up(*one));
  EXPECT_EQ(*one->get(b)->bytes, *back->bytes);
}

TEST_F(Etcd, AnEtcdThatHangsCostsNoMoreThanTheTimeThereIs) {
  etcd->freeze();
  const auto began = steady_clock::now();
  auto caught = catch_up(*one, milliseconds(300));
  ASSERT_FALSE(caught);
  EXPECT_EQ(caught.error().text, "context deadline exceeded");
  EXPECT_LT(steady_clock::now() - began, seconds(2));
  etcd->thaw();
  EXPECT_TRUE(catch_up(*one));
  EXPECT_TRUE(create(*one, a, "1"));
}

TEST_F(Etcd, HistoryThatWasCompactedIsReadAnew) {
  auto kept = create(*one, a, "1"), removed = create(*one, b, "1");
  ASSERT_TRUE(kept && removed);
  ASSERT_TRUE(catch_up(*other));
  auto watch = std::move(*other->watch("/configmaps", "", other->revision()));
  // While etcd is away from both, it changes behind a compaction: as one of them would find it after a long time.
  etcd->kill();
  etcd->start();
  const std::string key = "/registry/core/configmaps/x/";
  auto put = etcd::parse_put_reply(say("/v3/kv/put", etcd::put_request(key + "a", object("2")(0))));
  auto fresh = etcd::parse_put_reply(say("/v3/kv/put", etcd::put_request(key + "c", object("3")(0))));
  say("/v3/kv/txn", etcd::delete_if_request(key + "b", removed->revision));
  ASSERT_TRUE(put && fresh);
  const std::string compacted = say("/v3/kv/compaction", etcd::compaction_request(*fresh + 1));
  ASSERT_NE(compacted.find("revision"), std::string::npos) << compacted;
  EXPECT_EQ(next(*watch), "modified a " + served("2", *put));
  EXPECT_EQ(next(*watch), "added c " + served("3", *fresh));
  EXPECT_EQ(next(*watch), "removed b " + served("1", *fresh + 1));
  ASSERT_TRUE(catch_up(*other));
  EXPECT_EQ(other->count("/configmaps"), 2u);
}

TEST_F(Etcd, OneOfSeveralEndpointsIsEnough) {
  auto store = open({"127.0.0.1:1", etcd->endpoint()});
  ASSERT_TRUE(store);
  ASSERT_TRUE(create(*store, a, "1"));
  ASSERT_TRUE(catch_up(*store));
  loop.run(store->close());
}

TEST_F(Etcd, NothingThereIsSaidAtTheStart) {
  EtcdOptions options;
  options.endpoints = {"127.0.0.1:1"};
  auto refused = loop.run(open_etcd(options));
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().text,
      "etcd at 127.0.0.1:1: rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while "
      "dialing: dial tcp 127.0.0.1:1: connect: connection refused\"");
}

TEST_F(Etcd, AClosedStoreSaysSo) {
  loop.run(one->close());
  EXPECT_EQ(create(*one, a, "1").error().text, "the store is closed");
  EXPECT_EQ(catch_up(*one).error().text, "the store is closed");
}

}  // namespace
}  // namespace gatepost::storage
