#include "remedy/apply.h"

#include <algorithm>
#include <fmt/format.h>

#include "net/loop.h"
#include "remedy/backup.h"
#include "remedy/change.h"
#include "remedy/lease.h"
#include "remedy/restore.h"
#include "remedy/tell.h"
#include "remedy/undo.h"
#include "remedy/wait.h"

namespace gatepost::remedy {
namespace {

constexpr int most_attempts = 5;
constexpr auto verify_pause = std::chrono::milliseconds(500);

struct StepFailure {
  std::string text;
  bool unreachable = false;
};

// One run of one plan.
class Run {
 public:
  Run(Api* api, const ApplyOptions* options, Journal journal, Lease* lease)
      : api_(api), options_(options), journal_(std::move(journal)), lease_(lease) {}

  net::Task<RepairResult> repair(Repair* repair) {
    RepairResult out;
    out.remedy = repair->remedy;
    out.webhook = repair->webhook;
    current_ = &out;
    Health before;
    if (repair->goal != Goal::stored && options_->checks == Checks::full)
      before = co_await check_health(api_, *repair, options_->now);
    ready_ = true;
    for (Step& step : repair->steps) {
      auto made = co_await carry_out(&step, repair);
      if (made) continue;
      out.steps.push_back({step.id, "failed", made.error().text});
      options_->tell(step.id + ": " + made.error().text);
      out.why = step.id + ": " + made.error().text;
      if (made.error().unreachable) {
        out.outcome = RepairResult::Outcome::stuck;
        co_return out;
      }
      co_await roll_back(repair);
      co_return out;
    }
    if (options_->checks == Checks::emergency) {
      out.outcome = open_ ? RepairResult::Outcome::open : RepairResult::Outcome::unproven;
      out.why = open_ ? "the policy stays open until it is put back" : "";
      co_return out;
    }
    co_await verify(repair, before);
    co_return out;
  }

  Journal& journal() { return journal_; }

 private:
  using Made = tl::expected<void, StepFailure>;

  net::Task<Made> carry_out(Step* step, Repair* repair) {
    if (step->action == Action::take_back) co_return co_await take_back(repair, step);
    if (step->when != When::always && ready_) {
      note(step->id, "skipped", "the backend is ready");
      co_return Made{};
    }
    if (step->when == When::still_blocked) {
      // A wait belongs to the measure before it.
      if (step->action != Action::wait) blocked_ = co_await is_blocked(*repair);
      if (!blocked_) {
        note(step->id, "skipped", "requests pass already; the webhook is not what keeps the backend away");
        co_return Made{};
      }
    }
    if (step->action == Action::wait) {
      if (options_->wait.count() == 0 && options_->checks == Checks::emergency) {
        note(step->id, "skipped", "");
        co_return Made{};
      }
      options_->tell(step->id + ": " + step->summary + " ...");
      ready_ = co_await wait_until(api_, *step, options_->wait, [this] { return lease_->renew(); });
      note(step->id, ready_ ? "waited" : "not-ready", ready_ ? "" : "it did not come within the wait");
      co_return Made{};
    }
    co_return co_await write(step, *repair);
  }

  net::Task<bool> is_blocked(Repair repair) {
    const Health health = co_await check_health(api_, std::move(repair), options_->now);
    co_return health.state != Health::State::passing&& health.state != Health::State::answering;
  }

  net::Task<Made> write(Step* step, const Repair& repair) {
    const std::vector<Change> changes =
        step->action == Action::update ? changes_between(*step->before, *step->after) : std::vector<Change>();
    for (int attempt = 0;; ++attempt) {
      auto now = co_await api_->get(step->object);
      if (!now) co_return fails(now.error());
      if (step->action == Action::create && *now) co_return fails("it is there already");
      if (step->action != Action::create && !*now) co_return fails(step->object.text() + " is gone");
      if (step->action == Action::update && !still_holds(changes, **now))
        co_return fails(step->object.text() + " was changed by somebody meanwhile; the plan no longer holds");
      const std::optional<json::Value> fresh = *now;
      if (auto kept = journal_.write({Mark::started, step->id, "", "", fresh}); !kept)
        co_return fails("the journal cannot be written: " + kept.error().text);
      auto stored = co_await send(*step, changes, fresh);
      if (!stored && stored.error().kind == ApiError::Kind::conflict && attempt + 1 < most_attempts) continue;
      if (!stored) co_return fails(stored.error());
      if (auto kept = journal_.write({Mark::done, step->id, "", "", *stored}); !kept)
        co_return fails("the journal cannot be written: " + kept.error().text);
      made_.push_back(step);
      note(step->id, "done", step->summary);
      co_await tell_object(api_, step->object, fresh ? *fresh : **stored, repair, step->summary);
      co_return Made{};
    }
  }

