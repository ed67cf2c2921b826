// Carries a plan out: checks, backup, lease, then each repair: its steps, its verification, and the way back where it
// is no better than before. Every write is journaled before and after, so that restore can finish after a crash at any
// point.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/time.h"
#include "remedy/api.h"
#include "remedy/plan.h"
#include "remedy/preflight.h"
#include "remedy/verify.h"

namespace gatepost::remedy {

// emergency: no questions to a server that may not answer them; the backup is written all the same.
enum class Checks { full, emergency };

struct ApplyOptions {
  std::string backup_directory;
  std::chrono::milliseconds wait{std::chrono::seconds(120)};       // of a wait step
  std::chrono::milliseconds verify_for{std::chrono::seconds(15)};  // until a repair must show
  Match match = Match::fields;
  Checks checks = Checks::full;
  WallTime now;
  std::function<void(const std::string&)> tell = [](const std::string&) {};  // a line of progress
};

struct StepResult {
  std::string id;
  std::string state;  // done, already, skipped, waited, not-ready, failed, undone
  std::string note;
};

struct RepairResult {
  enum class Outcome {
    verified,     // what was to be reached is reached
    progress,     // a call comes further than before, but is not answered yet
    unproven,     // nothing can tell from here
    rolled_back,  // it was no better, or a step failed; it is as before
    stuck,        // neither done nor undone: restore has to finish
    open,         // opened in an emergency, and not put back yet
  } outcome = Outcome::unproven;
  std::string remedy, webhook, why;
  std::vector<StepResult> steps;
};
std::string_view to_string(RepairResult::Outcome outcome);

struct ApplyResult {
  enum class Stop {
    none,         // it was carried out (see the repairs)
    changed,      // objects are no longer as planned
    forbidden,    // rights are missing
    refused,      // the server would not take a write
    unreachable,  // the server is away
    no_backup,    // the backup cannot be written
    busy,         // another repair is under way
  } stop = Stop::none;
  std::vector<std::string> reasons;
  std::vector<std::string> notes;
  std::string backup;
  std::vector<RepairResult> repairs;
};

net::Task<ApplyResult> apply_plan(Api* api, Plan plan, ApplyOptions options);

}  // namespace gatepost::remedy
