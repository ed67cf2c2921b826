#include <algorithm>
#include <fmt/format.h>

#include "remedy/remedies/remedies.h"

namespace gatepost::remedy {
namespace {

constexpr int longest_timeout = 30;  // what the API server allows
constexpr int short_timeout = 5;
constexpr int head_room = 2;  // times what was observed

Proposal with_timeout(Scene& scene, const Ill& ill, std::string remedy, int seconds, std::string summary) {
  const ObjectRef ref = ill.configuration();
  json::Value before = scene.current(*ill.subject->owner, ref);
  json::Value after(before, json::Storage());
  json::Value* entry = entry_of(after, ill.subject->name());
  if (!entry) return Proposal::none("the webhook is gone");
  entry->get_object()["timeoutSeconds"] = seconds;
  Proposal out;
  Repair& repair = out.repair.emplace(repair_for(ill, remedy));
  repair.summary = std::move(summary);
  repair.steps.push_back(
      update_step(scene, std::move(remedy), ref, std::move(before), std::move(after), repair.summary));
  return out;
}

}  // namespace

Proposal raise_timeout(Scene& scene, const Ill& ill) {
  if (ill.latencies.empty() && !ill.metrics_p99)
    return Proposal::none(
        "how long the backend takes could not be measured from here: run this beside it, or in the cluster");
  const bool measured = !ill.latencies.empty();
  const double slowest =
      measured ? static_cast<double>(ill.latencies.back().count()) / 1000 : ill.metrics_p99.value_or(0);
  const int now = ill.subject->timeout();
  const int wanted = std::clamp(static_cast<int>(slowest * head_room) + 1, now + 1, longest_timeout);
  if (now >= longest_timeout || slowest >= longest_timeout)
    return Proposal::none(
        fmt::format("it takes {:.1f} s, and {} s are the most that a webhook may have: the backend must "
                    "become faster",
                    slowest, longest_timeout));
  Proposal out = with_timeout(
      scene, ill, "raise-timeout", wanted,
      fmt::format(
          "timeoutSeconds {} instead of {}: the observed p99 is {:.2f} s ({})", wanted, now, slowest,
          measured ? fmt::format("the slowest of {} calls", ill.latencies.size()) : "by the API server's metrics"));
  if (out.repair)
    out.repair->risk =
        "none goes unguarded; each matching request may now take that long, and its client's patience is shorter "
        "than 34 s at most";
  return out;
}

Proposal lower_timeout(Scene& scene, const Ill& ill) {
  const int now = ill.subject->timeout();
  if (now <= short_timeout) return Proposal::none(fmt::format("timeoutSeconds is {} already", now));
  Proposal out =
      with_timeout(scene, ill, "lower-timeout", short_timeout,
                   fmt::format("timeoutSeconds {} instead of {}: a dead webhook then leaves the others their share "
                               "of the request's time",
                               short_timeout, now));
  if (!out.repair) return out;
  out.repair->goal = Goal::stored;
  out.repair->risk = "calls that take longer fail from now on";
  out.repair->question = "does the backend usually answer within 5 s?";
  return out;
}

}  // namespace gatepost::remedy
