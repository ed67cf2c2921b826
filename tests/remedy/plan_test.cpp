#include "remedy/plan.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "remedy/backup.h"
#include "remedy/diff.h"
#include "remedy/instructions.h"
#include "remedy/owners.h"
#include "remedy/planner.h"

namespace gatepost::remedy {
namespace {

json::Value value(std::string_view text) {
  return *json::parse(text, json::make_arena());
}

Plan plan_of_two() {
  Plan plan;
  plan.id = "20261125T100000Z-abcde";
  plan.created = "2026-11-25T10:00:00Z";
  plan.server = "https://127.0.0.1:6443";
  Repair first;
  first.remedy = "resync-ca-bundle";
  first.webhook = "w.test.io";
  Step step;
  step.id = "resync-ca-bundle";
  step.object = {"v1", "Secret", "sys", "hook"};
  step.before = value(R"({"metadata":{"name":"hook"},"data":{"tls.key":"c2VjcmV0"}})");
  step.after = value(R"({"metadata":{"name":"hook"},"data":{"tls.key":"b3RoZXI="}})");
  first.steps.push_back(step);
  plan.repairs.push_back(first);
  Repair second = first;
  second.remedy = "set-failure-policy";
  second.optional = true;
  second.steps[0].id = "set-failure-policy";
  plan.repairs.push_back(second);
  plan.originals.push_back(
      value(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"hook","namespace":"sys"}})"));
  return plan;
}

TEST(Plan, SurvivesItsFile) {
  json::Object document;
  document["plan"] = to_json(plan_of_two());
  const std::string text = sealed(std::move(document), plan_schema);
  auto read = unsealed(text, plan_schema);
  ASSERT_TRUE(read) << read.error().text;
  auto plan = plan_from_json(*json::find(*read, "plan"));
  ASSERT_TRUE(plan) << plan.error().text;
  EXPECT_EQ(json::write(to_json(*plan)), json::write(to_json(plan_of_two())));
  EXPECT_NE(plan->original({"v1", "Secret", "sys", "hook"}), nullptr);
}

TEST(Plan, IsRefusedWhereItWasChangedOrCutShort) {
  json::Object document;
  document["plan"] = to_json(plan_of_two());
  const std::string text = sealed(std::move(document), plan_schema);
  std::string changed = text;
  changed.replace(changed.find("w.test.io"), 9, "x.test.io");
  EXPECT_FALSE(unsealed(changed, plan_schema));
  EXPECT_FALSE(unsealed(text.substr(0, text.size() / 2), plan_schema));
  EXPECT_FALSE(unsealed(text, backup_schema));
  EXPECT_FALSE(unsealed("", plan_schema));
}

TEST(Plan, WithWhatCannotBeIsRefused) {
  for (const char* text : {R"({})", R"({"id":"a/b","repairs":[]})", R"({"id":"a"})", R"({"id":"a","repairs":[{}]})",
                           R"({"id":"a","repairs":[{"goal":"answers","steps":[{"id":"s"}]}]})"})
    EXPECT_FALSE(plan_from_json(value(text))) << text;
}

TEST(Plan, StepsArePickedByIdOrRemedy) {
  Plan plan = plan_of_two();
  EXPECT_EQ(plan.steps(), 1u);
  ASSERT_TRUE(pick_steps(plan, {"set-failure-policy"}));
  ASSERT_EQ(plan.repairs.size(), 1u);
  EXPECT_EQ(plan.repairs[0].remedy, "set-failure-policy");
  EXPECT_FALSE(plan.repairs[0].optional);
  plan = plan_of_two();
  auto none = pick_steps(plan, {"nothing"});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().text.find("resync-ca-bundle"), std::string::npos);
}

TEST(Diff, ShowsNoSecret) {
  const Plan plan = plan_of_two();
  for (const std::string& line : diff_of(plan.repairs[0].steps[0])) {
    EXPECT_EQ(line.find("c2Vj"), std::string::npos) << line;
    EXPECT_EQ(line.find("b3Ro"), std::string::npos) << line;
    EXPECT_NE(line.find("(secret)"), std::string::npos) << line;
  }
}

TEST(Journal, IsReadUpToALineThatWasCutShort) {
  const auto entries = read_journal(
      "{\"mark\":\"started\",\"step\":\"a\"}\n{\"mark\":\"done\",\"step\":\"a\",\"object\":{\"x\":1}}\n{\"mark\":"
      "\"und");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].mark, Mark::done);
  EXPECT_TRUE(entries[1].object.has_value());
}

TEST(Owners, AreTold) {
  struct Row {
    const char *object, *system;
  };
  const Row rows[] = {
      {R"({"metadata":{"annotations":{"meta.helm.sh/release-name":"a"}}})", "Helm"},
      {R"({"metadata":{"labels":{"app.kubernetes.io/managed-by":"Helm"}}})", "Helm"},
      {R"({"metadata":{"annotations":{"argocd.argoproj.io/tracking-id":"app:x"}}})", "Argo CD"},
      {R"({"metadata":{"managedFields":[{"manager":"argocd-controller"}]}})", "Argo CD"},
      {R"({"metadata":{"labels":{"kustomize.toolkit.fluxcd.io/name":"a"}}})", "Flux"},
      {R"({"metadata":{"labels":{"helm.toolkit.fluxcd.io/name":"a"},"annotations":{"meta.helm.sh/release-name":"a"}}})",
       "Flux"},
      {R"({"metadata":{"labels":{"olm.owner":"a.v1"}}})", "OLM"},
      {R"({"metadata":{"ownerReferences":[{"kind":"Gatekeeper","name":"g"}]}})", "an operator"},
      {R"({"metadata":{"name":"x"}})", nullptr},
  };
  for (const Row& row : rows) {
    const auto owners = owners_of(value(row.object));
    if (!row.system) {
      EXPECT_TRUE(owners.empty()) << row.object;
      continue;
    }
    ASSERT_EQ(owners.size(), 1u) << row.object;
    EXPECT_EQ(owners[0].system, row.system) << row.object;
  }
}

TEST(Instructions, NameOnlyCausesThatHaveAPage) {
  EXPECT_TRUE(instruction_errors().empty()) << instruction_errors().front();
}

}  // namespace
}  // namespace gatepost::remedy
