#include "explain/summary.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <tuple>

#include "base/time.h"
#include "explain/page.h"
#include "explain/proof.h"

namespace gatepost::explain {
namespace {

using report::Finding;
using report::Outcome;
using report::Severity;

constexpr std::size_t most_groups = 1000;
constexpr std::size_t most_steps = 256;
constexpr std::size_t most_names = 20;
constexpr std::size_t most_announced = 8;

std::string key_of(const Occurrence& e) {
  // Tails that the table does not know, and denials, differ by their first words.
  const std::string shape = e.cause == "denied" ? "" : e.shape >= 0 ? std::to_string(e.shape) : e.tail.substr(0, 60);
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", static_cast<int>(e.outcome), e.webhook, e.cause, e.service, shape,
                     e.subject);
}

// The same call: a webhook's name may stand for several addresses.
std::string call_of(const Occurrence& e) {
  return e.webhook + "\n" + e.target.substr(0, e.target.find('?'));
}

Severity severity_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::failed:
    case Outcome::conversion:
      return Severity::error;
    case Outcome::denied:
    case Outcome::failing_open:
      return Severity::warning;
    case Outcome::other_subsystem:
      return Severity::info;
  }
  return Severity::error;
}

std::string iso(std::int64_t seconds) {
  return rfc3339(WallTime(std::chrono::seconds(seconds)));
}

int rank(const Occurrence& e) {
  if (e.outcome == Outcome::other_subsystem) return 4;
  if (e.cause == "truncated") return 3;
  if (e.cause == "deadline-exceeded" || e.cause == "eof") return 2;  // true of many failures
  return 1;
}

// Commands and fix of the cause's page, as far as the names in the text fill them.
void advise(const Occurrence& error, Finding& finding) {
  const Page* page = find_page(finding.cause);
  if (page == nullptr) return;
  finding.message = page->summary;
  const Names names = names_of(error.webhook, error.service, error.port, error.timeout_seconds, error.target);
  const auto add = [&](std::string_view command) {
    bool complete = true;
    std::string filled = fill(command, names, &complete);
    if (complete && finding.next.size() < 6 &&
        std::find(finding.next.begin(), finding.next.end(), filled) == finding.next.end()) {
      finding.next.push_back(std::move(filled));
    }
  };
  for (const Root& root : page->roots) {
    for (std::string_view command : root.commands) add(command);
  }
  if (page->fix_id.empty()) return;
  report::Fix fix{std::string(page->fix_id), fill(page->fix, names), ""};
  if (!page->fix_commands.empty()) fix.command = fill(page->fix_commands.front(), names);
  finding.fix = std::move(fix);
}

}  // namespace

void Ticks::add(std::int64_t time) {
  ++counts_[time / step_];
  while (counts_.size() > most_steps) {
    step_ *= 2;
    std::map<std::int64_t, std::int64_t> merged;
    for (const auto& [at, count] : counts_) merged[at / 2] += count;
    counts_ = std::move(merged);
  }
}

std::optional<report::Timeline> Ticks::timeline(std::size_t columns) const {
  if (counts_.size() < 2 || columns == 0) return std::nullopt;
  const std::int64_t from = counts_.begin()->first, to = counts_.rbegin()->first + 1;
  std::int64_t merge = (to - from + static_cast<std::int64_t>(columns) - 1) / static_cast<std::int64_t>(columns);
  merge = std::max<std::int64_t>(1, merge);
  report::Timeline out{from * step_, merge * step_, {}};
  out.counts.assign(static_cast<std::size_t>((to - from + merge - 1) / merge), 0);
  for (const auto& [at, count] : counts_) out.counts[static_cast<std::size_t>((at - from) / merge)] += count;
  return out;
}

void Summary::add(const Occurrence& error, const Seen& seen) {
  // The API server says each failure twice where it goes on: once with the policy, once as an error. Count it once.
  const std::string echo = error.webhook + "\n" + error.tail;
  if (error.policy == Policy::unknown && seen.by_api_server) {
    const auto announced = std::find(announced_.begin(), announced_.end(), echo);
    if (announced != announced_.end()) {
      announced_.erase(announced);
      return;
    }
  } else if (seen.by_api_server) {
    announced_.push_back(echo);
    if (announced_.size() > most_announced) announced_.erase(announced_.begin());
  }

  ++total_;
  if (!error.webhook.empty() && error.timeout_seconds) {
    int& longest = longest_timeout_[call_of(error)];
    longest = std::max(longest, *error.timeout_seconds);
  }
  std::string key = key_of(error);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    if (groups_.size() >= most_groups) return;
    found = by_key_.emplace(std::move(key), groups_.size()).first;
    Group fresh;
    fresh.error = error;
    fresh.evidence = prove(error, seen.context, std::nullopt);
    groups_.push_back(std::move(fresh));
  }
  Group& group = groups_[found->second];
  ++group.count;
  if (error.policy == Policy::failing_open) ++group.open;
  if (error.policy == Policy::failing_closed) ++group.closed;
  if (error.timeout_seconds)
    group.least_timeout = std::min(group.least_timeout.value_or(*error.timeout_seconds), *error.timeout_seconds);
  if (!seen.user.empty() && group.users.size() < most_names) group.users.emplace(seen.user);
  if (!seen.resource.empty() && group.resources.size() < most_names) group.resources.emplace(seen.resource);
  if (!seen.time) return;
  group.first = std::min(group.first.value_or(*seen.time), *seen.time);
  group.last = std::max(group.last.value_or(*seen.time), *seen.time);
  group.ticks.add(*seen.time);
  ticks_.add(*seen.time);
}

