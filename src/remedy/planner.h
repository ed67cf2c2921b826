// From what was diagnosed to a plan: which remedies fit which root cause, in which order they are tried, and which
// others may be chosen by name.
#pragma once

#include <string>
#include <vector>

#include "remedy/plan.h"
#include "remedy/survey.h"

namespace gatepost::remedy {

// The plan's id and date come from the scene's time.
Plan make_plan(Survey& survey, const std::string& server);

// A plan without repairs, with its id and date.
Plan empty_plan(WallTime now, const std::string& server);
// Once all repairs are in it: ids are made unique, owners told, the objects kept as they were.
void finish_plan(Plan& plan);

// Keeps the steps that are named (by step id, by remedy, or by "<remedy>/..."), also of optional repairs. The error
// names what is not there and what is.
Result<void> pick_steps(Plan& plan, const std::vector<std::string>& ids);

// All remedies' ids, in the order of the documentation.
std::vector<std::string_view> remedy_ids();

}  // namespace gatepost::remedy
