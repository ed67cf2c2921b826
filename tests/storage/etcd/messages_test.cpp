// Requests as the gateway of a real etcd takes them, and answers as it gives them.
#include "storage/etcd/messages.h"

#include <gtest/gtest.h>

namespace gatepost::storage::etcd {
namespace {

TEST(EtcdMessages, Requests) {
  EXPECT_EQ(range_request({"/a", "", 0, 0}), R"({"key":"L2E="})");
  EXPECT_EQ(range_request({"/a", "/b", 500, 7}), R"({"key":"L2E=","range_end":"L2I=","limit":"500","revision":"7"})");
  EXPECT_EQ(put_request("/a", "v"), R"({"key":"L2E=","value":"dg=="})");
  EXPECT_EQ(put_if_request("/a", "v", 0),
            R"({"compare":[{"target":"MOD","result":"EQUAL","key":"L2E=","mod_revision":"0"}],)"
            R"("success":[{"request_put":{"key":"L2E=","value":"dg=="}}],)"
            R"("failure":[{"request_range":{"key":"L2E="}}]})");
  EXPECT_EQ(delete_if_request("/a", 7),
            R"({"compare":[{"target":"MOD","result":"EQUAL","key":"L2E=","mod_revision":"7"}],)"
            R"("success":[{"request_delete_range":{"key":"L2E="}}],)"
            R"("failure":[{"request_range":{"key":"L2E="}}]})");
  EXPECT_EQ(watch_request("/a/", "/a0", 8),
            R"({"create_request":{"key":"L2Ev","range_end":"L2Ew","start_revision":"8","progress_notify":true,)"
            R"("fragment":true}})");
  EXPECT_EQ(compaction_request(9), R"({"revision":"9"})");
}

TEST(EtcdMessages, ARange) {
  auto range = parse_range_reply(
      R"({"header":{"cluster_id":"1","revision":"5"},"kvs":[{"key":"L2E=","create_revision":"2","mod_revision":"3",)"
      R"("version":"1","value":"aGVsbG8="}],"more":true,"count":"2"})");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->revision, 5u);
  EXPECT_TRUE(range->more);
  ASSERT_EQ(range->found.size(), 1u);
  EXPECT_EQ(range->found[0].key, "/a");
  EXPECT_EQ(range->found[0].value, "hello");
  EXPECT_EQ(range->found[0].create_revision, 2u);
  EXPECT_EQ(range->found[0].mod_revision, 3u);
  EXPECT_TRUE(parse_range_reply(R"({"header":{"revision":"5"}})")->found.empty());
  for (const char* bad :
       {"", "[]", "{}", R"({"header":{"revision":"x"}})", R"({"header":{"revision":"5"},"kvs":[{"key":"*"}]})"}) {
    EXPECT_FALSE(parse_range_reply(bad)) << bad;
  }
}

TEST(EtcdMessages, ATransaction) {
  auto done = parse_txn_reply(R"({"header":{"revision":"5"},"succeeded":true,"responses":[{"response_put":{}}]})");
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->succeeded);
  EXPECT_EQ(done->revision, 5u);
  auto other =
      parse_txn_reply(R"({"header":{"revision":"5"},"responses":[{"response_range":{"header":{"revision":"5"},)"
                      R"("kvs":[{"key":"L2E=","mod_revision":"4","value":"aGVsbG8="}],"count":"1"}}]})");
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->succeeded);
  ASSERT_TRUE(other->present);
  EXPECT_EQ(other->present->mod_revision, 4u);
  auto gone = parse_txn_reply(R"({"header":{"revision":"5"},"responses":[{"response_range":{}}]})");
  ASSERT_TRUE(gone);
  EXPECT_FALSE(gone->present);
  EXPECT_FALSE(parse_txn_reply(R"({"header":{"revision":"5"}})"));
}

TEST(EtcdMessages, AWatch) {
  auto created = parse_watch_reply(R"({"result":{"header":{"revision":"5"},"created":true}})");
  ASSERT_TRUE(created);
  EXPECT_TRUE(created->created);
  EXPECT_FALSE(created->progress());
  auto events = parse_watch_reply(
      R"({"result":{"header":{"revision":"9"},"fragment":true,"events":[{"kv":{"key":"L2E=","create_revision":"6",)"
      R"("mod_revision":"6","value":"aGVsbG8="}},{"type":"DELETE","kv":{"key":"L2E=","mod_revision":"7"}}]}})");
  ASSERT_TRUE(events);
  ASSERT_EQ(events->events.size(), 2u);
  EXPECT_FALSE(events->events[0].deleted);
  EXPECT_EQ(events->events[0].now.value, "hello");
  EXPECT_TRUE(events->events[1].deleted);
  EXPECT_EQ(events->events[1].now.mod_revision, 7u);
  EXPECT_TRUE(events->fragment);
  EXPECT_TRUE(parse_watch_reply(R"({"result":{"header":{"revision":"9"}}})")->progress());
  auto compacted = parse_watch_reply(R"({"result":{"header":{},"canceled":true,"compact_revision":"8"}})");
  ASSERT_TRUE(compacted);
  EXPECT_TRUE(compacted->canceled);
  EXPECT_EQ(compacted->compacted, 8u);
  auto ended = parse_watch_reply(
      R"({"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader","http_status":"Service Unavailable"}})");
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().text, "etcdserver: no leader");
}

TEST(EtcdMessages, Refusals) {
  EXPECT_EQ(refusal_text(R"({"error":"etcdserver: request timed out","message":"m","code":14})"),
            "etcdserver: request timed out");
  EXPECT_EQ(refusal_text(R"({"message":"m","code":14})"), "m");
  EXPECT_EQ(refusal_text("404 page not found\n"), "etcd: unexpected answer: 404 page not found\n");
}

}  // namespace
}  // namespace gatepost::storage::etcd