  // What the server has then; nothing after a removal.
  net::Task<ApiResult<std::optional<json::Value>>> send(Step step, std::vector<Change> changes,
                                                        std::optional<json::Value> fresh) {
    if (step.action == Action::create) {
      auto made = co_await api_->create(step.object, recreatable(*step.after), DryRun::no);
      if (!made) co_return fail_with(std::move(made.error()));
      co_return std::optional(std::move(*made));
    }
    if (step.action == Action::remove) {
      auto gone = co_await api_->remove(step.object, *fresh, DryRun::no);
      if (!gone) co_return fail_with(std::move(gone.error()));
      co_return std::optional<json::Value>();
    }
    json::Value wanted(*fresh, json::Storage());
    make_changes(changes, wanted);
    if (step.subresource == "status")
      if (const json::Value* status = json::find(*step.after, "status")) wanted.get_object()["status"] = *status;
    auto stored = co_await api_->update(step.object, step.subresource, std::move(wanted), DryRun::no);
    if (!stored) co_return fail_with(std::move(stored.error()));
    co_return std::optional(std::move(*stored));
  }

  // The temporary steps of this repair, the last one first. In an emergency they stay until the backend is ready.
  net::Task<Made> take_back(Repair* repair, Step* step) {
    const bool any =
        std::any_of(made_.begin(), made_.end(), [](const Step* s) { return s->stays == Stays::temporary; });
    if (!any) {
      note(step->id, "skipped", "nothing temporary was done");
      co_return Made{};
    }
    if (options_->checks == Checks::emergency && (!ready_ || options_->wait.count() == 0)) {
      open_ = true;
      note(step->id, "skipped", ready_ ? "it stays open until gatepost restore" : "the backend is not ready yet");
      co_return Made{};
    }
    auto back = co_await undo_made(repair, Stays::temporary);
    if (!back) co_return back;
    note(step->id, "done", step->summary);
    co_return Made{};
  }

  // Undoes what this repair made, or only its temporary part.
  net::Task<Made> undo_made(Repair* repair, Stays which) {
    for (std::size_t i = repair->steps.size(); i-- > 0;) {
      Step* step = &repair->steps[i];
      auto found = std::find(made_.begin(), made_.end(), step);
      if (found == made_.end() || (which == Stays::temporary && step->stays != Stays::temporary)) continue;
      const Undone undone = co_await undo_step(api_, *step, made_in_journal(*step), Override::no);
      if (undone.state == Undone::State::failed)
        co_return tl::unexpected(
            StepFailure{step->id + " could not be taken back: " + undone.text, undone.unreachable});
      (void)journal_.write({Mark::undone, step->id, "", undone.text, std::nullopt});
      made_.erase(found);
      note(step->id, "undone", undone.text);
    }
    co_return Made{};
  }

  net::Task<void> roll_back(Repair* repair) {
    auto back = co_await undo_made(repair, Stays::lasting);
    current_->outcome = back ? RepairResult::Outcome::rolled_back : RepairResult::Outcome::stuck;
    if (!back) current_->why += "; " + back.error().text;
  }

  net::Task<void> verify(Repair* repair, Health before) {
    if (repair->goal == Goal::stored) {
      current_->outcome = RepairResult::Outcome::verified;
      current_->why = "stored as planned";
      co_return;
    }
    const auto deadline = std::chrono::steady_clock::now() + options_->verify_for;
    Health after;
    for (;;) {
      after = co_await check_health(api_, *repair, options_->now);
      if (reached(*repair, after) || std::chrono::steady_clock::now() + verify_pause > deadline) break;
      co_await net::sleep_for(verify_pause);
    }
    if (reached(*repair, after)) {
      current_->outcome = RepairResult::Outcome::verified;
      current_->why = after.detail;
    } else if (after.state == Health::State::unknown || after.state == Health::State::passing) {
      current_->outcome = RepairResult::Outcome::unproven;
      current_->why = after.detail;
    } else if (better(before, after)) {
      current_->outcome = RepairResult::Outcome::progress;
      current_->why = fmt::format("a call comes further than before ({}), to: {}", before.cause, after.detail);
    } else {
      current_->why = fmt::format("it is no better than before: {}", after.detail);
      options_->tell(current_->why + "; it is rolled back");
      co_await roll_back(repair);
    }
  }

