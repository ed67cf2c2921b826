#include "apiserver/controllers/controllers.h"

#include "../server_fixture.h"
#include "apiserver/controllers/work_queue.h"

namespace gatepost::apiserver {
namespace {

class Controlled : public ServerFixture {
 protected:
  Controlled() {
    controllers = Controllers::make(*deps, {.namespace_grace = std::chrono::milliseconds(0)});
    loop.run(controllers->start());
  }
  ~Controlled() override { loop.run(controllers->stop()); }

  std::string make(const std::string& name, const std::string& more = "", const std::string& data = "{}") {
    json::Value made = ask("POST", maps, R"({"metadata":{"name":")" + name + "\"" + more + R"(},"data":)" + data + "}");
    EXPECT_EQ(code, 201) << name;
    return text(made, {"metadata", "uid"});
  }
  static std::string owned_by(const std::string& name, const std::string& uid, bool blocks = false) {
    return R"(,"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":")" + name + R"(","uid":")" + uid +
           "\"" + (blocks ? R"(,"blockOwnerDeletion":true)" : "") + "}]";
  }
  std::string names() {
    json::Value list = ask("GET", maps);
    std::string out;
    for (const json::Value& item : *json::array_at(list, {"items"})) out += text(item, {"metadata", "name"}) + " ";
    return out;
  }

  const std::string maps = "/api/v1/namespaces/default/configmaps";
  const std::string merge = "application/merge-patch+json";
  std::unique_ptr<Controllers> controllers;
};

TEST_F(Controlled, ANamespaceGoesWithAllThatIsInIt) {
  create_namespace("z");
  ask("POST", "/api/v1/namespaces/z/configmaps", R"({"metadata":{"name":"a"}})");
  ask("POST", "/api/v1/namespaces/z/pods",
      R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}})");
  ask("DELETE", "/api/v1/namespaces/z");
  settle();
  EXPECT_EQ(say("GET", "/api/v1/namespaces/z"), "404 namespaces \"z\" not found");
  EXPECT_EQ(say("GET", "/api/v1/namespaces/z/configmaps/a"), "404 configmaps \"a\" not found");
}

TEST_F(Controlled, WhatHoldsANamespaceIsTold) {
  create_namespace("z");
  ask("POST", "/api/v1/namespaces/z/configmaps", R"({"metadata":{"name":"a","finalizers":["x.io/f"]}})");
  ask("DELETE", "/api/v1/namespaces/z");
  settle();
  json::Value held = ask("GET", "/api/v1/namespaces/z");
  const json::Array* conditions = json::array_at(held, {"status", "conditions"});
  ASSERT_TRUE(conditions && conditions->size() == 5);
  EXPECT_EQ(text((*conditions)[3], {"message"}), "Some resources are remaining: configmaps. has 1 resource instances");
  EXPECT_EQ(text((*conditions)[4], {"message"}),
            "Some content in the namespace has finalizers remaining: x.io/f in 1 resource instances");
  ask("PATCH", "/api/v1/namespaces/z/configmaps/a", R"({"metadata":{"finalizers":null}})", merge);
  settle();
  EXPECT_EQ(say("GET", "/api/v1/namespaces/z"), "404 namespaces \"z\" not found");
}

TEST_F(Controlled, PodsThatTakeTheirTimeKeepTheRest) {
  create_namespace("z");
  ask("POST", "/api/v1/namespaces/z/configmaps", R"({"metadata":{"name":"a"}})");
  ask("POST", "/api/v1/namespaces/z/pods",
      R"({"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}})");
  ask("DELETE", "/api/v1/namespaces/z");
  settle();
  EXPECT_EQ(say("GET", "/api/v1/namespaces/z/configmaps/a"), "200");
  ask("DELETE", "/api/v1/namespaces/z/pods/p?gracePeriodSeconds=0");
  settle();
  EXPECT_EQ(say("GET", "/api/v1/namespaces/z"), "404 namespaces \"z\" not found");
}

TEST_F(Controlled, InTheBackgroundDependentsFollowTheirOwner) {
  std::string owner = make("owner");
  std::string middle = make("middle", owned_by("owner", owner));
  make("leaf", owned_by("middle", middle));
  make("other");
  settle();
  EXPECT_EQ(names(), "leaf middle other owner ");
  ask("DELETE", maps + "/owner");
  settle();
  EXPECT_EQ(names(), "other ");
}

