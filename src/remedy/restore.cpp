#include "remedy/restore.h"

#include <algorithm>

#include "remedy/lease.h"

namespace gatepost::remedy {
namespace {

constexpr std::string_view states[] = {"undone", "already", "partly", "failed"};

const Step* step_of(const Plan& plan, std::string_view id) {
  for (const Repair& repair : plan.repairs)
    for (const Step& step : repair.steps)
      if (step.id == id) return &step;
  return nullptr;
}

}  // namespace

bool RestoreResult::complete() const {
  return busy.empty() && std::all_of(steps.begin(), steps.end(), [](const Undoing& one) {
           return one.state == "undone" || one.state == "already";
         });
}

std::vector<std::string> pending_steps(const Backup& backup) {
  std::vector<std::string> out;
  for (const Entry& entry : backup.journal) {
    if (entry.mark == Mark::started && std::find(out.begin(), out.end(), entry.step) == out.end())
      out.push_back(entry.step);
    if (entry.mark == Mark::undone) std::erase(out, entry.step);
  }
  return out;
}

Extent extent_of(const Backup& backup) {
  const auto pending = pending_steps(backup);
  if (pending.empty()) return Extent::nothing;
  const bool temporary = std::any_of(pending.begin(), pending.end(), [&](const std::string& id) {
    const Step* step = step_of(backup.plan, id);
    return step && step->stays == Stays::temporary;
  });
  return temporary ? Extent::temporary : Extent::everything;
}

bool is_unfinished(const Backup& backup) {
  const Extent extent = extent_of(backup);
  return extent == Extent::temporary || (extent != Extent::nothing && !backup.finished());
}

net::Task<RestoreResult> restore(Api* api, Backup backup, RestoreOptions options) {
  RestoreResult out;
  out.extent = options.everything && extent_of(backup) != Extent::nothing ? Extent::everything : extent_of(backup);
  if (out.extent == Extent::nothing) co_return out;
  auto pending = pending_steps(backup);
  std::reverse(pending.begin(), pending.end());
  Lease lease(*api, backup.plan.id);
  auto journal = Journal::open(journal_path(backup.path));
  if (!options.dry_run) {
    if (!journal) {
      out.busy = "the journal cannot be written: " + journal.error().text;
      co_return out;
    }
    const LeaseAnswer held = co_await lease.take();
    if (held.held == Held::by_other) {
      out.busy = held.text;
      co_return out;
    }
    if (held.held == Held::no) out.notes.push_back("no lease guards this: " + held.text);
  }
  for (const std::string& id : pending) {
    const Step* step = step_of(backup.plan, id);
    if (!step || (out.extent == Extent::temporary && step->stays != Stays::temporary)) continue;
    if (options.dry_run) {
      out.steps.push_back({id, step->object.text(), "undone", "would be undone: " + step->summary, {}});
      continue;
    }
    const Undone undone = co_await undo_step(api, *step, made_of(*step, backup.journal), options.override_others);
    out.steps.push_back({id, step->object.text(), std::string(states[static_cast<std::size_t>(undone.state)]),
                         undone.text, undone.others});
    if (undone.state == Undone::State::failed) {
      out.unreachable = undone.unreachable;
      break;
    }
    (void)journal->write({Mark::undone, id, "", undone.text, std::nullopt});
  }
  if (options.dry_run) co_return out;
  if (out.complete()) (void)journal->write({Mark::finished, "", "", "restored", std::nullopt});
  co_await lease.release();
  co_return out;
}

}  // namespace gatepost::remedy
