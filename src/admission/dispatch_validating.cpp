#include <chrono>
#include <optional>

#include "admission/dispatch.h"
#include "admission/errors.h"
#include "admission/predicates/rules.h"
#include "base/random.h"
#include "json/write.h"
#include "net/event.h"
#include "net/loop.h"

namespace gatepost::admission {
namespace {

double seconds_since(net::SteadyTime start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// One webhook to call, and what came of it.
struct Job {
  std::shared_ptr<const Hook> hook;
  std::string body, uid;
  std::size_t index = 0;
  Trail trail;
};

// The calls of one request, all under way at once. The first refusal in time is the answer.
struct Round {
  std::vector<Job> jobs;
  std::size_t open = 0;
  std::optional<kube::Status> refusal;
  net::Event done;
};

void fail_open(const Job& job, const std::string& text, Trail& trail, Shared& shared) {
  if (shared.log) {
    shared.log(klog::Severity::warning, "dispatcher.go:205",
               "Failed calling webhook, failing open " + job.hook->name + ": " + text);
    std::string quoted;
    json::write_string(text, quoted);
    shared.log(klog::Severity::error, "dispatcher.go:213",
               "\"Unhandled Error\" err=" + quoted + " logger=\"UnhandledError\"");
  }
  shared.metrics.failed_open(*job.hook);
  trail.annotations.emplace_back(
      "failed-open.validating.webhook.admission.k8s.io/round_0_index_" + std::to_string(job.index), job.hook->name);
}

std::optional<kube::Status> judge(Job& job, const CallOutcome& outcome, double seconds, std::string_view operation,
                                  Shared& shared) {
  const Hook& hook = *job.hook;
  if (!outcome.answer) {
    std::string text = failure_text(hook, outcome.answer.error());
    bool open = hook.failure_policy == FailurePolicy::ignore;
    shared.metrics.called(hook, operation, seconds, outcome.code, !open);
    if (open) {
      fail_open(job, text, job.trail, shared);
      return std::nullopt;
    }
    shared.metrics.rejected(hook, operation, "calling_webhook_error", 0);
    if (shared.log)
      shared.log(klog::Severity::warning, "dispatcher.go:217",
                 "Failed calling webhook, failing closed " + hook.name + ": " + text);
    return kube::internal_error(text);
  }
  take_notes(hook, *outcome.answer, job.trail);
  shared.metrics.called(hook, operation, seconds, outcome.code, !outcome.answer->allowed);
  if (outcome.answer->allowed) return std::nullopt;
  kube::Status status = denied(hook.name, outcome.answer->status);
  shared.metrics.rejected(hook, operation, "no_error", status.code);
  if (shared.log)
    shared.log(klog::Severity::warning, "dispatcher.go:225",
               "rejected by webhook \"" + hook.name + "\": " + status.message);
  return status;
}

net::Task<void> run_job(std::shared_ptr<Round> round, std::size_t at, net::SteadyTime deadline, std::string operation,
                        Shared shared) {
  Job& job = round->jobs[at];
  auto start = std::chrono::steady_clock::now();
  CallOutcome outcome = co_await call_webhook(job.hook, std::move(job.body), job.uid, deadline);
  auto refusal = judge(job, outcome, seconds_since(start), operation, shared);
  if (refusal && !round->refusal) round->refusal = std::move(refusal);
  if (--round->open == 0) round->done.fire();
}

}  // namespace

net::Task<kube::ApiResult<void>> dispatch_validating(std::shared_ptr<const std::vector<Match>> matches,
                                                     const Attributes& attributes, net::SteadyTime deadline,
                                                     Trail& trail, Shared shared) {
  auto round = std::make_shared<Round>();
  RequestValues values(attributes);
  std::optional<VersionedRequest> request;
  std::unique_ptr<ReviewPrinter> printer;
  const LabelBits labels = present_labels(attributes.object, attributes.old_object);
  std::size_t index = 0;
  for (const Match& match : *matches) {
    std::size_t at = index++;
    if ((match.needed_labels & ~labels) != 0) continue;
    auto selected = selects(match, attributes, shared);
    if (!selected) co_return fail_with(std::move(selected.error()));
    if (!*selected) continue;
    if (!request || !(request->kind() == match.kind)) {
      printer = nullptr;
      if (match.kind == attributes.kind) {
        request.emplace(attributes, match.kind, match.resource);
      } else {
        auto made = co_await versioned(match, attributes, shared);
        if (!made) co_return fail_with(std::move(made.error()));
        request.emplace(std::move(*made));
      }
    }
    auto called = meets_conditions(match, attributes, *request, values, shared);
    if (!called) co_return fail_with(std::move(called.error()));
    if (!*called) continue;
    if (refuses_dry_run(*match.hook, attributes)) co_return fail_with(dry_run_unsupported(match.hook->name));
    if (!printer) printer = std::make_unique<ReviewPrinter>(attributes, *request);
    Job job;
    job.hook = match.hook;
    job.uid = random_uuid();
    job.body = printer->body(match.hook->review_version, job.uid);
    job.index = at;
    round->jobs.push_back(std::move(job));
  }
  round->open = round->jobs.size();
  std::string operation(operation_name(attributes.operation));
  for (std::size_t i = 0; i < round->jobs.size(); ++i)
    co_await net::spawn(run_job(round, i, deadline, operation, shared));
  while (round->open > 0) co_await round->done.wait();
  for (Job& job : round->jobs) {
    for (std::string& warning : job.trail.warnings) trail.warnings.push_back(std::move(warning));
    for (auto& annotation : job.trail.annotations) trail.annotations.push_back(std::move(annotation));
  }
  if (round->refusal) co_return fail_with(std::move(*round->refusal));
  co_return kube::ApiResult<void>{};
}

}  // namespace gatepost::admission
