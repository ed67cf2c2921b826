#include "net/http/gzip.h"
#include "server_fixture.h"

namespace gatepost::apiserver {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Listed : public ServerFixture {
 protected:
  void make(const std::string& name, const std::string& data = "{}") {
    ask("POST", maps, R"({"metadata":{"name":")" + name + R"("},"data":)" + data + "}");
    ASSERT_EQ(code, 201);
  }
  std::string names(const json::Value& list) {
    std::string out;
    if (const json::Array* items = json::array_at(list, {"items"}))
      for (const json::Value& item : *items) out += text(item, {"metadata", "name"}) + " ";
    return out;
  }
  std::vector<std::string> events(const std::string& query) {
    std::vector<std::string> lines;
    std::string body = request("GET", maps + "?watch=1&" + query, "").body;
    while (!body.empty()) {
      lines.push_back(body.substr(0, body.find('\n')));
      body.erase(0, lines.back().size() + 1);
    }
    return lines;
  }
  const std::string maps = "/api/v1/namespaces/default/configmaps";
};

TEST_F(Listed, PagesAreOfOneMoment) {
  for (const char* name : {"a", "b", "c", "d"}) make(name);
  json::Value first = ask("GET", maps + "?limit=2");
  std::string token = text(first, {"metadata", "continue"}), version = text(first, {"metadata", "resourceVersion"});
  EXPECT_EQ(names(first), "a b ");
  EXPECT_EQ(json::int_at(first, {"metadata", "remainingItemCount"}), 2);
  // What comes and goes meanwhile does not show.
  ask("DELETE", maps + "/c");
  make("bb");
  json::Value second = ask("GET", maps + "?limit=1&continue=" + token);
  EXPECT_EQ(names(second), "c ");
  EXPECT_EQ(text(second, {"metadata", "resourceVersion"}), version);
  json::Value third = ask("GET", maps + "?continue=" + text(second, {"metadata", "continue"}));
  EXPECT_EQ(names(third), "d ");
  EXPECT_EQ(names(ask("GET", maps + "?resourceVersionMatch=Exact&resourceVersion=" + version)), "a b c d ");
  EXPECT_EQ(names(ask("GET", maps)), "a b bb d ");
}

TEST_F(Listed, WhatIsTooOldOrTooNewIsRefused) {
  make("a");
  EXPECT_EQ(say("GET", maps + "?resourceVersion=99999"),
            "504 Timeout: Too large resource version: 99999, current: " + std::to_string(store->revision()));
  struct Row {
    const char *query, *answer;
  };
  for (const Row& row : {
           Row{"resourceVersion=x",
               "400 invalid resource version: resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": "
               "invalid "
               "syntax"},
           Row{"limit=x", "400 strconv.ParseInt: parsing \"x\": invalid syntax"},
           Row{"resourceVersionMatch=Exact",
               "422 ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is "
               "forbidden unless resourceVersion is provided"},
           Row{"resourceVersionMatch=Some&resourceVersion=1",
               "422 ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Some\": "
               "supported "
               "values: \"Exact\", \"NotOlderThan\", \"\""},
           Row{"sendInitialEvents=true",
               "422 ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is "
               "forbidden "
               "for list"},
           Row{"watch=1&sendInitialEvents=true",
               "422 ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents "
               "requires "
               "setting resourceVersionMatch to NotOlderThan"},
           Row{"fieldSelector=spec.a%3D1",
               "400 \"spec.a\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""},
       })
    EXPECT_EQ(say("GET", maps + "?" + row.query), row.answer) << row.query;
}

TEST_F(Listed, KindsHaveTheirOwnFields) {
  struct Row {
    const char *path, *answer;
  };
  for (const Row& row : {
           Row{"/api/v1/nodes?fieldSelector=metadata.namespace%3Dx",
               "400 field label not supported: metadata.namespace"},
           Row{"/apis/batch/v1/jobs?fieldSelector=a%3Dx", "400 field label \"a\" not supported for Job"},
           Row{"/apis/apps/v1/replicasets?fieldSelector=status.replicas%3D1",
               "400 \"status.replicas\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""},
           Row{"/api/v1/pods?fieldSelector=spec.host%3Dx", "200"},
           Row{"/apis/events.k8s.io/v1/events?fieldSelector=regarding.kind%3DPod", "200"},
           Row{"/apis/events.k8s.io/v1/events?fieldSelector=involvedObject.kind%3DPod",
               "400 field label not supported: involvedObject.kind"},
       })
    EXPECT_EQ(say("GET", row.path), row.answer) << row.path;
}

TEST_F(Listed, EventsAreFoundByTheNamesOfBothVersions) {
  ask("POST", "/api/v1/namespaces/default/events",
      R"({"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","namespace":"default","name":"p"},"reason":"R"})");
  ASSERT_EQ(code, 201);
  EXPECT_EQ(names(ask("GET", "/apis/events.k8s.io/v1/events?fieldSelector=regarding.kind%3DPod")), "e ");
  EXPECT_EQ(names(ask("GET", "/apis/events.k8s.io/v1/events?fieldSelector=regarding.kind%3DNode")), "");
}

TEST_F(Listed, AWatchSendsTheStateAndMarksItsEnd) {
  make("a");
  std::string revision = std::to_string(store->revision());
  auto lines =
      events("timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
  ASSERT_GE(lines.size(), 2u);
  EXPECT_THAT(lines[0], StartsWith(R"({"type":"ADDED","object":{"kind":"ConfigMap")"));
  EXPECT_EQ(lines[1],
            R"({"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":")" +
                revision + R"(","annotations":{"k8s.io/initial-events-end":"true"}}}})");
  // Without bookmarks nobody asked to be told.
  lines = events("timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
  EXPECT_EQ(lines.size(), 1u);
  lines = events("timeoutSeconds=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan");
  EXPECT_TRUE(lines.empty());
}

TEST_F(Listed, AWatchFromThePastGetsWhatCameSince) {
  make("a");
  std::string before = std::to_string(store->revision());
  make("b");
  ask("DELETE", maps + "/a");
  auto lines = events("timeoutSeconds=1&resourceVersion=" + before);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], StartsWith(R"({"type":"ADDED")"));
  EXPECT_THAT(lines[1], StartsWith(R"({"type":"DELETED")"));
  lines = events("timeoutSeconds=1&resourceVersion=" + before + "&fieldSelector=metadata.name%3Db");
  EXPECT_EQ(lines.size(), 1u);
}

TEST_F(Listed, LargeAnswersArePackedForWhomTheyCanBe) {
  make("big", R"({"a":")" + std::string(200 * 1024, 'x') + "\"}");
  auto get = [&](const char* encoding) {
    net::http::Request request;
    request.method = "GET";
    request.target = maps;
    request.headers.add("Authorization", "Bearer admin");
    request.headers.add("Accept-Encoding", encoding);
    net::http::Peer peer{"127.0.0.1:1", {}};
    KeptAnswer answer;
    loop.run(dispatch(*deps, request, peer, answer));
    return answer;
  };
  KeptAnswer packed = get("br, gzip;q=0.5"), plain = get("br");
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), 10'000u);
  EXPECT_EQ(*net::http::gunzip(packed.body, 1 << 20), plain.body);
  EXPECT_EQ(plain.headers.get("Content-Encoding"), "");
}

}  // namespace
}  // namespace gatepost::apiserver