  remedy::Made made_in_journal(const Step& step) const { return made_of(step, entries_of(step)); }

  std::vector<Entry> entries_of(const Step& step) const {
    std::vector<Entry> out;
    for (const Entry& entry : journal_.written())
      if (entry.step == step.id) out.push_back(entry);
    return out;
  }

  Made fails(const ApiError& error) {
    return tl::unexpected(StepFailure{error.text, error.kind == ApiError::Kind::unreachable});
  }
  Made fails(std::string text) { return tl::unexpected(StepFailure{std::move(text), false}); }

  void note(const std::string& id, std::string state, std::string text) {
    options_->tell(fmt::format("{}: {}{}", id, state, text.empty() ? "" : ": " + text));
    current_->steps.push_back({id, std::move(state), std::move(text)});
  }

  Api* api_;
  const ApplyOptions* options_;
  Journal journal_;
  Lease* lease_;
  RepairResult* current_ = nullptr;
  std::vector<Step*> made_;
  bool ready_ = true;  // what the last wait said
  bool open_ = false;
  bool blocked_ = true;  // what the last probe before a wider measure said
};

// Earlier repairs of this cluster that were cut off.
std::vector<std::string> unfinished_before(const std::string& directory, const Plan& plan) {
  std::vector<std::string> out, unreadable;
  for (const Backup& backup : list_backups(directory, unreadable))
    if (backup.plan.server == plan.server && is_unfinished(backup))
      out.push_back("an earlier repair is unfinished: gatepost restore " + backup.path);
  return out;
}

ApplyResult stopped(ApplyResult out, ApplyResult::Stop stop, std::vector<std::string> reasons) {
  out.stop = stop;
  out.reasons = std::move(reasons);
  return out;
}

}  // namespace

std::string_view to_string(RepairResult::Outcome outcome) {
  constexpr std::string_view names[] = {"verified", "progress", "unproven", "rolled-back", "stuck", "open"};
  return names[static_cast<std::size_t>(outcome)];
}

net::Task<ApplyResult> apply_plan(Api* api, Plan plan, ApplyOptions options) {
  ApplyResult out;
  std::erase_if(plan.repairs, [](const Repair& repair) { return repair.optional; });
  if (options.checks == Checks::full) {
    Preflight checked = co_await preflight(api, &plan, options.match);
    out.notes = checked.notes;
    if (!checked.unreachable.empty())
      co_return stopped(std::move(out), ApplyResult::Stop::unreachable, {checked.unreachable});
    if (!checked.changed.empty())
      co_return stopped(std::move(out), ApplyResult::Stop::changed, std::move(checked.changed));
    if (!checked.forbidden.empty())
      co_return stopped(std::move(out), ApplyResult::Stop::forbidden, std::move(checked.forbidden));
    if (!checked.refused.empty())
      co_return stopped(std::move(out), ApplyResult::Stop::refused, std::move(checked.refused));
  }
  for (std::string& line : unfinished_before(options.backup_directory, plan)) out.notes.push_back(std::move(line));
  auto backup = write_backup(options.backup_directory, plan);
  if (!backup) co_return stopped(std::move(out), ApplyResult::Stop::no_backup, {backup.error().text});
  out.backup = *backup;
  auto journal = Journal::open(journal_path(*backup));
  if (!journal) co_return stopped(std::move(out), ApplyResult::Stop::no_backup, {journal.error().text});
  options.tell("backup: " + *backup);
  Lease lease(*api, plan.id);
  const LeaseAnswer held = co_await lease.take();
  if (held.held == Held::by_other && options.checks == Checks::full) {
    (void)journal->write({Mark::finished, "", "", "not begun: " + held.text, std::nullopt});
    co_return stopped(std::move(out), ApplyResult::Stop::busy, {held.text});
  }
  if (held.held != Held::yes) out.notes.push_back("no lease guards this repair: " + held.text);
  Run run(api, &options, std::move(*journal), &lease);
  bool stuck = false, open = false;
  for (Repair& repair : plan.repairs) {
    options.tell(fmt::format("{} for {}", repair.remedy, repair.webhook));
    RepairResult result = co_await run.repair(&repair);
    stuck = result.outcome == RepairResult::Outcome::stuck;
    open = open || result.outcome == RepairResult::Outcome::open;
    out.repairs.push_back(std::move(result));
    if (stuck) break;
  }
  if (!stuck && !open) (void)run.journal().write({Mark::finished, "", "", "applied", std::nullopt});
  co_await lease.release();
  co_return out;
}

}  // namespace gatepost::remedy
