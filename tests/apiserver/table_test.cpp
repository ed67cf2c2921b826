// What kubectl prints: ages, the word under STATUS, and the cells of a kind.
#include "apiserver/table/table.h"

#include "apiserver/desk.h"
#include "apiserver/table/human_duration.h"
#include "apiserver/table/pod_status.h"

namespace gatepost::apiserver {
namespace {

using std::chrono::seconds;
using testing::Desk;
using testing::Told;

TEST(HumanDuration, IsTwoUnitsAtMost) {
  for (auto [count, text] : {std::pair{-5, "<invalid>"},
                             std::pair{-1, "0s"},
                             std::pair{0, "0s"},
                             std::pair{119, "119s"},
                             std::pair{120, "2m"},
                             std::pair{121, "2m1s"},
                             std::pair{599, "9m59s"},
                             std::pair{600, "10m"},
                             std::pair{601, "10m"},
                             std::pair{3 * 3600 - 1, "179m"},
                             std::pair{3 * 3600, "3h"},
                             std::pair{3 * 3600 + 60, "3h1m"},
                             std::pair{8 * 3600, "8h"},
                             std::pair{48 * 3600 - 1, "47h"},
                             std::pair{48 * 3600, "2d"},
                             std::pair{49 * 3600, "2d1h"},
                             std::pair{8 * 86400, "8d"},
                             std::pair{2 * 365 * 86400 - 1, "729d"},
                             std::pair{2 * 365 * 86400, "2y"},
                             std::pair{3 * 365 * 86400 - 1, "2y364d"},
                             std::pair{8 * 365 * 86400, "8y"}})
    EXPECT_EQ(human_duration(seconds(count)), text) << count;
}

TEST(Age, OfATime) {
  WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2);
  EXPECT_EQ(age_of("2026-01-01T23:58:00Z", now), "2m");
  EXPECT_EQ(age_of("", now), "<unknown>");
}

struct PodRow {
  const char* name;
  const char* pod;
  const char* told;  // "ready/total status restarts"
};

class Pods : public ::testing::TestWithParam<PodRow> {};

TEST_P(Pods, AreSummarized) {
  auto pod = json::parse(GetParam().pod, json::make_arena());
  ASSERT_TRUE(pod);
  PodSummary told = summarize_pod(*pod, std::chrono::sys_days(std::chrono::year(2026) / 1 / 2));
  EXPECT_EQ(std::to_string(told.ready) + "/" + std::to_string(told.total) + " " + told.status + " " + told.restarts,
            GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Pods,
    ::testing::Values(
        PodRow{"pending", R"({"spec":{"containers":[{}]},"status":{"phase":"Pending"}})", "0/1 Pending 0"},
        PodRow{"reason_goes_before_phase",
               R"({"spec":{"containers":[{}]},"status":{"phase":"Failed","reason":"Evicted"}})", "0/1 Evicted 0"},
        PodRow{"running",
               R"({"spec":{"containers":[{},{}]},"status":{"phase":"Running","containerStatuses":[
                   {"ready":true,"restartCount":1,"state":{"running":{}}},{"ready":false,"state":{"running":{}}}]}})",
               "1/2 Running 1"},
        PodRow{"crash_loop",
               R"({"spec":{"containers":[{}]},"status":{"phase":"Running","containerStatuses":[{"restartCount":4,
                   "state":{"waiting":{"reason":"CrashLoopBackOff"}},
                   "lastState":{"terminated":{"finishedAt":"2026-01-01T23:55:00Z"}}}]}})",
               "0/1 CrashLoopBackOff 4 (5m ago)"},
        PodRow{"exit_code",
               R"({"spec":{"containers":[{}]},"status":{"phase":"Failed","containerStatuses":[
                   {"state":{"terminated":{"exitCode":3}}}]}})",
               "0/1 ExitCode:3 0"},
        PodRow{"signal",
               R"({"spec":{"containers":[{}]},"status":{"phase":"Failed","containerStatuses":[
                   {"state":{"terminated":{"exitCode":137,"signal":9}}}]}})",
               "0/1 Signal:9 0"},
        PodRow{"completed",
               R"({"spec":{"containers":[{}]},"status":{"phase":"Succeeded","containerStatuses":[
                   {"state":{"terminated":{"reason":"Completed","exitCode":0}}}]}})",
               "0/1 Completed 0"},
        PodRow{"init_under_way",
               R"({"spec":{"initContainers":[{},{}],"containers":[{}]},"status":{"phase":"Pending",
                   "initContainerStatuses":[{"state":{"terminated":{"exitCode":0}}},{"state":{"running":{}}}]}})",
               "0/1 Init:1/2 0"},
        PodRow{"init_failed",
               R"({"spec":{"initContainers":[{}],"containers":[{}]},"status":{"phase":"Pending",
                   "initContainerStatuses":[{"state":{"terminated":{"exitCode":2}}}]}})",
               "0/1 Init:ExitCode:2 0"},
        PodRow{"terminating",
               R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{"containers":[{}]},
                   "status":{"phase":"Running"}})",
               "0/1 Terminating 0"},
        PodRow{"node_lost",
               R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{"containers":[{}]},
                   "status":{"phase":"Running","reason":"NodeLost"}})",
               "0/1 Unknown 0"}),
    [](const auto& info) { return std::string(info.param.name); });

const net::http::Headers as_table{{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}};

// The cells of the only row, one string.
std::string cells(const Told& told) {
  const json::Value table = told.json();
  const json::Array* rows = json::array_at(table, {"rows"});
  return rows && rows->size() == 1 ? json::write(*json::find(rows->front(), "cells")) : told.body;
}

TEST(Table, HasTheColumnsAndCellsOfTheKind) {
  Desk desk;
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  desk.create(maps, R"({"metadata":{"name":"m"},"data":{"a":"1","b":"2"}})");
  desk.now += seconds(130);
  Told told = desk.get(maps, as_table);
  EXPECT_EQ(json::string_at(told.json(), {"kind"}), "Table");
  EXPECT_EQ(json::string_at(told.json(), {"apiVersion"}), "meta.k8s.io/v1");
  EXPECT_EQ(cells(told), R"(["m",2,"2m10s"])");
  // One object alone is a table too.
  EXPECT_EQ(cells(desk.get(maps + "/m", as_table)), R"(["m",2,"2m10s"])");
  EXPECT_EQ(told.json().at("rows").at(0).at("object").at("kind"), "PartialObjectMetadata");
  told = desk.get(maps + "?includeObject=Object", as_table);
  EXPECT_EQ(told.json().at("rows").at(0).at("object").at("kind"), "ConfigMap");
  told = desk.get(maps + "?includeObject=None", as_table);
  EXPECT_TRUE(told.json().at("rows").at(0).at("object").is_null());
}

TEST(Table, OfServicesAndConfigurations) {
  Desk desk;
  desk.create("/api/v1/namespaces/default/services",
              R"({"metadata":{"name":"s"},"spec":{"clusterIP":"None","selector":{"a":"b"},"ports":[{"port":443}]}})");
  EXPECT_EQ(cells(desk.get("/api/v1/namespaces/default/services/s", as_table)),
            R"(["s","ClusterIP","None","\u003cnone\u003e","443/TCP","0s","a=b"])");
  const std::string hooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
  desk.create(hooks, R"({"metadata":{"name":"h"}})");
  EXPECT_EQ(cells(desk.get(hooks + "/h", as_table)), R"(["h",0,"0s"])");
}

}  // namespace
}  // namespace gatepost::apiserver
