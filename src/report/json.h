// Findings as JSON: the versioned document of `-o json` and one finding a line for `-o jsonl`. Keys and their order are
// a contract (finding.h); empty fields are left out.
#pragma once

#include <string>

#include "report/finding.h"

namespace gatepost::report {

inline constexpr std::string_view schema = "gatepost.dev/v1";

// The whole document, indented by two spaces, with a newline at its end.
std::string render_json(const Report& report);

// One finding as one compact line, without the newline. It carries "schema" and "command" so that it stands alone.
std::string render_json_line(const Finding& finding, std::string_view command);

}  // namespace gatepost::report
