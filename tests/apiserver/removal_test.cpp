#include "server_fixture.h"

namespace gatepost::apiserver {
namespace {

class Remove : public ServerFixture {
 protected:
  void pod(const std::string& name, const std::string& node) {
    ask("POST", pods,
        R"({"metadata":{"name":")" + name + R"("},"spec":{"nodeName":")" + node +
            R"(","containers":[{"name":"c","image":"i"}]}})");
    ASSERT_EQ(code, 201);
  }
  const std::string maps = "/api/v1/namespaces/default/configmaps";
  const std::string pods = "/api/v1/namespaces/default/pods";
};

TEST_F(Remove, KindsAnswerWithTheObjectOrAStatus) {
  ask("POST", maps, R"({"metadata":{"name":"x"}})");
  json::Value status = ask("DELETE", maps + "/x");
  EXPECT_EQ(text(status, {"kind"}), "Status");
  EXPECT_EQ(text(status, {"details", "kind"}), "configmaps");
  ask("POST", "/apis/storage.k8s.io/v1/storageclasses", R"({"metadata":{"name":"s"},"provisioner":"p"})");
  EXPECT_EQ(text(ask("DELETE", "/apis/storage.k8s.io/v1/storageclasses/s"), {"kind"}), "StorageClass");
}

TEST_F(Remove, OfAJobWithoutAPolicyIsWarnedOf) {
  const std::string jobs = "/apis/batch/v1/namespaces/default/jobs";
  const char* spec =
      R"("spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}})";
  for (auto [options, warnings] :
       {std::pair{"", 1}, std::pair{"{}", 1}, std::pair{R"({"propagationPolicy":"Orphan"})", 0},
        std::pair{R"({"orphanDependents":false})", 0}}) {
    ask("POST", jobs, std::string(R"({"metadata":{"name":"j"},)") + spec);
    KeptAnswer told = request("DELETE", jobs + "/j", options);
    EXPECT_EQ(told.status, 200) << told.body;
    int count = 0;
    for (const auto [name, value] : told.headers) count += name == "Warning";
    EXPECT_EQ(count, warnings) << options;
    ask("PATCH", jobs + "/j", R"({"metadata":{"finalizers":null}})", "application/merge-patch+json");
  }
}

TEST_F(Remove, PreconditionsNameTheObject) {
  std::string uid = text(ask("POST", maps, R"({"metadata":{"name":"x"}})"), {"metadata", "uid"});
  EXPECT_EQ(
      say("DELETE", maps + "/x", R"({"preconditions":{"uid":"other"}})"),
      "409 Operation cannot be fulfilled on ConfigMap \"x\": the UID in the precondition (other) does not match the "
      "UID in record (" +
          uid + "). The object might have been deleted and then recreated");
  EXPECT_EQ(say("DELETE", maps + "/x", R"({"preconditions":{"uid":")" + uid + R"("}})"), "200");
}

TEST_F(Remove, APodHasItsGraceWhereItRuns) {
  pod("waits", "node");
  json::Value marked = ask("DELETE", pods + "/waits");
  EXPECT_EQ(text(marked, {"metadata", "deletionTimestamp"}), "2026-11-25T10:00:30Z");
  EXPECT_EQ(json::int_at(marked, {"metadata", "deletionGracePeriodSeconds"}), 30);
  EXPECT_EQ(json::int_at(marked, {"metadata", "generation"}), 2);

  json::Value same = ask("DELETE", pods + "/waits", R"({"gracePeriodSeconds":60})");
  EXPECT_EQ(json::int_at(same, {"metadata", "deletionGracePeriodSeconds"}), 30);
  json::Value sooner = ask("DELETE", pods + "/waits", R"({"gracePeriodSeconds":5})");
  EXPECT_EQ(text(sooner, {"metadata", "deletionTimestamp"}), "2026-11-25T10:00:05Z");
  now += std::chrono::seconds(10);
  json::Value late = ask("DELETE", pods + "/waits", R"({"gracePeriodSeconds":3})");
  EXPECT_EQ(text(late, {"metadata", "deletionTimestamp"}), "2026-11-25T10:00:10Z");
  EXPECT_EQ(json::int_at(late, {"metadata", "deletionGracePeriodSeconds"}), 1);
  EXPECT_EQ(say("DELETE", pods + "/waits", R"({"gracePeriodSeconds":0})"), "200");
  EXPECT_EQ(say("GET", pods + "/waits"), "404 pods \"waits\" not found");
}

