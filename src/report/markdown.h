// Findings as Markdown, for issues and chats: a heading a finding, its evidence as a list, commands as code. What comes
// from outside is kept from becoming markup.
#pragma once

#include <string>

#include "report/finding.h"

namespace gatepost::report {

std::string render_markdown(const Report& report, std::string_view title);

}  // namespace gatepost::report
