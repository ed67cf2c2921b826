// A plan of change as a value: repairs, each for one cause at one webhook, each made of steps with the object's exact
// states before and after. It is what `fix` shows, what --plan-out writes, what a backup holds and what restore undoes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "remedy/object.h"

namespace gatepost::remedy {

enum class Action {
  update,     // before -> after
  create,     // nothing -> after
  remove,     // before -> nothing
  wait,       // until `wait_for` holds
  take_back,  // undoes the temporary steps that were made
};
enum class When {
  always,
  backend_not_ready,
  still_blocked,  // not ready, and the repair's probe is refused still: a wider measure may help
};
enum class Stays { lasting, temporary };  // temporary: undone by the repair's own take_back
enum class WaitFor { nothing, endpoints, rollout, new_secret, bundle };

std::string_view to_string(Action action);
std::string_view to_string(WaitFor what);
std::string_view to_string(When when);

struct Step {
  std::string id;  // unique in its plan: "resync-ca-bundle", "break-deadlock/fail-open"
  Action action = Action::update;
  When when = When::always;
  Stays stays = Stays::lasting;
  WaitFor wait_for = WaitFor::nothing;
  ObjectRef object;
  std::string subresource;  // "status": what of the object is written
  std::string summary;
  std::optional<json::Value> before, after;

  bool writes() const { return action == Action::update || action == Action::create || action == Action::remove; }
};

// How it is known that a repair worked: a request that the webhook is called for, made as a dry run.
struct Probe {
  std::string path, body;  // empty: no such request is possible or allowed; diagnose's other ways decide
};

// What a repair must reach.
enum class Goal {
  answers,  // the webhook answers
  passes,   // requests pass, whether the webhook answers or not (it was told to fail open, leave out, or is gone)
  stored,   // the objects are as planned; nothing that could be called would tell
};

struct Repair {
  std::string remedy;  // "resync-ca-bundle"
  std::string webhook, configuration, cause, root_cause;
  std::string summary;
  std::string risk;       // what goes unguarded, for how long
  std::string verify;     // what will tell that it worked
  std::string question;   // that decides whether it is wanted; of optional repairs
  bool optional = false;  // made only where --step names it
  Goal goal = Goal::answers;
  Probe probe;
  std::vector<Step> steps;
  std::vector<std::string> lasting;  // where to make the change so that its owner does not undo it
};

// What nobody can repair from here.
struct Instruction {
  std::string webhook, cause, root_cause, platform, why;
  std::vector<std::string> lines;
};

struct Plan {
  std::string id;       // "20261125T100000Z-x7k2p"
  std::string created;  // RFC 3339
  std::string server;
  std::vector<Repair> repairs;
  std::vector<Instruction> instructions;
  std::vector<json::Value> originals;  // the exact objects before the plan, each once

  const json::Value* original(const ObjectRef& ref) const;  // null: the plan was made without it
  std::size_t steps() const;                                // of repairs that are not optional
};

// The exact plan, with secrets: only for private files.
json::Value to_json(const Plan& plan);
// The error says what is missing, with its path.
Result<Plan> plan_from_json(const json::Value& document);

// A private document with a checksum: {"schema", ..., "checksum": "sha256:..."}.
std::string sealed(json::Object document, std::string_view schema);
// Checks schema and checksum. The error says which of them is wrong.
Result<json::Value> unsealed(std::string_view text, std::string_view schema);

inline constexpr std::string_view plan_schema = "gatepost.dev/plan/v1";
inline constexpr std::string_view backup_schema = "gatepost.dev/backup/v1";

}  // namespace gatepost::remedy
