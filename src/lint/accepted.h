// Findings that are accepted: exempted in .gatepost.yaml, ignored on the object itself, or known from a baseline.
#pragma once

#include <string_view>
#include <vector>

#include "lint/lint.h"
#include "lint/rule.h"

namespace gatepost::lint {

// Takes out what an exemption (that has not expired) or the annotation gatepost.dev/ignore covers, and tells how many
// that were. The annotation holds ids with a comma between; gatepost.dev/ignore-reason beside it, or the text behind
// ":" in it, is the reason, without which it does not count.
std::size_t take_out_exempted(const Model& model, std::vector<Found>& found);

// Acceptances that do not count: exemptions that have expired, annotations without a reason. One line each.
std::vector<std::string> void_acceptances(const Model& model);

// Takes out what an earlier report (-o json) holds: same rule, file, object, webhook and path, whatever the line.
Result<std::size_t> take_out_known(std::string_view report, std::vector<LintFinding>& findings);

}  // namespace gatepost::lint
