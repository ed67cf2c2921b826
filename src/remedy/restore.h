// Undoing a repair from its backup, or finishing one that was cut off: what was temporary is taken back first, and only
// a second restore undoes what was meant to last.
#pragma once

#include <string>
#include <vector>

#include "remedy/api.h"
#include "remedy/backup.h"
#include "remedy/undo.h"

namespace gatepost::remedy {

enum class Extent {
  nothing,    // nothing was made, or all of it was undone
  temporary,  // a temporary measure is still in place: it is taken back, lasting steps stay
  everything,
};

struct Undoing {
  std::string step, object, state, text;  // state: undone, already, partly, failed
  std::vector<std::string> others;        // what others changed since
};

struct RestoreResult {
  Extent extent = Extent::nothing;
  std::vector<Undoing> steps;
  std::vector<std::string> notes;
  std::string busy;  // another repair is under way, and so nothing was done
  bool unreachable = false;
  bool complete() const;  // everything that was to be undone is
};

struct RestoreOptions {
  Override override_others = Override::no;
  bool everything = false;  // lasting steps as well, although temporary ones are pending
  bool dry_run = false;     // only tells what would be undone
};

// The ids of steps that were begun and not undone, in the order in which they were made.
std::vector<std::string> pending_steps(const Backup& backup);
// What a restore of this backup would do.
Extent extent_of(const Backup& backup);

// A repair that was cut off, or whose temporary measures are still in place.
bool is_unfinished(const Backup& backup);

net::Task<RestoreResult> restore(Api* api, Backup backup, RestoreOptions options);

}  // namespace gatepost::remedy