TEST_F(Controlled, OneOwnerThatIsLeftIsEnough) {
  std::string one = make("one"), two = make("two");
  make("leaf", R"(,"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"one","uid":")" + one +
                   R"("},{"apiVersion":"v1","kind":"ConfigMap","name":"two","uid":")" + two + R"("}])");
  ask("DELETE", maps + "/one");
  settle();
  json::Value leaf = ask("GET", maps + "/leaf");
  const json::Array* owners = json::array_at(leaf, {"metadata", "ownerReferences"});
  ASSERT_TRUE(owners && owners->size() == 1);
  EXPECT_EQ(text((*owners)[0], {"name"}), "two");
}

TEST_F(Controlled, WhoseOwnerNeverWasGoes) {
  make("leaf", owned_by("nobody", "no-uid"));
  ask("POST", maps, R"({"metadata":{"name":"far","ownerReferences":[
      {"apiVersion":"example.com/v1","kind":"Thing","name":"t","uid":"u"}]}})");
  settle();
  // Of an owner of a kind that is not served nothing is known.
  EXPECT_EQ(names(), "far ");
}

TEST_F(Controlled, OrphansLoseTheirOwnerOnly) {
  std::string owner = make("owner");
  make("leaf", owned_by("owner", owner));
  ask("DELETE", maps + "/owner", R"({"propagationPolicy":"Orphan"})");
  settle();
  EXPECT_EQ(names(), "leaf ");
  EXPECT_EQ(json::array_at(ask("GET", maps + "/leaf"), {"metadata", "ownerReferences"}), nullptr);
}

TEST_F(Controlled, InTheForegroundTheOwnerGoesLast) {
  std::string owner = make("owner");
  make("leaf", owned_by("owner", owner, true) + R"(,"finalizers":["x.io/f"])");
  ask("DELETE", maps + "/owner", R"({"propagationPolicy":"Foreground"})");
  settle();
  EXPECT_EQ(names(), "leaf owner ");
  EXPECT_NE(text(ask("GET", maps + "/leaf"), {"metadata", "deletionTimestamp"}), "");
  ask("PATCH", maps + "/leaf", R"({"metadata":{"finalizers":null}})", merge);
  settle();
  EXPECT_EQ(names(), "");
}

TEST(Queue, SomeKeysComeLater) {
  net::Loop loop;
  std::vector<std::string> worked;
  WorkQueue queue(
      [&](std::string key) -> net::Task<WorkQueue::Outcome> {
        worked.push_back(key);
        co_return WorkQueue::Outcome::done;
      },
      {});
  queue.add_after("later", std::chrono::milliseconds(2));
  queue.add_after("now", std::chrono::milliseconds(0));
  loop.spawn(queue.run());
  while (worked.size() < 2) loop.run(net::sleep_for(std::chrono::milliseconds(1)));
  queue.stop();
  loop.run(net::yield());
  EXPECT_THAT(worked, testing::ElementsAre("now", "later"));
}

TEST(Queue, WorksOnceAKeyAndAgainAfterFailure) {
  net::Loop loop;
  std::vector<std::string> worked;
  WorkQueue* queue_in_work = nullptr;
  WorkQueue::Options options;
  options.first_pause = std::chrono::milliseconds(1);
  WorkQueue queue(
      [&](std::string key) -> net::Task<WorkQueue::Outcome> {
        worked.push_back(key);
        // A key that comes while it is worked on is worked on again.
        if (worked.size() == 1) queue_in_work->add(key);
        co_return key == "b" && worked.size() < 4 ? WorkQueue::Outcome::retry : WorkQueue::Outcome::done;
      },
      options);
  queue_in_work = &queue;
  queue.add("a");
  queue.add("a");
  queue.add("b");
  loop.spawn(queue.run());
  while (worked.size() < 4) loop.run(net::sleep_for(std::chrono::milliseconds(1)));
  loop.run(net::yield());
  queue.stop();
  loop.run(net::yield());
  EXPECT_THAT(worked, testing::ElementsAre("a", "b", "a", "b"));
  EXPECT_TRUE(queue.idle());
}

}  // namespace
}  // namespace gatepost::apiserver