report::Finding to_finding(const Group& group, std::optional<int> longest_timeout) {
  const Occurrence& e = group.error;
  Finding out;
  out.outcome = e.outcome;
  out.cause = e.cause;
  out.severity = severity_of(e.outcome);
  if (e.by_backend && e.cause == "eof") out.severity = Severity::info;  // also what a port check leaves behind
  out.webhook = e.webhook;
  out.target = e.target;
  out.service = e.service;
  out.port = e.port;
  out.timeout_seconds = e.timeout_seconds;
  out.tail = e.tail;
  out.count = group.count;
  if (group.first) out.first_seen = iso(*group.first), out.last_seen = iso(*group.last);
  out.evidence = group.evidence;
  if (longest_timeout && group.least_timeout && *group.least_timeout < *longest_timeout) {
    Occurrence least = e;
    least.timeout_seconds = group.least_timeout;
    std::erase_if(out.evidence, [](const report::Evidence& one) { return one.check == "request-budget"; });
    for (report::Evidence& one : prove(least, "", longest_timeout)) {
      if (one.check == "request-budget") out.evidence.insert(out.evidence.begin(), std::move(one));
    }
  }
  if (group.open > 0) out.impact.push_back({"failedOpen", group.open});
  if (group.closed > 0) out.impact.push_back({"failedClosed", group.closed});
  if (group.first && *group.last > *group.first) {
    const double minutes = static_cast<double>(*group.last - *group.first) / 60.0;
    out.impact.push_back(
        {"perMinute",
         static_cast<double>(static_cast<std::int64_t>(static_cast<double>(group.count) / minutes * 100)) / 100});
  }
  if (!group.users.empty())
    out.impact.push_back({"users", std::vector<std::string>(group.users.begin(), group.users.end())});
  if (!group.resources.empty())
    out.impact.push_back({"resources", std::vector<std::string>(group.resources.begin(), group.resources.end())});
  if (!e.subject.empty()) out.impact.push_back({"conversionOf", e.subject});
  out.timeline = group.ticks.timeline(60);
  advise(e, out);
  return out;
}

report::Finding to_finding(const Occurrence& error, std::string_view context) {
  Group group;
  group.error = error;
  group.count = 1;
  group.evidence = prove(error, context, std::nullopt);
  return to_finding(group);
}

report::Report Summary::report(Order order) const {
  // Smallest first: kind of failure, then how much the tail says or how often it was seen, then as met.
  std::vector<std::tuple<int, std::int64_t, std::size_t>> sorted;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const Group& group = groups_[i];
    const int kind = rank(group.error);
    if (order == Order::most_specific)
      sorted.emplace_back(kind, -group.error.literals, i);
    else
      sorted.emplace_back(kind == 4 ? 1 : 0, -group.count, i);
  }
  std::sort(sorted.begin(), sorted.end());
  report::Report out;
  out.command = "explain";
  std::int64_t open = 0, closed = 0, failed = 0, denied = 0;
  std::optional<std::int64_t> first, last;
  std::set<std::string> webhooks;
  for (const auto& [kind, weight, index] : sorted) {
    const Group* group = &groups_[index];
    const auto longest = longest_timeout_.find(call_of(group->error));
    out.findings.push_back(
        to_finding(*group, longest == longest_timeout_.end() ? std::nullopt : std::optional(longest->second)));
    open += group->open, closed += group->closed;
    if (group->error.outcome == Outcome::denied)
      denied += group->count;
    else if (group->error.outcome != Outcome::other_subsystem)
      failed += group->count;
    if (!group->error.webhook.empty()) webhooks.insert(group->error.webhook);
    if (!group->first) continue;
    first = std::min(first.value_or(*group->first), *group->first);
    last = std::max(last.value_or(*group->last), *group->last);
  }
  out.summary = {{"errors", total_},       {"failed", failed},
                 {"denied", denied},       {"failedOpen", open},
                 {"failedClosed", closed}, {"webhooks", std::vector<std::string>(webhooks.begin(), webhooks.end())}};
  if (first) {
    out.summary.push_back({"firstSeen", iso(*first)});
    out.summary.push_back({"lastSeen", iso(*last)});
  }
  return out;
}

}  // namespace gatepost::explain
