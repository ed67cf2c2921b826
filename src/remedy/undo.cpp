#include "remedy/undo.h"

#include <fmt/format.h>

#include "remedy/change.h"
#include "remedy/diff.h"

namespace gatepost::remedy {
namespace {

constexpr int most_attempts = 5;

std::string told(const Change& change, std::string_view kind) {
  return fmt::format("{} is {} now", path_text(change.path),
                     change.before ? shown(change.path, *change.before, kind) : "gone");
}

Undone failed(const ApiError& error) {
  return {Undone::State::failed, error.text, {}, error.kind == ApiError::Kind::unreachable};
}

net::Task<Undone> undo_update(Api* api, Step step, Made made, Override override_others) {
  if (step.subresource == "status")
    co_return Undone{Undone::State::already, "a request to a controller, nothing to undo", {}};
  for (int attempt = 0;; ++attempt) {
    auto now = co_await api->get(step.object);
    if (!now) co_return failed(now.error());
    if (!*now)
      co_return Undone{Undone::State::partly, step.object.text() + " was deleted by somebody since; it stays so", {}};
    Undo undo = undo_of(*made.before, *made.after, **now);
    Undone out;
    for (const Change& change : undo.others)
      out.others.push_back(fmt::format("{} was changed by somebody since and stays", path_text(change.path)));
    if (override_others == Override::yes)
      for (Change& change : undo.conflicts) undo.back.push_back(std::move(change));
    else
      for (const Change& change : undo.conflicts) {
        out.others.push_back(told(change, step.object.kind) + ", set by somebody since; it stays");
        out.state = Undone::State::partly;
      }
    if (undo.back.empty()) {
      if (out.state != Undone::State::partly) out.state = Undone::State::already;
      co_return out;
    }
    json::Value wanted(**now, json::Storage());
    make_changes(undo.back, wanted);
    auto stored = co_await api->update(step.object, step.subresource, std::move(wanted), DryRun::no);
    if (stored) co_return out;
    if (stored.error().kind != ApiError::Kind::conflict || attempt + 1 >= most_attempts)
      co_return failed(stored.error());
  }
}

net::Task<Undone> undo_create(Api* api, Step step, Made made, Override override_others) {
  for (int attempt = 0;; ++attempt) {
    auto now = co_await api->get(step.object);
    if (!now) co_return failed(now.error());
    if (!*now) co_return Undone{Undone::State::already, "", {}};
    const bool ours = uid_of(*made.after).empty() || uid_of(*made.after) == uid_of(**now) ||
                      changes_between(recreatable(*made.after), recreatable(**now)).empty();
    const bool touched = !changes_between(recreatable(*made.after), recreatable(**now)).empty();
    if ((!ours || touched) && override_others == Override::no)
      co_return Undone{Undone::State::partly, step.object.text() + " was changed by somebody since; it stays", {}};
    auto gone = co_await api->remove(step.object, **now, DryRun::no);
    if (gone || gone.error().kind == ApiError::Kind::not_found) co_return Undone{};
    if (gone.error().kind != ApiError::Kind::conflict || attempt + 1 >= most_attempts) co_return failed(gone.error());
  }
}

net::Task<Undone> undo_remove(Api* api, Step step, Made made) {
  auto now = co_await api->get(step.object);
  if (!now) co_return failed(now.error());
  if (*now) {
    const bool same = changes_between(recreatable(*made.before), recreatable(**now)).empty();
    if (same) co_return Undone{Undone::State::already, "", {}};
    co_return Undone{Undone::State::partly, step.object.text() + " was made again by somebody since; it stays", {}};
  }
  auto made_again = co_await api->create(step.object, recreatable(*made.before), DryRun::no);
  if (!made_again) co_return failed(made_again.error());
  co_return Undone{};
}

}  // namespace

Made made_of(const Step& step, const std::vector<Entry>& journal) {
  Made out{step.before, step.after};
  for (const Entry& entry : journal) {
    if (entry.step != step.id || !entry.object) continue;
    if (entry.mark == Mark::started) out.before = entry.object;
    if (entry.mark == Mark::done) out.after = entry.object;
  }
  return out;
}

net::Task<Undone> undo_step(Api* api, Step step, Made made, Override override_others) {
  switch (step.action) {
    case Action::update:
      co_return co_await undo_update(api, step, made, override_others);
    case Action::create:
      co_return co_await undo_create(api, step, made, override_others);
    case Action::remove:
      co_return co_await undo_remove(api, step, made);
    default:
      co_return Undone{Undone::State::already, "", {}};
  }
}

}  // namespace gatepost::remedy
