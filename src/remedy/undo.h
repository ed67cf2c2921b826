// Taking back one step, three-way: what it was before, what was made of it, what it is now. Fields that somebody else
// changed since stay as they are and are told, unless that is overridden.
#pragma once

#include <string>
#include <vector>

#include "remedy/api.h"
#include "remedy/backup.h"

namespace gatepost::remedy {

enum class Override { no, yes };  // yes: also fields that others changed since

struct Undone {
  enum class State {
    undone,   // it is as before
    already,  // it was as before; nothing was written
    partly,   // fields that others changed since stay
    failed,   // `text` says why
  } state = State::undone;
  std::string text;
  std::vector<std::string> others;  // what others changed since, a line each
  bool unreachable = false;
};

// `made` is what the journal knows of the step: the object before (of its start) and after (of its end).
struct Made {
  std::optional<json::Value> before, after;
};
Made made_of(const Step& step, const std::vector<Entry>& journal);

net::Task<Undone> undo_step(Api* api, Step step, Made made, Override override_others);

}  // namespace gatepost::remedy
