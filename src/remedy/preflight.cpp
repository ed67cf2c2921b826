#include "remedy/preflight.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "remedy/change.h"

namespace gatepost::remedy {
namespace {

std::string_view verb_of(Action action) {
  switch (action) {
    case Action::create:
      return "create";
    case Action::remove:
      return "delete";
    default:
      return "update";
  }
}

// Rights that a plan needs, each asked for once.
struct Right {
  std::string verb;
  ObjectRef object;
  std::string subresource;
  auto key() const { return verb + " " + path_of(object) + " " + subresource; }
};

std::vector<Right> rights_of(const Plan& plan) {
  std::vector<Right> out;
  std::set<std::string> seen;
  const auto add = [&](Right right) {
    if (seen.insert(right.key()).second) out.push_back(std::move(right));
  };
  for (const Repair& repair : plan.repairs) {
    if (repair.optional) continue;
    for (const Step& step : repair.steps) {
      if (step.action == Action::take_back) continue;
      if (step.wait_for == WaitFor::endpoints) continue;  // reads what diagnose has read
      add({"get", step.object, ""});
      if (!step.writes()) continue;
      add({std::string(verb_of(step.action)), step.object, step.subresource});
      if (step.action == Action::remove && step.stays == Stays::temporary) add({"create", step.object, ""});
      if (step.action == Action::create) add({"delete", step.object, ""});  // the way back
    }
  }
  return out;
}

net::Task<void> check_rights(Api* api, const Plan* plan, Preflight* out) {
  bool unanswered = false;
  for (const Right& right : rights_of(*plan)) {
    const auto allowed = co_await api->allowed(right.verb, right.object, right.subresource);
    if (!allowed) unanswered = true;
    if (allowed && !*allowed)
      out->forbidden.push_back(fmt::format("{} {}{}/{}{}", right.verb, resource_of(right.object.kind),
                                           right.subresource.empty() ? "" : "/" + right.subresource, right.object.name,
                                           right.object.ns.empty() ? "" : " in " + right.object.ns));
  }
  if (unanswered) out->notes.push_back("the server did not say which rights you have; the dry runs decide");
}

// One step, on the object as it is (`states` holds those that were looked at, with what earlier steps made of them).
class Rehearsal {
 public:
  Rehearsal(Api* api, const Plan* plan, Match match, Preflight* out)
      : api_(api), plan_(plan), match_(match), out_(out) {}

  net::Task<void> step(Step* step) {
    const std::string path = path_of(step->object);
    if (!states_.contains(path)) {
      auto now = co_await api_->get(step->object);
      if (!now) co_return fails(*step, now.error());
      if (!as_planned(*step, *now)) {
        out_->changed.push_back(step->object.text());
        co_return;
      }
      states_[path] = {std::move(*now), false};
    }
    State& state = states_[path];
    switch (step->action) {
      case Action::create:
        co_return co_await create(step, &state);
      case Action::remove:
        co_return co_await remove(step, &state);
      default:
        co_return co_await update(step, &state);
    }
  }

 private:
  struct State {
    std::optional<json::Value> object;
    bool planned = false;  // an earlier step made it what it is: the server cannot try the next one on it
  };

  bool as_planned(const Step& step, const std::optional<json::Value>& now) const {
    if (step.action == Action::create) return !now.has_value();
    if (!now || uid_of(*now) != uid_of(*step.before)) return false;
    const json::Value* original = plan_->original(step.object);
    if (original && (match_ == Match::exact || (step.action == Action::remove && step.stays == Stays::lasting)))
      return changes_between(*original, *now).empty();
    return step.action == Action::remove || still_holds(changes_between(*step.before, *step.after), *now);
  }

  void fails(const Step& step, const ApiError& error) {
    if (error.kind == ApiError::Kind::unreachable) {
      out_->unreachable = error.text;
    } else if (error.kind == ApiError::Kind::forbidden) {
      out_->forbidden.push_back(error.text);
    } else if (error.kind == ApiError::Kind::webhook && written_) {
      // An earlier step may be what makes this write pass.
      out_->notes.push_back(fmt::format("{}: its dry run waits for the steps before it: {}", step.id, error.text));
    } else {
      out_->refused.push_back(fmt::format("{}: {}", step.id, error.text));
    }
  }

  net::Task<void> create(Step* step, State* state) {
    auto made = co_await api_->create(step->object, *step->after, DryRun::yes);
    if (!made) co_return fails(*step, made.error());
    state->object = std::move(*made);
    state->planned = written_ = true;
  }

  net::Task<void> remove(Step* step, State* state) {
    if (!state->planned && state->object) {
      auto gone = co_await api_->remove(step->object, *state->object, DryRun::yes);
      if (!gone) co_return fails(*step, gone.error());
    }
    if (step->stays == Stays::lasting) state->object.reset();
    state->planned = written_ = true;
  }

  net::Task<void> update(Step* step, State* state) {
    if (!state->object) co_return;
    json::Value wanted(*state->object, json::Storage());
    make_changes(changes_between(*step->before, *step->after), wanted);
    if (step->subresource == "status") {
      if (const json::Value* status = json::find(*step->after, "status")) wanted.get_object()["status"] = *status;
    }
    // The server tries each on the object as it is now, which has the resourceVersion that it was read with.
    auto stored = co_await api_->update(step->object, step->subresource, wanted, DryRun::yes);
    if (!stored) co_return fails(*step, stored.error());
    step->before = *state->object;
    step->after = *stored;
    json::Value next(*stored, json::Storage());
    child(next, "metadata")["resourceVersion"] = version_of(*state->object);
    state->object = std::move(next);
    state->planned = written_ = true;
  }

  Api* api_;
  const Plan* plan_;
  Match match_;
  Preflight* out_;
  std::map<std::string, State> states_;
  bool written_ = false;
};

}  // namespace

net::Task<Preflight> preflight(Api* api, Plan* plan, Match match) {
  Preflight out;
  co_await check_rights(api, plan, &out);
  Rehearsal rehearsal(api, plan, match, &out);
  for (Repair& repair : plan->repairs) {
    if (repair.optional) continue;
    for (Step& step : repair.steps) {
      if (step.writes() && out.unreachable.empty()) co_await rehearsal.step(&step);
    }
  }
  co_return out;
}

}  // namespace gatepost::remedy
