// After kubernetes pkg/controller/job: pods until enough have succeeded, or too many failed.
#include <algorithm>

#include "simulate/controllers/common.h"
#include "simulate/controllers/controllers.h"
#include "simulate/objects.h"

namespace gatepost::simulate {
namespace {

constexpr const char* api_version = "batch/v1";
constexpr const char* kind = "Job";
constexpr std::int64_t usual_backoff_limit = 6;

class JobController final : public Controller {
 public:
  explicit JobController(Api& api) : api_(api), account_(controller_account("job-controller")) {}
  std::string_view name() const override { return "job-controller"; }

  void concerns(const Change& change, std::vector<std::string>& keys) override {
    key_of_owner(change.item(), collection::jobs, kind, keys);
  }

  net::Task<Outcome> sync(std::string key) override {
    auto [ns, name] = split_name(key);
    ItemPtr job = api_.cache().find(collection::jobs, ns, name);
    if (!job || job->deleting || is_over(*job)) co_return Outcome{};
    const Count count = count_pods(*job);
    const std::int64_t parallel = json::int_at(job->value, {"spec", "parallelism"}, 1);
    const std::int64_t wanted = json::int_at(job->value, {"spec", "completions"}, 1);
    const std::int64_t limit = json::int_at(job->value, {"spec", "backoffLimit"}, usual_backoff_limit);
    const bool done = count.succeeded >= wanted, failed = count.failed > limit;
    kube::ApiResult<void> made;
    if (!done && !failed && !json::bool_at(job->value, {"spec", "suspend"})) {
      const std::int64_t missing = std::min(parallel, wanted - count.succeeded) - count.active;
      if (missing > 0) made = co_await create_pods(&api_, job, api_version, kind, account_, missing);
    }
    auto told = co_await update_status(ns, name, done, failed);
    co_return made&& told ? Outcome{} : retry();
  }

 private:
  struct Count {
    std::int64_t active = 0, ready = 0, succeeded = 0, failed = 0;
  };

  static bool is_over(const Item& job) {
    return condition_status(job.value, "Complete") == "True" || condition_status(job.value, "Failed") == "True";
  }

  Count count_pods(const Item& job) const {
    Count count;
    for (const auto& [pod_name, pod] : api_.cache().controlled_by(job.uid)) {
      const std::string_view phase = phase_of(*pod);
      if (phase == "Succeeded") ++count.succeeded;
      if (phase == "Failed") ++count.failed;
      if (!is_active(*pod)) continue;
      ++count.active;
      if (is_ready(*pod)) ++count.ready;
    }
    return count;
  }

  net::Task<kube::ApiResult<void>> update_status(std::string ns, std::string name, bool done, bool failed) {
    ItemPtr job = api_.cache().find(collection::jobs, ns, name);
    if (!job) co_return kube::ApiResult<void>{};
    const Count count = count_pods(*job);
    const WallTime now = api_.now();
    json::Value next = copy_of(*job);
    json::Object& status = status_of(next);
    auto put = [&status](std::string_view field, std::int64_t number) {
      if (number > 0)
        status[field] = number;
      else
        status.erase(field);
    };
    put("active", count.active);
    put("succeeded", count.succeeded);
    put("failed", count.failed);
    status["ready"] = count.ready;
    status["terminating"] = 0;
    if (!status.contains("uncountedTerminatedPods")) status["uncountedTerminatedPods"] = json::Object{};
    if (!status.contains("startTime")) status["startTime"] = rfc3339(now);
    if (done) {
      status["completionTime"] = rfc3339(now);
      set_condition(next, "SuccessCriteriaMet", "True", "CompletionsReached",
                    "Reached expected number of succeeded pods", now);
      set_condition(next, "Complete", "True", "CompletionsReached", "Reached expected number of succeeded pods", now);
    } else if (failed) {
      set_condition(next, "FailureTarget", "True", "BackoffLimitExceeded",
                    "Job has reached the specified backoff limit", now);
      set_condition(next, "Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit", now);
    }
    stamp_probes(next, now);
    const json::Value* before = json::find(job->value, "status");
    if (before && *before == *json::find(next, "status")) co_return kube::ApiResult<void>{};
    auto told = co_await api_.write(update_write(*job, std::move(next), "status", account_));
    if (told && done)
      co_await api_.tell({job, kind, api_version, false, "Completed", "Job completed", "job-controller"});
    co_return told;
  }

  // A Job's conditions carry when they were last looked at, too.
  static void stamp_probes(json::Value& job, WallTime now) {
    json::Value* list = status_of(job).if_contains("conditions");
    if (!list || !list->is_array()) return;
    for (json::Value& condition : list->get_array())
      if (!condition.get_object().contains("lastProbeTime")) condition.get_object()["lastProbeTime"] = rfc3339(now);
  }

  Api& api_;
  const std::string account_;
};

}  // namespace

std::unique_ptr<Controller> make_job_controller(Api& api) {
  return std::make_unique<JobController>(api);
}

}  // namespace gatepost::simulate
