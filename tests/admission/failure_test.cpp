// What a call that fails means for the request: failurePolicy, timeouts, the request's own budget, and the texts.
#include "admission/world.h"

namespace gatepost::admission {
namespace {

using std::chrono::milliseconds;
using testing::Reply;
using testing::World;

struct Row {
  const char* name;
  Reply reply;
  std::string told;  // behind `Internal error occurred: failed calling webhook "w.test.io": `
};

class Failures : public ::testing::TestWithParam<Row> {};

TEST_P(Failures, CloseOrOpen) {
  for (HookType type : {HookType::validating, HookType::mutating}) {
    World world;
    world.replies["w"] = {GetParam().reply};
    world.configure(type, "a", {{"w", "{}"}});
    EXPECT_EQ(world.told(type, World::create()),
              "500 Internal error occurred: failed calling webhook \"w.test.io\": " + GetParam().told);
    ASSERT_EQ(world.log.size(), 1u);
    EXPECT_EQ(
        world.replaced(world.log[0]).substr(world.log[0].find(' ')),
        " Failed calling webhook, failing closed w.test.io: failed calling webhook \"w.test.io\": " + GetParam().told);

    world.configure(type, "a", {{"w", R"({"failurePolicy":"Ignore"})"}});
    world.log.clear();
    EXPECT_EQ(world.told(type, World::create()), "ok");
    ASSERT_EQ(world.log.size(), 2u);
    EXPECT_NE(world.log[0].find("failing open w.test.io"), std::string::npos) << world.log[0];
    ASSERT_FALSE(world.trail.annotations.empty());
    EXPECT_EQ(world.trail.annotations.back(),
              std::pair(std::string(type == HookType::mutating ? "failed-open.mutation" : "failed-open.validating") +
                            ".webhook.admission.k8s.io/round_0_index_0",
                        std::string("w.test.io")));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Failures,
    ::testing::Values(
        Row{"not_found",
            {.body = "404 page not found", .status = 404},
            "failed to call webhook: the server could not find the requested resource"},
        Row{"server_error",
            {.body = "boom\n", .status = 500},
            "failed to call webhook: an error on the server (\"boom\") has prevented the request from succeeding"},
        Row{"empty_answer",
            {.body = ""},
            "failed to call webhook: 0-length response with status code: 200 and content type: application/json"},
        Row{"no_response",
            {.body = R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"})"},
            "received invalid webhook response: webhook response was absent"},
        Row{"another_kind",
            {.body = R"({"apiVersion":"v1","kind":"Pod"})"},
            "failed to call webhook: no kind \"Pod\" is registered for version \"v1\" in scheme "
            "\"pkg/runtime/scheme.go:110\""}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Failure, ConnectionRefused) {
  World world;
  world.configure(HookType::validating, "a", {{"w", R"({"clientConfig":{"url":"http://127.0.0.1:1/x"}})"}});
  EXPECT_EQ(world.told(HookType::validating, World::create()),
            "500 Internal error occurred: failed calling webhook \"w.test.io\": failed to call webhook: Post "
            "\"http://127.0.0.1:1/x?timeout=10s\": dial tcp 127.0.0.1:1: connect: connection refused");
}

TEST(Failure, ServiceIsNotThere) {
  World world;
  world.configure(HookType::validating, "a",
                  {{"w", R"({"clientConfig":{"service":{"namespace":"ns","name":"hook","path":"/v"}}})"}});
  EXPECT_EQ(world.told(HookType::validating, World::create()),
            "500 Internal error occurred: failed calling webhook \"w.test.io\": failed to call webhook: Post "
            "\"https://hook.ns.svc:443/v?timeout=10s\": service \"hook\" not found");
}

TEST(Failure, BundleThatIsNone) {
  World world;
  world.configure(HookType::validating, "a", {{"w", R"({"clientConfig":{"url":"https://h/","caBundle":"bm9uZQ=="}})"}});
  EXPECT_EQ(world.told(HookType::validating, World::create()),
            "500 Internal error occurred: failed calling webhook \"w.test.io\": could not get REST client: unable to "
            "load root certificates: unable to parse bytes as PEM block");
  EXPECT_TRUE(world.received.empty());
}

// The smaller of timeoutSeconds and what is left of the request, in whole seconds rounded up, is told to the webhook.
TEST(Timeout, IsInTheUrl) {
  struct Case {
    const char* hook;
    milliseconds budget;
    const char* query;
  };
  for (const Case& one : {Case{"{}", milliseconds(30000), "timeout=10s"},
                          Case{R"({"timeoutSeconds":3})", milliseconds(30000), "timeout=3s"},
                          Case{R"({"timeoutSeconds":30})", milliseconds(2500), "timeout=3s"},
                          Case{R"({"timeoutSeconds":30})", milliseconds(300), "timeout=1s"}}) {
    World world;
    world.configure(HookType::validating, "a", {{"w", one.hook}});
    EXPECT_EQ(world.told(HookType::validating, World::create(), one.budget), "ok");
    ASSERT_EQ(world.received.size(), 1u);
    EXPECT_EQ(world.received[0].first, std::string("/w?") + one.query);
  }
}

TEST(Timeout, EndsTheCall) {
  for (HookType type : {HookType::validating, HookType::mutating}) {
    World world;
    world.replies["w"] = {{.response = "\"allowed\":true", .delay = milliseconds(200)}};
    world.configure(type, "a", {{"w", "{}"}});
    EXPECT_EQ(world.told(type, World::create(), milliseconds(30)),
              "500 Internal error occurred: failed calling webhook \"w.test.io\": failed to call webhook: Post "
              "\"http://BACKEND/w?timeout=1s\": context deadline exceeded");
  }
}

// When the request's own time is over there is nobody left to admit for, whatever this webhook's failure means.
TEST(Timeout, OfTheRequestEndsItThoughTheWebhookMayFail) {
  World world;
  world.replies["w"] = {{.response = "\"allowed\":true", .delay = milliseconds(200)}};
  world.configure(HookType::mutating, "a", {{"w", R"({"failurePolicy":"Ignore"})"}, {"next", "{}"}});
  EXPECT_EQ(world.told(HookType::mutating, World::create(), milliseconds(30)).substr(0, 4), "504 ");
  EXPECT_EQ(world.paths(), std::vector<std::string>{"w"});
}

// client-go tries again where the answer asks for it; a wait beyond the deadline is a deadline that has passed.
TEST(Retries, AfterAnAnswerThatAsksForThem) {
  World world;
  world.replies["w"] = {{.body = "busy", .status = 503, .headers = {{"Retry-After", "0"}}},
                        {.body = "busy", .status = 429, .headers = {{"Retry-After", "0"}}},
                        {.response = "\"allowed\":true"}};
  world.configure(HookType::validating, "a", {{"w", "{}"}});
  EXPECT_EQ(world.told(HookType::validating, World::create()), "ok");
  EXPECT_EQ(world.received.size(), 3u);
}

TEST(Retries, NotBeyondTheDeadline) {
  World world;
  world.replies["w"] = {{.body = "busy", .status = 503, .headers = {{"Retry-After", "5"}}}};
  world.configure(HookType::validating, "a", {{"w", "{}"}});
  EXPECT_EQ(world.told(HookType::validating, World::create(), milliseconds(30)),
            "500 Internal error occurred: failed calling webhook \"w.test.io\": failed to call webhook: Post "
            "\"http://BACKEND/w?timeout=1s\": context deadline exceeded");
  EXPECT_EQ(world.received.size(), 1u);
}

TEST(Retries, NotWithoutTheHeader) {
  World world;
  world.replies["w"] = {{.body = "busy", .status = 503}};
  world.configure(HookType::validating, "a", {{"w", "{}"}});
  EXPECT_EQ(world.told(HookType::validating, World::create()),
            "500 Internal error occurred: failed calling webhook \"w.test.io\": failed to call webhook: the server is "
            "currently unable to handle the request");
  EXPECT_EQ(world.received.size(), 1u);
}

}  // namespace
}  // namespace gatepost::admission