TEST_F(Remove, APodThatRunsNowhereGoesAtOnce) {
  pod("loose", "");
  json::Value gone = ask("DELETE", pods + "/loose");
  EXPECT_EQ(json::int_at(gone, {"metadata", "deletionGracePeriodSeconds"}), 0);
  EXPECT_EQ(say("GET", pods + "/loose"), "404 pods \"loose\" not found");
}

TEST_F(Remove, FinalizersHoldAndThePropagationAddsItsOwn) {
  struct Row {
    const char *path, *body, *options, *finalizers;
  };
  for (const Row& row : {
           Row{"/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"x","finalizers":["a.io/f"]}})", "",
               R"(["a.io/f"])"},
           Row{"/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"x"}})",
               R"({"propagationPolicy":"Orphan"})", R"(["orphan"])"},
           Row{"/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"x"}})",
               R"({"propagationPolicy":"Foreground"})", R"(["foregroundDeletion"])"},
           Row{"/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"x","finalizers":["orphan"]}})",
               R"({"propagationPolicy":"Background"})", ""},
           // Jobs and replication controllers leave their pods alone when nobody says otherwise.
           Row{"/api/v1/namespaces/default/replicationcontrollers",
               R"({"metadata":{"name":"x"},"spec":{"selector":{"a":"b"},"template":{"metadata":{"labels":{"a":"b"}},
                   "spec":{"containers":[{"name":"c","image":"i"}]}}}})",
               "", R"(["orphan"])"},
       }) {
    ask("POST", row.path, row.body);
    ASSERT_EQ(code, 201) << row.body;
    std::string one = std::string(row.path) + "/x";
    ask("DELETE", one, row.options);
    EXPECT_EQ(code, 200);
    json::Value left = ask("GET", one);
    const json::Value* finalizers = json::find_path(left, {"metadata", "finalizers"});
    EXPECT_EQ(finalizers ? json::write(*finalizers) : "", row.finalizers) << row.body << row.options;
    ask("PATCH", one, R"({"metadata":{"finalizers":null}})", "application/merge-patch+json");
    EXPECT_EQ(say("GET", one).substr(0, 3), "404");
  }
}

TEST_F(Remove, ANamespaceIsMarkedAndStaysUntilItIsFinalized) {
  create_namespace("z");
  json::Value marked = ask("DELETE", "/api/v1/namespaces/z");
  EXPECT_EQ(text(marked, {"status", "phase"}), "Terminating");
  EXPECT_EQ(text(marked, {"metadata", "deletionTimestamp"}), "2026-11-25T10:00:00Z");
  EXPECT_EQ(json::find_path(marked, {"metadata", "deletionGracePeriodSeconds"}), nullptr);
  EXPECT_EQ(say("POST", "/api/v1/namespaces/z/configmaps", R"({"metadata":{"name":"x"}})"),
            "403 configmaps \"x\" is forbidden: unable to create new content in namespace z because it is being "
            "terminated");
  json::Value again = ask("DELETE", "/api/v1/namespaces/z");
  EXPECT_EQ(code, 200);
  EXPECT_EQ(text(again, {"kind"}), "Namespace");
  EXPECT_EQ(say("PUT", "/api/v1/namespaces/z/finalize", R"({"metadata":{"name":"z"},"spec":{}})"), "200");
  EXPECT_EQ(say("GET", "/api/v1/namespaces/z"), "404 namespaces \"z\" not found");
  EXPECT_EQ(say("DELETE", "/api/v1/namespaces/default"),
            "403 namespaces \"default\" is forbidden: this namespace may not be deleted");
}

TEST_F(Remove, ADryRunRemovesNothing) {
  ask("POST", maps, R"({"metadata":{"name":"x"}})");
  EXPECT_EQ(say("DELETE", maps + "/x?dryRun=All"), "200");
  EXPECT_EQ(say("GET", maps + "/x"), "200");
}

}  // namespace
}  // namespace gatepost::apiserver
