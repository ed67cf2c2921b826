// The rehearsal as JUnit XML: a test suite a scenario, a test case a webhook; a wedge is a failure.
#pragma once

#include <string>

#include "rehearse/rehearse.h"

namespace gatepost::rehearse {

std::string render_junit(const Rehearsal& rehearsal);
Result<void> write_junit(const Rehearsal& rehearsal, const std::string& path);

}  // namespace gatepost::rehearse
